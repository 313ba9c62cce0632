r"""Two-layer quasi-geostrophic ocean with a surface-buoyancy mode, on a doubly periodic square.

Layer 1 is the upper one; x runs east, y north; :math:`F = 1/L_d^2`, :math:`\delta = H_1/H_2`:

.. math::

    q_1 &= \nabla^2\psi_1 + F_1(\psi_2 - \psi_1), \qquad F_1 = F/(1+\delta) \\
    q_2 &= \nabla^2\psi_2 + F_2(\psi_1 - \psi_2), \qquad F_2 = \delta F/(1+\delta) \\
    \partial_t q_i &= -\nabla\cdot(u_i q_i) - U_i\,\partial_x q_i - Q_{i,y} v_i - [i=2]\, r\nabla^2\psi_2
        - [k_x=0]\,(q_i - q_i^{eq})/\tau \\
    \partial_t s &= -\nabla\cdot(u_1 s) - U_1\,\partial_x s - [k_x\ne0]\, s/\tau_s
        - [k_x=0]\,(s - s^{eq})/\tau \\
    \hat\psi_s &= \hat s\, K/(K^2 + K_c^2) \\
    \mathrm{SSH} &= (f_0/g)\,(\psi_1 + \psi_s)

The mean shear :math:`U_1 = -U_2 = U_s/2` is zero in the twin (the jet there is a relaxation of the zonal
mean) and serves the textbook instability; :math:`Q_{1,y} = \beta + F_1 U_s`,
:math:`Q_{2,y} = \beta - F_2 U_s`. The surface mode s (buoyancy over N, m/s) is *passive*: layer 1 carries it,
and its own flow moves nothing. It adds the flat small-scale end of an ocean spectrum; it makes the run a
diagnostic truth, not a closed system.

The method (pseudo-spectral, third-order Adams-Bashforth, exponential filter, float32) is that of
`oceanbench.physics.periodic_plane`.

References
----------
Held et al. 1995, Surface quasi-geostrophic dynamics, J. Fluid Mech. 282, doi 10.1017/S0022112095000012.
"""

from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from oceanbench.physics.periodic_plane import SECONDS_PER_DAY, PeriodicPlane, adams_bashforth, padded
from oceanbench.physics.periodic_plane import State as State
from oceanbench.physics.random_signal import standard_normal


@dataclass(frozen=True)
class TwoLayerQG(PeriodicPlane):
    """Parameters of the model, in SI units unless the name says otherwise; the equations head this module.

    Parameters
    ----------
    points : int
        Grid points per side, even.
    side : float
        Length of the periodic square, m.
    deformation_radius : float
        Internal radius Ld, m.
    depth_ratio : float
        H1 / H2.
    drag_days : float
        Decay time 1/r of the lower layer's vorticity, days; ``inf`` for none.
    jet_speed, jet_width : float
        U0 (m/s) and w (m) of the equilibrium jet U0 sech²(y/w) in layer 1.
    relaxation_days : float
        Relaxation time of the zonal mean, days; ``inf`` for none.
    surface_amplitude : float
        As (m/s): s^eq jumps by 2 As across the jet (high in the south).
    surface_days : float
        Decay time of s away from its zonal mean, days.
    surface_cutoff : float
        Lc = 2 pi / Kc (m): the surface mode adds no height at larger scales.
    mean_shear : float
        Uniform U1 - U2, m/s.
    time_step : float
        Seconds; stable below about 0.25 dx / largest speed.
    """

    points: int = 256
    side: float = 2.048e6
    f0: float = 8.98e-5
    beta: float = 1.80e-11
    gravity: float = 9.81
    deformation_radius: float = 30e3
    depth_ratio: float = 0.25
    drag_days: float = 25.0
    jet_speed: float = 1.3
    jet_width: float = 65e3
    relaxation_days: float = 60.0
    surface_amplitude: float = 1.2
    surface_days: float = 30.0
    surface_cutoff: float = 200e3
    mean_shear: float = 0.0
    time_step: float = 900.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require_positive("deformation_radius")

    @property
    def coupling(self) -> tuple[float, float]:
        """F1 and F2, 1/m²."""
        total = self.deformation_radius**-2
        return total / (1 + self.depth_ratio), total * self.depth_ratio / (1 + self.depth_ratio)

    def _operators(self) -> dict[str, jax.Array]:
        """Give every diagonal operator of the equations as a float32 constant."""
        square = self.squared_wavenumber
        f1, f2 = self.coupling
        per_determinant = np.divide(
            1.0, square * (square + f1 + f2), out=np.zeros_like(square), where=square > 0
        )
        cutoff = (2 * np.pi / self.surface_cutoff) ** 2
        return self.operators(
            psi1_q1=-(square + f2) * per_determinant,
            psi1_q2=-f1 * per_determinant,
            psi2_q1=-f2 * per_determinant,
            psi2_q2=-(square + f1) * per_determinant,
            psi_s=np.sqrt(square) / (square + cutoff),
            drag=square / (self.drag_days * SECONDS_PER_DAY),
        )

    def _damping(self) -> jax.Array:
        """Rates (3, 1, n // 2 + 1), 1/s, at which q1, q2 and s return to their equilibrium."""
        rates = np.zeros((3, 1, self.points // 2 + 1))
        rates[2] = 1 / (self.surface_days * SECONDS_PER_DAY)
        rates[:, :, 0] = 1 / (self.relaxation_days * SECONDS_PER_DAY)
        return jnp.asarray(rates, jnp.float32)

    def equilibrium(self) -> jax.Array:
        """Spectrum (3, n, n // 2 + 1) of the jet's q1, q2 and s, to which the zonal mean relaxes."""
        ky = self.wavenumbers[1][:, 0]
        psi = self.jet_streamfunction(self.jet_width, self.jet_speed)
        front = self.jet_streamfunction(self.jet_width, self.surface_amplitude / self.jet_width)
        f1, f2 = self.coupling
        zonal = np.stack([-(ky**2 + f1) * psi, f2 * psi, front]) * self.points
        spectrum = np.zeros((3, self.points, self.points // 2 + 1), complex)
        spectrum[:, :, 0] = zonal
        return jnp.asarray(spectrum, jnp.complex64)


def streamfunctions(model: TwoLayerQG, spectrum: jax.Array) -> jax.Array:
    """Spectra (3, n, n // 2 + 1) of psi1, psi2 and psi_s, m²/s, from those of q1, q2 and s."""
    o = model._operators()
    q1, q2, s = spectrum
    return jnp.stack(
        [o["psi1_q1"] * q1 + o["psi1_q2"] * q2, o["psi2_q1"] * q1 + o["psi2_q2"] * q2, o["psi_s"] * s]
    )


def potential_vorticity(model: TwoLayerQG, psi: jax.Array) -> jax.Array:
    """Spectra (2, n, n // 2 + 1) of q1 and q2 from those of psi1 and psi2."""
    square = jnp.asarray(model.squared_wavenumber, jnp.float32)
    f1, f2 = model.coupling
    return jnp.stack([-square * psi[0] + f1 * (psi[1] - psi[0]), -square * psi[1] + f2 * (psi[0] - psi[1])])


def tendency(model: TwoLayerQG, spectrum: jax.Array) -> jax.Array:
    """Spectrum (3, n, n // 2 + 1) of d(q1, q2, s)/dt without the filter."""
    o = model._operators()
    psi = streamfunctions(model, spectrum)[:2]
    eastward, northward = -1j * o["north"] * psi, 1j * o["east"] * psi
    shape = (model.points, model.points)
    u1, u2, v1, v2, q1, q2, s = jnp.fft.irfft2(jnp.concatenate([eastward, northward, spectrum]), s=shape)
    fluxes = jnp.fft.rfft2(jnp.stack([u1 * q1, u2 * q2, u1 * s, v1 * q1, v2 * q2, v1 * s]))
    change = -1j * (o["east"] * fluxes[:3] + o["north"] * fluxes[3:])
    return change + _linear(model, o, spectrum, psi, northward)


def _linear(
    model: TwoLayerQG, o: dict[str, jax.Array], spectrum: jax.Array, psi: jax.Array, northward: jax.Array
) -> jax.Array:
    """Terms linear in the state: beta, mean shear, bottom drag and relaxation."""
    f1, f2 = model.coupling
    upper = -(model.beta + f1 * model.mean_shear) * northward[0]
    lower = -(model.beta - f2 * model.mean_shear) * northward[1] + o["drag"] * psi[1]
    change = jnp.stack([upper, lower, jnp.zeros_like(upper)])
    if model.mean_shear:
        half = jnp.asarray([0.5, -0.5, 0.5], jnp.float32)[:, None, None] * model.mean_shear
        change = change - half * 1j * o["east"] * spectrum
    return change - model._damping() * (spectrum - model.equilibrium())


def _step(model: TwoLayerQG, state: State) -> State:
    """One Adams-Bashforth 3 step and the filter."""
    now = tendency(model, state.spectrum)
    return adams_bashforth(state, now, time_step=model.time_step, keep=model._operators()["filter"])


@partial(jax.jit, static_argnames=("model", "steps"))
def advance(model: TwoLayerQG, state: State, *, steps: int) -> State:
    """State after a number of time steps (compiled once per model and number)."""
    return jax.lax.scan(lambda x, _: (_step(model, x), None), state, length=steps)[0]


def start_from(model: TwoLayerQG, spectrum: jax.Array) -> State:
    """State whose history is its own present tendency (the first step is then an Euler step)."""
    now = tendency(model, spectrum)
    return State(spectrum, now, now)


def initial_state(model: TwoLayerQG, *, seed: int) -> State:
    """The equilibrium jet with white noise of 1e-6 1/s in both layers, smoothed over 60 km."""
    noise = 1e-6 * standard_normal([seed, 0], (2, model.points, model.points))
    smooth = np.fft.rfft2(noise) * np.exp(-model.squared_wavenumber * 60e3**2)
    smooth[:, 0, 0] = 0
    disturbance = np.concatenate([smooth, np.zeros_like(smooth[:1])])
    return start_from(model, model.equilibrium() + jnp.asarray(disturbance, jnp.complex64))


def refine(model: TwoLayerQG, state: State, *, factor: int = 2) -> tuple[TwoLayerQG, State]:
    """The same fields on a grid ``factor`` times finer (zero padding), time step divided likewise."""
    if factor < 1:
        raise ValueError(f"factor is {factor}; give a whole number of at least 1")
    fine = replace(model, points=model.points * factor, time_step=model.time_step / factor)
    return fine, start_from(fine, padded(state.spectrum, fine.points))


@partial(jax.jit, static_argnames=("model",))
def sea_surface_height(model: TwoLayerQG, state: State) -> jax.Array:
    """SSH (n, n) in metres, rows south to north, columns west to east; its mean is zero."""
    psi1, _, psi_s = streamfunctions(model, state.spectrum)
    return jnp.fft.irfft2((model.f0 / model.gravity) * (psi1 + psi_s), s=(model.points, model.points))
