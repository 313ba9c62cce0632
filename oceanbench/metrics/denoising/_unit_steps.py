"""Derivatives in steps of one pixel, as the spectra and histograms of challenge 2024b take them."""

import numpy as np
import numpy.typing as npt

__all__ = ["squared_gradient", "unit_laplacian"]

FloatArray = npt.NDArray[np.float64]


def squared_gradient(heights: FloatArray) -> FloatArray:
    """Squared modulus of the forward differences, (m/pixel)², shape (lines, pixels).

    Beyond the last line and the last pixel the difference is zero.
    """
    along, across = _forward(heights)
    return along**2 + across**2


def unit_laplacian(heights: FloatArray) -> FloatArray:
    """Divergence of the forward differences, m/pixel², shape (lines, pixels).

    It is the negative adjoint of the forward difference, so that no slope leaves the array.

    References
    ----------
    Chambolle (2004), An algorithm for total variation minimization and applications,
    doi:10.1023/B:JMIV.0000011325.36760.1e, section 2.
    """
    along, across = _forward(heights)
    return np.diff(along, axis=0, prepend=0.0) + np.diff(across, axis=1, prepend=0.0)


def _forward(heights: FloatArray) -> tuple[FloatArray, FloatArray]:
    along = np.pad(np.diff(heights, axis=0), [(0, 1), (0, 0)])
    across = np.pad(np.diff(heights, axis=1), [(0, 0), (0, 1)])
    return along, across
