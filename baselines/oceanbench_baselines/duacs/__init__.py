"""Optimal interpolation as the operational DUACS system does it."""

from oceanbench_baselines.duacs._method import Duacs, latitude_law

__all__ = ["Duacs", "latitude_law"]
