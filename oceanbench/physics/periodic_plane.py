r"""Doubly periodic square on which the quasi-geostrophic models run: its grid, its waves and its time step.

A field on n by n points is kept as ``rfft2`` gives it, so a spectrum has shape (n, n // 2 + 1): northward
wavenumbers :math:`k_y` along the rows, eastward :math:`k_x \ge 0` along the columns. x runs east, y north.

The models are pseudo-spectral, in float32. Time stepping is third-order Adams-Bashforth, N being the
tendency and :math:`\Delta t` the time step, and ends with a filter of the largest wavenumbers, which removes
aliased products and is the sink of enstrophy:

.. math::

    \hat q(t + \Delta t) &= f(K)\,\left\{\hat q + \tfrac{\Delta t}{12}
        \left[23 N(t) - 16 N(t - \Delta t) + 5 N(t - 2\Delta t)\right]\right\} \\
    f(K) &= \exp\{-23.6\,[\max(K\,\Delta x - 0.65\,\pi,\ 0)]^4\}, \qquad K^2 = k_x^2 + k_y^2

References
----------
Durran 1991, The third-order Adams-Bashforth method: an attractive alternative to leapfrog time differencing,
Mon. Weather Rev. 119, doi 10.1175/1520-0493(1991)119<0702:TTOABM>2.0.CO;2.
"""

from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

SECONDS_PER_DAY = 86400.0
FILTER_START = 0.65 * np.pi  # in units of wavenumber times grid step
FILTER_STRENGTH = 23.6


class State(NamedTuple):
    """Spectrum of what a model carries and its last two tendencies, complex64 of (..., n, n // 2 + 1)."""

    spectrum: jax.Array
    last: jax.Array
    before: jax.Array


class PeriodicPlane:
    """Grid and waves of a square; a model is a frozen dataclass that inherits it and has the three fields.

    It is no dataclass itself because its fields would then come first in every model, and the order in which
    a model writes its parameters to a file belongs to that model.

    Attributes
    ----------
    points : int
        Grid points per side, even.
    side : float
        Length of the square, m.
    time_step : float
        Seconds.

    Raises
    ------
    ValueError
        If points is odd or below 8, or the side or the time step is not positive.
    """

    points: int
    side: float
    time_step: float

    def __post_init__(self) -> None:
        if self.points < 8 or self.points % 2:
            raise ValueError(f"points is {self.points}; give an even number of at least 8")
        self.require_positive("side", "time_step")

    def require_positive(self, *names: str) -> None:
        """Refuse the named parameters with ValueError where they are not above zero."""
        for name in names:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be positive")

    @property
    def spacing(self) -> float:
        """Grid step, m."""
        return self.side / self.points

    @cached_property
    def y(self) -> NDArray[np.float64]:
        """Northward coordinate of the rows, m, zero at the axis of the jet (row n // 2)."""
        return np.asarray((np.arange(self.points) - self.points // 2) * self.spacing, np.float64)

    @cached_property
    def wavenumbers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Eastward and northward wavenumbers, rad/m, shapes (1, n // 2 + 1) and (n, 1)."""
        unit = 2 * np.pi / self.side
        east = unit * np.arange(self.points // 2 + 1)[None, :]
        north = unit * np.fft.fftfreq(self.points, 1 / self.points)[:, None]
        return np.asarray(east, np.float64), np.asarray(north, np.float64)

    @cached_property
    def squared_wavenumber(self) -> NDArray[np.float64]:
        """K², rad²/m², (n, n // 2 + 1); minus this is the Laplacian."""
        east, north = self.wavenumbers
        return np.asarray(east**2 + north**2, np.float64)

    def operators(self, **own: NDArray[np.float64]) -> dict[str, jax.Array]:
        """Wavenumbers ``east`` and ``north``, the ``filter`` and a model's own factors, all float32."""
        east, north = self.wavenumbers
        factors = {"east": east, "north": north, "filter": exponential_filter(self), **own}
        return {name: jnp.asarray(values, jnp.float32) for name, values in factors.items()}

    def relaxation_rates(self, *, eddy_days: float, zonal_days: float) -> NDArray[np.float64]:
        """Rates (n, n // 2 + 1), 1/s, of which the zonal mean (first column) has its own; ``inf`` gives 0."""
        rates = np.full_like(self.squared_wavenumber, 1 / (eddy_days * SECONDS_PER_DAY))
        rates[:, 0] = 1 / (zonal_days * SECONDS_PER_DAY)
        return rates

    def jet_streamfunction(self, width: float, speed: float | NDArray[np.float64]) -> NDArray[np.complex128]:
        r"""Spectrum (n,) over y of the streamfunction of a jet less its mean.

        .. math:: -\partial_y\psi = U\,(\mathrm{sech}^2(y/w) - \mathrm{mean})

        Parameters
        ----------
        width : float
            w, m.
        speed : float or array (n,)
            U; eastward in m/s for a streamfunction in m²/s. An array multiplies wavenumber by wavenumber.
        """
        shape = 1 / np.cosh(self.y / width) ** 2
        shape -= shape.mean()
        ky = self.wavenumbers[1][:, 0]
        integral = np.divide(-1.0, 1j * ky, out=np.zeros_like(ky, dtype=complex), where=ky != 0)
        return np.asarray(speed * np.fft.fft(shape) * integral, np.complex128)


def exponential_filter(plane: PeriodicPlane) -> NDArray[np.float64]:
    """Factor f (n, n // 2 + 1) of each wave after a step; the head of this module has the equation."""
    scaled = np.sqrt(plane.squared_wavenumber) * plane.spacing
    return np.asarray(np.exp(-FILTER_STRENGTH * np.maximum(scaled - FILTER_START, 0) ** 4), np.float64)


def adams_bashforth(state: State, tendency: jax.Array, *, time_step: float, keep: jax.Array) -> State:
    """State one step after one of this tendency; ``keep`` is the filter. The head has the equation."""
    change = (23 * tendency - 16 * state.last + 5 * state.before) * (time_step / 12)
    return State(keep * (state.spectrum + change), tendency, state.last)


def padded(spectrum: jax.Array, points: int) -> jax.Array:
    """Spectrum (..., p, p // 2 + 1) of the same field on ``points`` = p >= n points a side.

    Waves of two grid steps are dropped: on the finer grid their sign would be open.

    Raises
    ------
    ValueError
        If the other grid is coarser.
    """
    own = spectrum.shape[-2]
    if points < own:
        raise ValueError(f"points is {points}; give at least the {own} of the field")
    half = own // 2
    kept = spectrum * (points / own) ** 2
    fine = jnp.zeros((*spectrum.shape[:-2], points, points // 2 + 1), spectrum.dtype)
    fine = fine.at[..., :half, :half].set(kept[..., :half, :half])
    return fine.at[..., 1 - half :, :half].set(kept[..., 1 - half :, :half])
