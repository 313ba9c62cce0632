"""What mapping methods share: anomalies about a mean height, super-observations.

A method that maps anomalies is an `AnomalyMapping` with a ``_map`` from `Heights` and a `Target` to `Maps`.
"""

from oceanbench_baselines.mapping._anomalies import AnomalyMapping, Heights, Maps, Target

__all__ = ["AnomalyMapping", "Heights", "Maps", "Target"]
