r"""Quasi-geostrophic ocean of 1.5 layers in a region with open boundaries, forward or backward in time.

h is the sea surface height (mean included), x runs east, y north, :math:`\psi = g h / f_0`:

.. math::

    q &= \frac{g}{f_0}\left(\nabla^2 h - h/L_d^2\right), \qquad L_d = c / f_0 \\
    \partial_t q &= -u\,\partial_x q - v\,\partial_y q - \beta v
        - s\, W\,(q - q_b), \qquad u = -\partial_y\psi,\; v = \partial_x\psi

One height field is the whole state: it is propagated, not forced. At the rim h is that of a given field
:math:`h_b(t)`, and within a band of it q is drawn towards :math:`q_b = q(h_b)` at the rate s W, W falling
from 1 at the rim to 0 (Gaspari and Cohn's function), so that waves leave and do not come back.

Backward in time the velocities, and with them the :math:`\beta` term, change sign; the band and the numerical
dissipation keep theirs, as both would else make noise grow.

Numerics: centred differences for the velocities; third-order upwind differences for the advection, whose
dissipation is the sink of enstrophy; midpoint (second-order Runge-Kutta) steps; the elliptic equation is
inverted exactly, by sine transforms as dense matrices, which for 40 to 80 points a side are faster than a
fast transform. All functions are pure, take their precision from the heights, and are differentiated by JAX.

References
----------
Ubelmann, Klein and Fu 2015, Dynamic interpolation of sea surface height and potential applications for
future high-resolution altimetry mapping, J. Atmos. Oceanic Technol. 32, doi 10.1175/JTECH-D-14-00152.1.
Gaspari and Cohn 1999, Construction of correlation functions in two and three dimensions, Q. J. R. Meteorol.
Soc. 125, doi 10.1002/qj.49712555417 (equation 4.10).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Linear = Callable[[jax.Array], jax.Array]

_FEWEST = 8  # points a side: two of the rim on each side, and something between them


@dataclass(frozen=True)
class OpenQG:
    """Parameters of the model, in SI units unless the name says otherwise; the equations head this module.

    Parameters
    ----------
    rows, columns : int
        Points from south to north and from west to east, rim included; at least 8.
    spacing : float
        Grid step in both directions, m.
    f0, beta : float
        Coriolis parameter, 1/s (negative in the south), and its derivative to the north, 1/(m s).
    gravity : float
        m/s².
    wave_speed : float
        c, of long gravity waves of the first baroclinic mode, m/s; the deformation radius is c/|f0|.
    time_step : float
        Seconds; stable below about 0.8 spacing / (|u| + |v|).
    band : float
        Width of the band along the rim, m; 0 for none.
    band_seconds : float
        1/s, the time in which q meets that of the given field at the rim, seconds.

    Raises
    ------
    ValueError
        If a side has fewer than 8 points, f0 is zero, the band is negative or another length, time or speed
        is not positive.
    """

    rows: int
    columns: int
    spacing: float = 20e3
    f0: float = 8.98e-5
    beta: float = 1.80e-11
    gravity: float = 9.81
    wave_speed: float = 2.7
    time_step: float = 3600.0
    band: float = 80e3
    band_seconds: float = 21600.0

    def __post_init__(self) -> None:
        """Refuse what defines no model."""
        for name in ("rows", "columns"):
            if getattr(self, name) < _FEWEST:
                raise ValueError(
                    f"{name} is {getattr(self, name)}; the model takes at least {_FEWEST} points"
                )
        for name in ("spacing", "gravity", "wave_speed", "time_step", "band_seconds"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be positive")
        if self.f0 == 0 or self.band < 0:
            raise ValueError(f"f0 is {self.f0}, band {self.band}; f0 must not be 0, the band not negative")

    @property
    def deformation_radius(self) -> float:
        """Ld, m."""
        return self.wave_speed / abs(self.f0)

    @cached_property
    def sines(self) -> tuple[Floats, Floats]:
        """Sine transforms between the inner points and their modes, each its own inverse: rows, columns."""
        return _sines(self.rows - 2), _sines(self.columns - 2)

    @cached_property
    def inverse(self) -> Floats:
        """Height (m) per q (1/s) of each mode: f0/g over the eigenvalue of the five-point operator."""
        south, west = _second_difference(self.rows - 2), _second_difference(self.columns - 2)
        laplacian = (south[:, None] + west[None, :]) / self.spacing**2
        return np.asarray(self.f0 / self.gravity / (laplacian - self.deformation_radius**-2), np.float64)

    @cached_property
    def band_rates(self) -> Floats:
        """Rates s W at the inner points, 1/s."""
        y, x = np.arange(1, self.rows - 1)[:, None], np.arange(1, self.columns - 1)[None, :]
        steps = np.minimum(np.minimum(y, self.rows - 1 - y), np.minimum(x, self.columns - 1 - x))
        if self.band == 0:
            return np.zeros(steps.shape)
        return gaspari_cohn(steps * self.spacing / (self.band / 2)) / self.band_seconds


def _sines(points: int) -> Floats:
    index = np.arange(1, points + 1)
    return np.asarray(np.sqrt(2 / (points + 1)) * np.sin(np.pi * np.outer(index, index) / (points + 1)))


def _second_difference(points: int) -> Floats:
    return np.asarray(2 * np.cos(np.pi * np.arange(1, points + 1) / (points + 1)) - 2, np.float64)


def gaspari_cohn(ratio: Floats) -> Floats:
    """Fifth-order function of distance over half-width: 1 at 0, 0 from 2 on (their equation 4.10)."""
    r = np.abs(np.asarray(ratio, np.float64))
    near = (((-r / 4 + 0.5) * r + 0.625) * r - 5 / 3) * r**2 + 1
    safe = np.maximum(r, 1.0)
    far = ((((safe / 12 - 0.5) * safe + 0.625) * safe + 5 / 3) * safe - 5) * safe + 4 - 2 / (3 * safe)
    return np.asarray(np.where(r <= 1, near, np.where(r < 2, far, 0.0)), np.float64)


def potential_vorticity(model: OpenQG, height: jax.Array) -> jax.Array:
    """Quasi-geostrophic potential vorticity q (..., rows, columns), 1/s, of heights in metres.

    On the rim, where the five-point Laplacian would look outside, that of the next inner point is taken.
    """
    lead = [(0, 0)] * (height.ndim - 2)
    inner = (
        height[..., 2:, 1:-1] + height[..., :-2, 1:-1] + height[..., 1:-1, 2:] + height[..., 1:-1, :-2]
    ) - 4 * height[..., 1:-1, 1:-1]
    laplacian = jnp.pad(inner / model.spacing**2, [*lead, (1, 1), (1, 1)], mode="edge")
    return (model.gravity / model.f0) * (laplacian - height / model.deformation_radius**2)


def height_of(model: OpenQG, anomaly: jax.Array, boundary: jax.Array) -> jax.Array:
    """Height (rows, columns) that equals ``boundary`` on the rim and whose q differs from its by ``anomaly``.

    ``anomaly`` is that of the inner points, (rows - 2, columns - 2).
    """
    south, west = (jnp.asarray(matrix, boundary.dtype) for matrix in model.sines)
    modes = (south @ anomaly @ west) * jnp.asarray(model.inverse, boundary.dtype)
    return boundary + jnp.pad(south @ modes @ west, 1)


def tendency(
    model: OpenQG, anomaly: jax.Array, boundary: jax.Array, boundary_q: jax.Array, sign: jax.Array | float
) -> jax.Array:
    """Rate of change (rows - 2, columns - 2) of q at the inner points, 1/s², ``anomaly`` being q - q_b there.

    ``sign`` is 1 forward and -1 backward in time.
    """
    h = height_of(model, anomaly, boundary)
    geostrophic = model.gravity / model.f0 / (2 * model.spacing) * sign
    u = geostrophic * (h[:-2, 1:-1] - h[2:, 1:-1])
    v = geostrophic * (h[1:-1, 2:] - h[1:-1, :-2])
    q = jnp.pad(boundary_q + jnp.pad(anomaly, 1), 1, mode="edge")
    along_x = _upwind(u, [q[2:-2, i : q.shape[1] - 4 + i] for i in range(5)])
    along_y = _upwind(v, [q[i : q.shape[0] - 4 + i, 2:-2] for i in range(5)])
    drawn = jnp.asarray(model.band_rates, h.dtype) * anomaly
    return -(along_x + along_y) / (12 * model.spacing) - model.beta * v - drawn


def _upwind(speed: jax.Array, q: list[jax.Array]) -> jax.Array:
    """12 spacing times speed times the third-order derivative: fourth-order centred, and its dissipation."""
    centred = q[0] - 8 * q[1] + 8 * q[3] - q[4]
    return speed * centred + jnp.abs(speed) * (q[0] - 4 * q[1] + 6 * q[2] - 4 * q[3] + q[4])


def trajectory(
    model: OpenQG, start: jax.Array, boundary: jax.Array, *, seconds: float, sign: jax.Array | float = 1.0
) -> jax.Array:
    """Heights (times, rows, columns) that evolve from ``start``, at the times of ``boundary``.

    Parameters
    ----------
    model : OpenQG
    start : jax.Array, (rows, columns), m
        Height at the first time; its rim should be that of ``boundary[0]``.
    boundary : jax.Array, (times, rows, columns), m
        The given field; linear between its times.
    seconds : float
        Between two times; the time step is shortened to divide it.
    sign : 1 or -1
        -1 goes back in time: the times of ``boundary`` are then in descending order.
    """
    steps = max(1, int(np.ceil(seconds / model.time_step - 1e-9)))
    length = seconds / steps
    boundary_q = potential_vorticity(model, boundary)

    def at(ends: tuple[jax.Array, ...], share: jax.Array | float) -> tuple[jax.Array, jax.Array]:
        h0, h1, q0, q1 = ends
        return h0 + share * (h1 - h0), q0 + share * (q1 - q0)

    def step(q: jax.Array, share: jax.Array, ends: tuple[jax.Array, ...]) -> jax.Array:
        def rate(q: jax.Array, share: jax.Array) -> jax.Array:
            h_b, q_b = at(ends, share)
            return tendency(model, q - q_b[1:-1, 1:-1], h_b, q_b, sign)

        half = q + length / 2 * rate(q, share)
        return q + length * rate(half, share + 0.5 / steps)

    def interval(q: jax.Array, ends: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        shares = jnp.arange(steps, dtype=start.dtype) / steps
        q = jax.lax.scan(lambda q, share: (step(q, share, ends), None), q, shares)[0]
        return q, height_of(model, q - ends[3][1:-1, 1:-1], ends[1])

    first = potential_vorticity(model, start)[1:-1, 1:-1]
    ends = (boundary[:-1], boundary[1:], boundary_q[:-1], boundary_q[1:])
    _, heights = jax.lax.scan(interval, first, ends)
    return jnp.concatenate([start[None], heights])


@partial(jax.jit, static_argnames=("model", "seconds"))
def heights(
    model: OpenQG, start: jax.Array, boundary: jax.Array, sign: jax.Array | float = 1.0, *, seconds: float
) -> jax.Array:
    """Compiled `trajectory`."""
    return trajectory(model, start, boundary, seconds=seconds, sign=sign)


@partial(jax.jit, static_argnames=("model", "seconds"))
def linearised(
    model: OpenQG, start: jax.Array, boundary: jax.Array, sign: jax.Array | float = 1.0, *, seconds: float
) -> tuple[jax.Array, Linear]:
    """Heights (times, rows, columns) of the trajectory, and its derivative for `tangent` and `adjoint`.

    The derivative keeps what it needs of every time step: some 30 MB for a week on 60 by 60 points in single
    precision, and a product with it then costs as little as the model itself.
    """
    return jax.linearize(lambda h: trajectory(model, h, boundary, seconds=seconds, sign=sign), start)


@jax.jit
def tangent(derivative: Linear, change: jax.Array) -> jax.Array:
    """Change (times, rows, columns) of the trajectory for a small ``change`` (rows, columns) of its start."""
    return derivative(change)


@jax.jit
def adjoint(derivative: Linear, weights: jax.Array) -> jax.Array:
    """Gradient (rows, columns), by the start, of the sum of trajectory times ``weights``."""
    gradient: jax.Array = jax.linear_transpose(derivative, weights[0])(weights)[0]
    return gradient
