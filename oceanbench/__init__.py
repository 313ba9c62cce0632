"""oceanbench: from a sea surface height map, or a filtered swath, to a score that others trust.

The names below are loaded when they are first used, so that importing the package stays quick.

Examples
--------
>>> import oceanbench
>>> oceanbench.load_challenge("2020a-twin").track("4 nadirs").observations[0]
'envisat'
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.catalog import challenge_names as challenge_names
    from oceanbench.catalog import load_challenge as load_challenge
    from oceanbench.data import read_observations_of as read_observations_of
    from oceanbench.data import read_truth_of as read_truth_of
    from oceanbench.evaluation import check_map as check_map
    from oceanbench.evaluation import evaluate as evaluate
    from oceanbench.methods import load_method as load_method
    from oceanbench.methods import write_map as write_map
    from oceanbench.report import write_report as write_report
    from oceanbench.running import filter_challenge as filter_challenge
    from oceanbench.running import run_challenge as run_challenge
    from oceanbench.running import target_grid as target_grid
    from oceanbench.submission import open_map as open_map
    from oceanbench.verification import verify as verify

__version__ = version("oceanbench")

_HOMES = {
    "challenge_names": "catalog",
    "check_map": "evaluation",
    "evaluate": "evaluation",
    "filter_challenge": "running",
    "load_challenge": "catalog",
    "load_method": "methods",
    "open_map": "submission",
    "read_observations_of": "data",
    "read_truth_of": "data",
    "run_challenge": "running",
    "target_grid": "running",
    "verify": "verification",
    "write_map": "methods",
    "write_report": "report",
}

__all__ = [
    "__version__",
    "challenge_names",
    "check_map",
    "evaluate",
    "filter_challenge",
    "load_challenge",
    "load_method",
    "open_map",
    "read_observations_of",
    "read_truth_of",
    "run_challenge",
    "target_grid",
    "verify",
    "write_map",
    "write_report",
]


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
