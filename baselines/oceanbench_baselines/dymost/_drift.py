r"""What a trajectory gets wrong: a tendency that the dynamics lack, the same for all that is seen together.

.. math::

    \delta(x, t) = \int_{t_0}^{t} r(x, s)\,ds, \qquad
    \langle r(x, s)\,r(x', s')\rangle = \epsilon^2\,\rho(x - x')\,e^{-((s - s')/\tau)^2}

Its standard deviation is :math:`\epsilon\,|t - t_0|` for times short beside :math:`\tau`, and grows more
slowly later. Observations of one pass see nearly the same :math:`\delta`. An error as large but independent
from one observation to the next would be averaged away along every pass: distant data would be trusted too
much.

In time a few functions hold this covariance: the eigenvectors of its matrix at the times of a window.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from oceanbench_baselines.dymost._sine_prior import SinePrior
from oceanbench_baselines.mapping._observed import Floats

__all__ = ["Drift"]

_KEPT = 1e-3  # share of the largest variance that may be missing


@dataclass(frozen=True)
class Drift:
    """Errors (times, rows, columns) of a trajectory as standard normal coefficients.

    Parameters
    ----------
    fields : SinePrior
        Of the missing tendency at one time; its standard deviation counts as metres per day.
    days : array, shape (times,)
        Days from the analysis, ascending, 0 among them.
    memory : float
        Time in days after which the correlation of the tendency is 1/e, > 0.
    """

    fields: SinePrior
    days: Floats
    memory: float

    @cached_property
    def courses(self) -> Floats:
        """Functions of time (n, times), days, whose products sum to the covariance of the time integral."""
        return _square_root(_integrated(self.days, self.memory))

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return len(self.courses) * self.fields.size

    def heights(self, coefficients: Floats) -> Floats:
        """Give the error (times, rows, columns) of coefficients (size,), metres."""
        fields = [self.fields.field(part) for part in coefficients.reshape(len(self.courses), -1)]
        return np.tensordot(self.courses, np.stack(fields), (0, 0))

    def adjoint(self, weights: Floats) -> Floats:
        """Give coefficients (size,): the transpose of `heights`."""
        fields = np.tensordot(self.courses, weights, (1, 0))
        return np.concatenate([self.fields.adjoint(field) for field in fields])


def _integrated(days: Floats, memory: float) -> Floats:
    """Covariance (times, times), days², of the integral from day 0 of a process of unit variance."""
    middles, steps = (days[1:] + days[:-1]) / 2, np.diff(days)
    tendency = np.exp(-(((middles[:, None] - middles) / memory) ** 2)) * steps[:, None] * steps
    sign = (middles < days[:, None]).astype(float) - (middles < 0)  # +1 between 0 and later, -1 before
    return np.asarray(sign @ tendency @ sign.T)


def _square_root(covariance: Floats) -> Floats:
    """Rows whose outer products sum to the covariance, the large ones only."""
    values, vectors = np.linalg.eigh(covariance)
    order = np.argsort(values)[::-1]
    values, vectors = values[order], vectors[:, order]
    missing = 1 - np.cumsum(values) / max(values.sum(), np.finfo(float).tiny)
    count = int(np.argmax(missing < _KEPT)) + 1
    return np.asarray(np.sqrt(values[:count])[:, None] * vectors[:, :count].T)
