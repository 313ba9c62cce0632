"""Correlated errors of altimeters as further unknowns: shapes across the track times functions along it.

Along the track each shape is multiplied by a chain of Gaussians exp(-2 (s / L)²), L/2 apart. Their squares
sum to sqrt(pi), by which the prior variance is divided: the error then has the given standard deviation.

References
----------
Gaultier, L., C. Ubelmann and L.-L. Fu (2016), J. Atmos. Oceanic Technol. 33, 119,
doi:10.1175/JTECH-D-15-0160.1: the errors of SWOT and their shapes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ErrorElements", "along_track_chain", "nadir_error", "swath_error"]

type Floats = NDArray[np.floating[Any]]

EDGE_KM: Final = 60.0
_REACH = 2.0  # in units of L: the Gaussian is 3e-4 there
_PER_LENGTH = 2  # Gaussians per L
_SUM_OF_SQUARES = float(np.sqrt(np.pi))


@dataclass(frozen=True)
class ErrorElements:
    """Elements of one correlated error, as a linear operator on coefficients of unit prior variance.

    Attributes
    ----------
    matrix : sparse array, (n, size), metres
    """

    matrix: Any

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return int(self.matrix.shape[1])

    def forward(self, coefficients: Floats) -> Floats:
        """Error at the observations, (n,), metres."""
        return np.asarray(self.matrix @ coefficients)

    def adjoint(self, values: Floats) -> Floats:
        """Transpose of `forward`."""
        return np.asarray(self.matrix.T @ values)


def swath_error(
    passes: NDArray[np.int64],
    along_km: Floats,
    across_km: Floats,
    swath: NDArray[np.bool_],
    *,
    stds: Mapping[str, float],
    length_km: float,
) -> ErrorElements:
    """Errors of a wide swath: timing, roll with phase, baseline dilation.

    Parameters
    ----------
    passes : array of int, (n,)
        Errors of two passes are independent.
    along_km : array, (n,)
        Place along the pass.
    across_km : array, (n,)
        Signed distance from nadir.
    swath : array of bool, (n,)
        Other observations have no such error.
    stds : mapping
        Standard deviations in metres: ``timing`` (a constant on each side), ``slope`` (roll and phase, which
        cannot be told apart: a slope on each side) and ``bend`` (the square of the distance), the last two at
        60 km. One that is 0 gives no element.
    length_km : float
        L along the track.
    """
    edge = np.where(swath, across_km / EDGE_KM, 0.0)
    left, right = swath & (across_km < 0), swath & (across_km >= 0)
    shapes = [
        stds["timing"] * left,
        stds["timing"] * right,
        stds["slope"] * np.where(left, edge, 0.0),
        stds["slope"] * np.where(right, edge, 0.0),
        stds["bend"] * edge**2,
    ]
    return _elements(passes, along_km, [shape for shape in shapes if shape.any()], swath, length_km)


def nadir_error(
    passes: NDArray[np.int64], along_km: Floats, nadir: NDArray[np.bool_], *, std: float, length_km: float
) -> ErrorElements:
    """Long-wavelength error of nadir altimeters (orbit, waves, troposphere), independent between passes.

    Parameters
    ----------
    passes, along_km
        As for `swath_error`.
    nadir : array of bool, (n,)
        Which observations have it.
    std : float
        Standard deviation, metres.
    length_km : float
        L along the track; a thousand kilometres and more make it one constant per pass of a regional box.
    """
    return _elements(passes, along_km, [std * nadir] if std else [], nadir, length_km)


def _elements(
    passes: NDArray[np.int64],
    along_km: Floats,
    shapes: list[Floats],
    seen: NDArray[np.bool_],
    length_km: float,
) -> ErrorElements:
    from scipy.sparse import csr_array, hstack

    if not shapes or not seen.any():
        return ErrorElements(csr_array((passes.size, 0)))
    chain = along_track_chain(passes, along_km, seen, length_km)
    return ErrorElements(csr_array(hstack([chain * shape[:, None] for shape in shapes])))


def along_track_chain(
    passes: NDArray[np.int64], along_km: Floats, seen: NDArray[np.bool_], length_km: float
) -> Any:
    """Sparse (n, elements) matrix of the Gaussians of all passes; the squares of a row sum to 1.

    The last Gaussian stands where the pass ends or up to 2 L beyond it, so that its ends are as free as its
    middle.
    """
    from scipy.sparse import csr_array

    rows = np.flatnonzero(seen)
    ids, which = np.unique(passes[rows], return_inverse=True)
    begin = np.full(ids.size, np.inf)
    np.minimum.at(begin, which, along_km[rows])
    step, reach = length_km / _PER_LENGTH, int(_REACH * _PER_LENGTH)
    place = (along_km[rows] - begin[which]) / step
    nearest = np.floor(place).astype(np.int64)
    index = nearest[:, None] + np.arange(1 - reach, reach + 1)
    values = np.exp(-2.0 * ((place[:, None] - index) / _PER_LENGTH) ** 2) / np.sqrt(_SUM_OF_SQUARES)
    keys = which[:, None] * (int(nearest.max()) + 4 * reach) + index + reach
    used, column = np.unique(keys, return_inverse=True)
    row = np.repeat(rows, index.shape[1])
    return csr_array((values.ravel(), (row, column.ravel())), shape=(passes.size, used.size))
