"""The synthetic ocean ``2021a-twin``: build it, fly six altimeters and a judge over it, describe it.

Only `build` needs jax. The names below are loaded when asked for: the commands that list things stay quick.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.twin.ose2021.building import build as build
    from oceanbench.twin.ose2021.design import SEED as SEED
    from oceanbench.twin.ose2021.observation_files import announced_digest as announced_digest
    from oceanbench.twin.ose2021.observation_files import derive as derive
    from oceanbench.twin.ose2021.observation_files import observations_digest as observations_digest
    from oceanbench.twin.ose2021.observation_files import write_observations as write_observations
    from oceanbench.twin.ose2021.shipped_statistics import track_statistics as track_statistics

_HOMES = {
    "SEED": "design",
    "announced_digest": "observation_files",
    "build": "building",
    "derive": "observation_files",
    "observations_digest": "observation_files",
    "track_statistics": "shipped_statistics",
    "write_observations": "observation_files",
}

__all__ = [
    "SEED",
    "announced_digest",
    "build",
    "derive",
    "observations_digest",
    "track_statistics",
    "write_observations",
]


__getattr__ = lazy_names(__name__, _HOMES)
