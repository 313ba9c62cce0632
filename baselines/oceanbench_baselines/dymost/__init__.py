"""Dynamic mapping: heights that a quasi-geostrophic model carries to their observations; its static twin."""

from oceanbench_baselines.dymost._method import Dymost, DymostStatic

__all__ = ["Dymost", "DymostStatic"]
