r"""Prior of a field that vanishes on the rim of a lattice: independent sine modes with a spectrum.

The covariance is that of optimal interpolation with Arhan and Colin de Verdière's function,

.. math::

    C(r) = \sigma^2 (1 + a + a^2/6 - a^3/6)\,e^{-a}, \quad a = 3.34\,r/L; \qquad
    \hat C(k) \propto \kappa^2 / (1 + \kappa^2)^{9/2}, \quad \kappa = k L / 3.34

Plane waves are the eigenvectors of every homogeneous covariance; on a rectangle whose rim is given, those are
the sine modes, and one number for each is the whole covariance. Nothing is counted twice: there are some
hundred modes where localised packets, which overlap, are thousands.

References
----------
Arhan and Colin de Verdière 1985, J. Phys. Oceanogr. 15, 153-170,
doi 10.1175/1520-0485(1985)015<0153:DOEMIT>2.0.CO;2.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.duacs._arhan import PER_ZERO
from oceanbench_baselines.mapping._observed import Floats

__all__ = ["SinePrior"]


@dataclass(frozen=True)
class SinePrior:
    """Fields (rows, columns) in metres as standard normal coefficients.

    Parameters
    ----------
    rows, columns : int
        Points of the lattice, rim included.
    spacing_km : float
    std : float
        Standard deviation in metres, away from the rim; within about L/2 of it, it falls to zero. Waves left
        out are missing from it.
    length_km : float
        L, the first zero crossing of the correlation.
    shortest_km : float
        Shorter waves are left out; at least two grid steps.
    """

    rows: int
    columns: int
    spacing_km: float
    std: float
    length_km: float
    shortest_km: float

    @cached_property
    def amplitudes(self) -> Floats:
        """Standard deviation (rows - 2, columns - 2) of each mode of the orthonormal transform, m."""
        south, west = (np.pi * np.arange(1, n - 1) / ((n - 1) * self.spacing_km) for n in self._shape)
        wavenumber = np.hypot(south[:, None], west[None, :])
        scaled = (wavenumber * self.length_km / PER_ZERO) ** 2
        variance = scaled / (1 + scaled) ** 4.5
        kept = wavenumber <= 2 * np.pi / max(self.shortest_km, 2 * self.spacing_km)
        level = (PER_ZERO * self.spacing_km / self.length_km) ** 2 / (35 * np.pi)  # the plane's integral
        return np.asarray(np.where(kept, self.std * np.sqrt(variance / level), 0.0))

    @property
    def _shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @cached_property
    def _kept(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.amplitudes.ravel())

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return int(self._kept.size)

    def field(self, coefficients: Floats) -> Floats:
        """Field (rows, columns) of coefficients (size,)."""
        modes = np.zeros(self.amplitudes.size)
        modes[self._kept] = coefficients
        return np.pad(_transformed(self.amplitudes * modes.reshape(self.amplitudes.shape)), 1)

    def adjoint(self, field: Floats) -> Floats:
        """Coefficients (size,): the transpose of `field`."""
        return np.asarray((self.amplitudes * _transformed(field[1:-1, 1:-1])).ravel()[self._kept])


def _transformed(values: Floats) -> Floats:
    """Give the orthonormal sine transform of both axes, which is its own inverse."""
    from scipy.fft import dstn

    return np.asarray(dstn(values, type=1, norm="ortho"))
