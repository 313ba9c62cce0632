"""Heights before and after a moment that one field implies: carried by the ocean's dynamics, or kept."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from oceanbench_baselines.mapping._observed import Floats

if TYPE_CHECKING:
    import jax

    from oceanbench.physics.open_qg import OpenQG

__all__ = ["Carried", "Kept", "Path", "Trajectories"]


class Path(Protocol):
    """Heights (times, rows, columns) around one field, and their derivative with respect to it."""

    @property
    def heights(self) -> Floats:
        """Heights (times, rows, columns), m."""

    def tangent(self, change: Floats) -> Floats:
        """Change (times, rows, columns) of the heights for a small change (rows, columns) of the field."""

    def adjoint(self, weights: Floats) -> Floats:
        """Transpose of `tangent`: (times, rows, columns) to (rows, columns)."""


class Trajectories(Protocol):
    """Gives the heights around a field (rows, columns) in the middle of an odd number of times."""

    def around(self, field: Floats, boundary: Floats) -> Path:
        """Heights, ``boundary`` (times, rows, columns) being those of the surroundings, in metres."""


@dataclass(frozen=True)
class Kept:
    """The field stays as it is: persistence."""

    def around(self, field: Floats, boundary: Floats) -> Path:
        """Repeat the field."""
        return _KeptPath(field, len(boundary))


@dataclass(frozen=True)
class _KeptPath:
    field: Floats
    times: int

    @property
    def heights(self) -> Floats:
        return self.tangent(self.field)

    def tangent(self, change: Floats) -> Floats:
        return np.broadcast_to(change, (self.times, *change.shape))

    def adjoint(self, weights: Floats) -> Floats:
        return np.asarray(weights.sum(axis=0))


@dataclass(frozen=True)
class Carried:
    """The field moves as 1.5-layer quasi-geostrophic dynamics say, forward and backward from the middle.

    Parameters
    ----------
    model : OpenQG
    seconds : float
        Between two times.
    double : bool
        Compute in double precision (twice the cost), where JAX is told to allow it. In single precision
        heights are good to 0.1 mm after a week, far below the error of any observation.
    """

    model: "OpenQG"
    seconds: float
    double: bool = False

    def around(self, field: Floats, boundary: Floats) -> Path:
        """Integrate both ways."""
        from oceanbench.physics.open_qg import linearised

        before, after = _halves(boundary, self._kind)
        start = _array(field, self._kind)
        past = linearised(self.model, start, before, -1.0, seconds=self.seconds)
        future = linearised(self.model, start, after, 1.0, seconds=self.seconds)
        return _CarriedPath(past, future, self._kind)

    @property
    def _kind(self) -> str:
        return "float64" if self.double else "float32"


@dataclass(frozen=True)
class _CarriedPath:
    """Heights and derivative from the middle backward, and from the middle forward."""

    past: tuple["jax.Array", Any]
    future: tuple["jax.Array", Any]
    kind: str

    @property
    def heights(self) -> Floats:
        return _joined(self.past[0], self.future[0])

    def tangent(self, change: Floats) -> Floats:
        from oceanbench.physics.open_qg import tangent

        shift = _array(change, self.kind)
        return _joined(tangent(self.past[1], shift), tangent(self.future[1], shift))

    def adjoint(self, weights: Floats) -> Floats:
        from oceanbench.physics.open_qg import adjoint

        past, future = _halves(weights, self.kind)
        future = future.at[0].set(0.0)  # the middle is counted once, with the past
        return np.asarray(adjoint(self.past[1], past) + adjoint(self.future[1], future), np.float64)


def _halves(values: Floats, kind: str) -> tuple["jax.Array", "jax.Array"]:
    """From the middle backward and from the middle forward, the middle in both."""
    middle = len(values) // 2
    return _array(values[middle::-1], kind), _array(values[middle:], kind)


def _array(values: Floats, kind: str) -> "jax.Array":
    import jax.numpy as jnp

    return jnp.asarray(values, kind)


def _joined(past: "jax.Array", future: "jax.Array") -> Floats:
    return np.concatenate([np.asarray(past, np.float64)[:0:-1], np.asarray(future, np.float64)])
