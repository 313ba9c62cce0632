"""The synthetic ocean ``2022a-twin`` below KaRIn's swaths: build it, add the noise, describe it.

Only `build` needs jax. The names below are loaded when asked for: the commands that list things stay quick.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.twin.karin2022.building import build as build
    from oceanbench.twin.karin2022.design import SEED as SEED
    from oceanbench.twin.karin2022.pass_files import announced_digest as announced_digest
    from oceanbench.twin.karin2022.pass_files import derive as derive
    from oceanbench.twin.karin2022.pass_files import noise_std as noise_std
    from oceanbench.twin.karin2022.pass_files import passes_digest as passes_digest
    from oceanbench.twin.karin2022.pass_statistics import file_spectrum as file_spectrum
    from oceanbench.twin.karin2022.pass_statistics import slopes as slopes
    from oceanbench.twin.karin2022.pass_statistics import statistics as statistics

_HOMES = {
    "SEED": "design",
    "announced_digest": "pass_files",
    "build": "building",
    "derive": "pass_files",
    "file_spectrum": "pass_statistics",
    "noise_std": "pass_files",
    "passes_digest": "pass_files",
    "slopes": "pass_statistics",
    "statistics": "pass_statistics",
}

__all__ = [
    "SEED",
    "announced_digest",
    "build",
    "derive",
    "file_spectrum",
    "noise_std",
    "passes_digest",
    "slopes",
    "statistics",
]


__getattr__ = lazy_names(__name__, _HOMES)
