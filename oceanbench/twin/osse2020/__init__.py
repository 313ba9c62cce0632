"""The synthetic ocean ``2020a-twin``: build it, observe it, describe it.

Only `build` needs jax. The names below are loaded when asked for: the commands that list things stay quick.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.twin.osse2020.building import build as build
    from oceanbench.twin.osse2020.design import SEED as SEED
    from oceanbench.twin.osse2020.observation_files import announced_digest as announced_digest
    from oceanbench.twin.osse2020.observation_files import derive as derive
    from oceanbench.twin.osse2020.observation_files import observations_digest as observations_digest
    from oceanbench.twin.osse2020.observation_files import write_observations as write_observations
    from oceanbench.twin.osse2020.truth_statistics import statistics as statistics

_HOMES = {
    "SEED": "design",
    "announced_digest": "observation_files",
    "build": "building",
    "derive": "observation_files",
    "observations_digest": "observation_files",
    "statistics": "truth_statistics",
    "write_observations": "observation_files",
}

__all__ = [
    "SEED",
    "announced_digest",
    "build",
    "derive",
    "observations_digest",
    "statistics",
    "write_observations",
]


__getattr__ = lazy_names(__name__, _HOMES)
