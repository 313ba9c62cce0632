"""The variational filter: heights near those measured and smooth, solved to convergence."""

from oceanbench_baselines.filtering.variational._method import Variational

__all__ = ["Variational"]
