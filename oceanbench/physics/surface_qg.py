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

The method (pseudo-spectral, third-order Adams-Bashforth, exponential filter, float32) is that of
`oceanbench.physics.periodic_plane`. On a grid of step dx it resolves waves down to 2 dx/0.65.

References
----------
Held et al. 1995, Surface quasi-geostrophic dynamics, J. Fluid Mech. 282, doi 10.1017/S0022112095000012.
Tulloch and Smith 2009, Quasigeostrophic turbulence with explicit surface dynamics, J. Atmos. Sci. 66, doi
10.1175/2008JAS2653.1.
"""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np

from oceanbench.physics.periodic_plane import PeriodicPlane, adams_bashforth, padded
from oceanbench.physics.periodic_plane import State as State


@dataclass(frozen=True)
class SurfaceQG(PeriodicPlane):
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
        super().__post_init__()
        self.require_positive("front_width", "surface_cutoff")

    def _operators(self) -> dict[str, jax.Array]:
        """Give every diagonal operator of the equations as a float32 constant."""
        square = self.squared_wavenumber
        cutoff = (2 * np.pi / self.surface_cutoff) ** 2
        inversion = np.divide(np.sqrt(square), square + cutoff, out=np.zeros_like(square), where=square > 0)
        rates = self.relaxation_rates(eddy_days=self.surface_days, zonal_days=self.relaxation_days)
        return self.operators(inversion=inversion, damping=rates)

    def equilibrium(self) -> jax.Array:
        """Spectrum (n, n // 2 + 1) of the front to which the zonal mean of s relaxes."""
        slope = self.front_amplitude / self.front_width
        spectrum = np.zeros((self.points, self.points // 2 + 1), complex)
        spectrum[:, 0] = self.jet_streamfunction(self.front_width, slope) * self.points
        return jnp.asarray(spectrum, jnp.complex64)


def resampled(spectrum: jax.Array, points: int) -> jax.Array:
    """Spectrum (m, m // 2 + 1) of the same field on a grid of ``points`` >= m points a side.

    Raises
    ------
    ValueError
        If the other grid is coarser.
    """
    return spectrum if points == spectrum.shape[0] else padded(spectrum, points)


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
    return adams_bashforth(state, now, time_step=model.time_step, keep=model._operators()["filter"])


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
