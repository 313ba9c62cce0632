"""Optimal interpolation with a Gaussian covariance: exact, and from the nearest observations."""

from oceanbench_baselines.oi._exact import OptimalInterpolation
from oceanbench_baselines.oi._local import LocalOptimalInterpolation

__all__ = ["LocalOptimalInterpolation", "OptimalInterpolation"]
