"""The synthetic ocean ``2022b-twin``: build it, observe it in three ways, describe it.

Only `build` needs jax. The names below are loaded when asked for: the commands that list things stay quick.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.twin.toy2022.building import build as build
    from oceanbench.twin.toy2022.design import SEED as SEED
    from oceanbench.twin.toy2022.observation_files import announced_digest as announced_digest
    from oceanbench.twin.toy2022.observation_files import derive as derive
    from oceanbench.twin.toy2022.observation_files import observations_digest as observations_digest
    from oceanbench.twin.toy2022.truth_statistics import statistics as statistics

_HOMES = {
    "SEED": "design",
    "announced_digest": "observation_files",
    "build": "building",
    "derive": "observation_files",
    "observations_digest": "observation_files",
    "statistics": "truth_statistics",
}

__all__ = ["SEED", "announced_digest", "build", "derive", "observations_digest", "statistics"]


__getattr__ = lazy_names(__name__, _HOMES)
