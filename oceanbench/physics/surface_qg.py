r"""Surface quasi-geostrophic ocean carried by its own flow and by that of the interior, doubly periodic.

The state is s, buoyancy at the surface over the buoyancy frequency N (m/s); x runs east, y north;
:math:`\psi_i` is the streamfunction of the interior, given from outside:

.. math::

    \hat\psi_s &= \hat s\, K/(K^2 + K_c^2), \qquad K_c = 2\pi/L_c \\
    \partial_t s &= -\nabla\cdot(\mathbf{u} s) + G\,v - [k_x\ne0]\, s/\tau_s
        - [k_x=0]\,(s - s^{eq})/\tau, \qquad \mathbf{u} = \mathbf{k}\times\nabla(\psi_i + \psi_s) \\
    s^{eq}_y &= -(A_s/w)\,(\mathrm{sech}^2(y/w) - \mathrm{mean}) \\
    \mathrm{SSH} &= (f_0/g)\,(\psi_i + \psi_s)

G is a mean gradient, warm in the south, that feeds small scales everywhere; the front :math:`s^{eq}` feeds
them where a jet lies. Below the scales of the interior the spectrum of heights has a slope of -11/3 to -4,
as observed. The cut :math:`L_c` keeps the front from adding a mean jet. The interior does not feel s.

The method is that of `oceanbench.physics.two_layer_qg`: pseudo-spectral, Adams-Bashforth of third order, an
exponential filter of the largest wavenumbers, float32. On a grid of step dx it resolves waves down to
2 dx/0.65.

References
----------
Held et al. 1995, Surface quasi-geostrophic dynamics, J. Fluid Mech. 282, doi 10.1017/S0022112095000012.
Tulloch and Smith 2009, Quasigeostrophic turbulence with explicit surface dynamics, J. Atmos. Sci. 66, doi
10.1175/2008JAS2653.1.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.two_layer_qg import FILTER_START, FILTER_STRENGTH, SECONDS_PER_DAY


class State(NamedTuple):
    """Spectrum of s and its last two tendencies; each is complex64 of (n, n // 2 + 1)."""

    spectrum: jax.Array
    last: jax.Array
    before: jax.Array


@dataclass(frozen=True)
class SurfaceQG:
    """Parameters of the model, in SI units unless the name says otherwise; the equations head this module.

    Parameters
    ----------
    points : int
        Grid points per side, even.
    side : float
        Length of the periodic square, m.
    f0, gravity : float
        Coriolis parameter (1/s) and gravity (m/s²), for heights.
    mean_gradient : float
        G, 1/s.
    front_amplitude, front_width : float
        As (m/s) and w (m): s^eq falls by 2 As from south to north of the front at y = 0.
    relaxation_days : float
        Relaxation time of the zonal mean, days; ``inf`` for none.
    surface_days : float
        Decay time of s away from its zonal mean, days; ``inf`` for none.
    surface_cutoff : float
        Lc (m): the surface flow has little at larger scales; ``inf`` for no cut.
    time_step : float
        Seconds; stable below about 0.25 dx / largest speed.

    Raises
    ------
    ValueError
        If points is odd or too small, or a length or the time step is not positive.
    """

    points: int = 1280
    side: float = 1.536e6
    f0: float = 8.98e-5
    gravity: float = 9.81
    mean_gradient: float = 1.5e-6
    front_amplitude: float = 0.6
    front_width: float = 65e3
    relaxation_days: float = 60.0
    surface_days: float = 30.0
    surface_cutoff: float = 200e3
    time_step: float = 120.0

    def __post_init__(self) -> None:
        if self.points < 8 or self.points % 2:
            raise ValueError(f"points is {self.points}; give an even number of at least 8")
        if min(self.time_step, self.side, self.front_width, self.surface_cutoff) <= 0:
            raise ValueError("time_step, side, front_width and surface_cutoff must be positive")

    @property
    def spacing(self) -> float:
        """Grid step, m."""
        return self.side / self.points

    @cached_property
    def wavenumbers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Eastward and northward wavenumbers, rad/m, shapes (1, n // 2 + 1) and (n, 1)."""
        unit = 2 * np.pi / self.side
        east = unit * np.arange(self.points // 2 + 1)[None, :]
        north = unit * np.fft.fftfreq(self.points, 1 / self.points)[:, None]
        return np.asarray(east, np.float64), np.asarray(north, np.float64)

    def _operators(self) -> dict[str, jax.Array]:
        """Give every diagonal operator of the equations as a float32 constant."""
        east, north = self.wavenumbers
        square = east**2 + north**2
        cutoff = (2 * np.pi / self.surface_cutoff) ** 2
        inversion = np.divide(np.sqrt(square), square + cutoff, out=np.zeros_like(square), where=square > 0)
        damping = np.full_like(square, 1 / (self.surface_days * SECONDS_PER_DAY))
        damping[:, 0] = 1 / (self.relaxation_days * SECONDS_PER_DAY)
        excess = np.maximum(np.sqrt(square) * self.spacing - FILTER_START, 0)
        operators = {
            "east": east,
            "north": north,
            "inversion": inversion,
            "damping": damping,
            "filter": np.exp(-FILTER_STRENGTH * excess**4),
        }
        return {name: jnp.asarray(values, jnp.float32) for name, values in operators.items()}

    def equilibrium(self) -> jax.Array:
        """Spectrum (n, n // 2 + 1) of the front to which the zonal mean of s relaxes."""
        y = (np.arange(self.points) - self.points // 2) * self.spacing
        shape = 1 / np.cosh(y / self.front_width) ** 2
        ky = self.wavenumbers[1][:, 0]
        along = np.divide(-1.0, 1j * ky, out=np.zeros_like(ky, dtype=complex), where=ky != 0)
        spectrum = np.zeros((self.points, self.points // 2 + 1), complex)
        amplitude = self.front_amplitude / self.front_width
        spectrum[:, 0] = amplitude * np.fft.fft(shape - shape.mean()) * along * self.points
        return jnp.asarray(spectrum, jnp.complex64)


def resampled(spectrum: jax.Array, points: int) -> jax.Array:
    """Spectrum (m, m // 2 + 1) of the same field on a grid of ``points`` >= m points a side.

    Raises
    ------
    ValueError
        If the other grid is coarser.
    """
    own = spectrum.shape[0]
    if points < own:
        raise ValueError(f"points is {points}; give at least the {own} of the field")
    if points == own:
        return spectrum
    half = own // 2
    kept = spectrum * (points / own) ** 2
    fine = jnp.zeros((points, points // 2 + 1), spectrum.dtype)
    return fine.at[:half, :half].set(kept[:half, :half]).at[1 - half :, :half].set(kept[1 - half :, :half])


def streamfunction(model: SurfaceQG, spectrum: jax.Array, interior: jax.Array) -> jax.Array:
    """Spectrum (n, n // 2 + 1) of the whole streamfunction, m²/s.

    Parameters
    ----------
    model, spectrum
        Model and spectrum of s.
    interior : array (m, m // 2 + 1), m <= n
        Spectrum of the interior's streamfunction on the same square.
    """
    return resampled(interior, model.points) + model._operators()["inversion"] * spectrum


def tendency(model: SurfaceQG, spectrum: jax.Array, interior: jax.Array) -> jax.Array:
    """Spectrum (n, n // 2 + 1) of ds/dt without the filter."""
    o = model._operators()
    psi = streamfunction(model, spectrum, interior)
    eastward, northward = -1j * o["north"] * psi, 1j * o["east"] * psi
    shape = (model.points, model.points)
    u, v, s = jnp.fft.irfft2(jnp.stack([eastward, northward, spectrum]), s=shape)
    along, across = jnp.fft.rfft2(jnp.stack([u * s, v * s]))
    change = model.mean_gradient * northward - 1j * (o["east"] * along + o["north"] * across)
    return change - o["damping"] * (spectrum - model.equilibrium())


def start_from(model: SurfaceQG, spectrum: jax.Array, interior: jax.Array) -> State:
    """State whose history is its own present tendency (the first step is then an Euler step)."""
    now = tendency(model, spectrum, interior)
    return State(spectrum, now, now)


def step(model: SurfaceQG, state: State, interior: jax.Array) -> State:
    """One Adams-Bashforth 3 step and the filter, over the interior as it stands."""
    now = tendency(model, state.spectrum, interior)
    change = (23 * now - 16 * state.last + 5 * state.before) * (model.time_step / 12)
    return State(model._operators()["filter"] * (state.spectrum + change), now, state.last)


def refine(
    model: SurfaceQG, state: State, interior: jax.Array, *, points: int, time_step: float
) -> tuple[SurfaceQG, State]:
    """The same field on a grid of more points (zero padding) and with another time step."""
    fine = replace(model, points=points, time_step=time_step)
    return fine, start_from(fine, resampled(state.spectrum, points), interior)


def sea_surface_height(model: SurfaceQG, state: State, interior: jax.Array) -> jax.Array:
    """SSH (n, n) in metres, rows south to north, columns west to east; its mean is zero."""
    psi = streamfunction(model, state.spectrum, interior)
    return jnp.fft.irfft2((model.f0 / model.gravity) * psi, s=(model.points, model.points))
