"""Multiscale inversion of nadirs and swaths on a reduced basis of wave packets (MIOST)."""

from oceanbench_baselines.miost._band_variances import fit_band_variances, fit_band_variances_along_track
from oceanbench_baselines.miost._lifetimes import Lifetimes, fit_lifetimes
from oceanbench_baselines.miost._method import Miost

__all__ = ["Lifetimes", "Miost", "fit_band_variances", "fit_band_variances_along_track", "fit_lifetimes"]
