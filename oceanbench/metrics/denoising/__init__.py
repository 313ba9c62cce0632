"""Scores of filtered swaths that have no truth: roughness, likeness of consecutive cycles, spectra."""

from oceanbench.metrics.denoising._currents import SwathCurrents, surface_currents
from oceanbench.metrics.denoising._discontinuities import (
    RoughPixels,
    official_discontinuities,
    rough_pixels,
)
from oceanbench.metrics.denoising._histograms import Histograms, histograms
from oceanbench.metrics.denoising._matching import matching_lines
from oceanbench.metrics.denoising._repeated_passes import (
    QUANTITIES,
    ROBUST_UNITS,
    PassHeights,
    repeated_pass_scores,
    swath_quantities,
)
from oceanbench.metrics.denoising._similarity import global_similarity, windowed_similarity
from oceanbench.metrics.denoising._spectra import RunSpectrum, contiguous_runs, run_spectrum
from oceanbench.metrics.denoising._stencils import differentiate
from oceanbench.metrics.denoising._unit_steps import squared_gradient, unit_laplacian

__all__ = [
    "QUANTITIES",
    "ROBUST_UNITS",
    "Histograms",
    "PassHeights",
    "RoughPixels",
    "RunSpectrum",
    "SwathCurrents",
    "contiguous_runs",
    "differentiate",
    "global_similarity",
    "histograms",
    "matching_lines",
    "official_discontinuities",
    "repeated_pass_scores",
    "rough_pixels",
    "run_spectrum",
    "squared_gradient",
    "surface_currents",
    "swath_quantities",
    "unit_laplacian",
    "windowed_similarity",
]
