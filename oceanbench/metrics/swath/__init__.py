"""Scores of filtered swaths against the truth on the same swaths: sums pass by pass, numbers at the end."""

from oceanbench.metrics.swath._derivatives import SwathDerivatives, swath_derivatives
from oceanbench.metrics.swath._error_maps import ErrorMaps
from oceanbench.metrics.swath._fields import HALO_LINES, QUANTITIES, REGIMES, PassFields
from oceanbench.metrics.swath._pass_statistics import PassStatistics, pass_statistics
from oceanbench.metrics.swath._swath_statistics import SwathStatistics
from oceanbench.metrics.swath._wavelengths import wavelength_of_ratio, wavelength_snr1_official

__all__ = [
    "HALO_LINES",
    "QUANTITIES",
    "REGIMES",
    "ErrorMaps",
    "PassFields",
    "PassStatistics",
    "SwathDerivatives",
    "SwathStatistics",
    "pass_statistics",
    "swath_derivatives",
    "wavelength_of_ratio",
    "wavelength_snr1_official",
]
