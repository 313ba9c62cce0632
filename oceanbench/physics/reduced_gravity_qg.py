r"""Quasi-geostrophic ocean of one active layer over a deep one at rest (1.5 layers), doubly periodic.

x runs east, y north; h is the sea surface height, :math:`\psi = g h / f_0`:

.. math::

    q &= \frac{g}{f_0}\left(\nabla^2 h - h/L_d^2\right) = \nabla^2\psi - \psi/L_d^2 \\
    \partial_t q &= -\nabla\cdot(u q) - \beta v - [k_x\ne0]\,q/\tau_e - [k_x=0]\,(q - q^{eq})/\tau + F,
    \qquad u = -\partial_y\psi,\; v = \partial_x\psi

:math:`q^{eq}` is the potential vorticity of an eastward jet :math:`U_0\,\mathrm{sech}^2(y/w)` less its
mean; only the zonal mean relaxes to it, so that the jet is supplied and its meanders are free but for their
slow decay. F stands for what one layer cannot do by itself, the growth of eddies out of the vertical shear;
who runs the model gives it. Without decay, relaxation and F, energy and enstrophy are conserved up to the
filter:

.. math:: E = \tfrac12 \langle|\nabla\psi|^2 + \psi^2/L_d^2\rangle, \qquad Z = \tfrac12 \langle q^2\rangle

The method (pseudo-spectral, third-order Adams-Bashforth, exponential filter, float32) is that of
`oceanbench.physics.periodic_plane`.

References
----------
Ubelmann, Klein and Fu 2015, Dynamic interpolation of sea surface height and potential applications for
future high-resolution altimetry mapping, J. Atmos. Oceanic Technol. 32, doi 10.1175/JTECH-D-14-00160.1.
"""

from dataclasses import dataclass, replace
from functools import cached_property, partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.periodic_plane import PeriodicPlane, adams_bashforth, padded
from oceanbench.physics.periodic_plane import State as State


@dataclass(frozen=True)
class ReducedGravityQG(PeriodicPlane):
    """Parameters of the model, in SI units unless the name says otherwise; the equations head this module.

    Parameters
    ----------
    points : int
        Grid points per side, even.
    side : float
        Length of the periodic square, m.
    deformation_radius : float
        Ld, m; the first baroclinic wave speed is f0 Ld.
    eddy_days : float
        Decay time tau_e of q away from its zonal mean, days; ``inf`` for none.
    jet_speed, jet_width : float
        U0 (m/s) and w (m) of the equilibrium jet.
    relaxation_days : float
        Relaxation time tau of the zonal mean, days; ``inf`` for none.
    time_step : float
        Seconds; stable below about 0.25 dx / largest speed.
    """

    points: int = 256
    side: float = 2.048e6
    f0: float = 8.98e-5
    beta: float = 1.80e-11
    gravity: float = 9.81
    deformation_radius: float = 30e3
    eddy_days: float = 60.0
    jet_speed: float = 1.3
    jet_width: float = 65e3
    relaxation_days: float = 60.0
    time_step: float = 900.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require_positive("deformation_radius")

    @cached_property
    def stretching(self) -> NDArray[np.float64]:
        """K² + 1/Ld², 1/m², (n, n // 2 + 1): the spectrum of q is minus this times that of psi."""
        return np.asarray(self.squared_wavenumber + self.deformation_radius**-2, np.float64)

    def equilibrium(self) -> jax.Array:
        """Spectrum (n, n // 2 + 1) of the jet's q, to which the zonal mean relaxes."""
        zonal = self.jet_streamfunction(self.jet_width, -self.stretching[:, 0] * self.jet_speed)
        spectrum = np.zeros((self.points, self.points // 2 + 1), complex)
        spectrum[:, 0] = zonal * self.points
        return jnp.asarray(spectrum, jnp.complex64)

    def _operators(self) -> dict[str, jax.Array]:
        """Give every diagonal operator of the equations as a float32 constant."""
        rates = self.relaxation_rates(eddy_days=self.eddy_days, zonal_days=self.relaxation_days)
        return self.operators(psi_q=-1 / self.stretching, relaxation=rates)


def streamfunction(model: ReducedGravityQG, spectrum: jax.Array) -> jax.Array:
    """Spectrum (n, n // 2 + 1) of psi, m²/s, from that of q."""
    return model._operators()["psi_q"] * spectrum


def potential_vorticity(model: ReducedGravityQG, psi: jax.Array) -> jax.Array:
    """Spectrum (n, n // 2 + 1) of q, 1/s, from that of psi."""
    return -jnp.asarray(model.stretching, jnp.float32) * psi


def tendency(model: ReducedGravityQG, spectrum: jax.Array, forcing: jax.Array) -> jax.Array:
    """Spectrum (n, n // 2 + 1) of dq/dt without the filter; ``forcing`` is the spectrum of F, 1/s²."""
    o = model._operators()
    psi = o["psi_q"] * spectrum
    eastward, northward = -1j * o["north"] * psi, 1j * o["east"] * psi
    shape = (model.points, model.points)
    u, v, q = jnp.fft.irfft2(jnp.stack([eastward, northward, spectrum]), s=shape)
    along_x, along_y = jnp.fft.rfft2(jnp.stack([u * q, v * q]))
    advection = -1j * (o["east"] * along_x + o["north"] * along_y)
    relaxation = -o["relaxation"] * (spectrum - model.equilibrium())
    return advection - model.beta * northward + relaxation + forcing


def _step(model: ReducedGravityQG, state: State, forcing: jax.Array) -> State:
    """One Adams-Bashforth 3 step and the filter."""
    now = tendency(model, state.spectrum, forcing)
    return adams_bashforth(state, now, time_step=model.time_step, keep=model._operators()["filter"])


@partial(jax.jit, static_argnames=("model", "steps"))
def advance(model: ReducedGravityQG, state: State, forcing: jax.Array, *, steps: int) -> State:
    """State after a number of time steps under a constant forcing (compiled once per model and number)."""
    return jax.lax.scan(lambda x, _: (_step(model, x, forcing), None), state, length=steps)[0]


def start_from(model: ReducedGravityQG, spectrum: jax.Array) -> State:
    """State whose history is its own unforced tendency (the first step is then an Euler step)."""
    now = tendency(model, spectrum, jnp.zeros_like(spectrum))
    return State(spectrum, now, now)


def refine(model: ReducedGravityQG, state: State, *, factor: int = 2) -> tuple[ReducedGravityQG, State]:
    """The same field on a grid ``factor`` times finer (zero padding), time step divided likewise.

    Raises
    ------
    ValueError
        If the factor is below 1.
    """
    if factor < 1:
        raise ValueError(f"factor is {factor}; give a whole number of at least 1")
    fine = replace(model, points=model.points * factor, time_step=model.time_step / factor)
    return fine, start_from(fine, padded(state.spectrum, fine.points))


@partial(jax.jit, static_argnames=("model",))
def sea_surface_height(model: ReducedGravityQG, state: State) -> jax.Array:
    """SSH (n, n) in metres, rows south to north, columns west to east; its mean is zero if that of q is."""
    psi = streamfunction(model, state.spectrum)
    return jnp.fft.irfft2((model.f0 / model.gravity) * psi, s=(model.points, model.points))


def energy_and_enstrophy(model: ReducedGravityQG, spectrum: jax.Array) -> tuple[float, float]:
    """Mean energy E (m²/s²) and enstrophy Z (1/s²) per unit area; see the head of this module."""
    q = np.asarray(spectrum, np.complex128)
    weight = np.full(q.shape, 2.0)  # a column stands for its mirror image too, except the first and the last
    weight[:, 0] = weight[:, -1] = 1.0
    power = weight * np.abs(q) ** 2 / model.points**4
    return float((power / model.stretching).sum() / 2), float(power.sum() / 2)
