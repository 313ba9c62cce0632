"""Uploaded files, read by a process that can do no harm, and handed on as plain numbers.

The names below are loaded when they are first used: to speak of a verdict nothing of NetCDF is imported.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench_leaderboard.intake.canonical import open_canonical as open_canonical
    from oceanbench_leaderboard.intake.canonical import read_canonical as read_canonical
    from oceanbench_leaderboard.intake.header import Header as Header
    from oceanbench_leaderboard.intake.header import read_header as read_header
    from oceanbench_leaderboard.intake.isolation import unconfined as unconfined
    from oceanbench_leaderboard.intake.reader import Reader as Reader
    from oceanbench_leaderboard.intake.running import isolation_here as isolation_here
    from oceanbench_leaderboard.intake.running import run_intake as run_intake
    from oceanbench_leaderboard.intake.verdict import Verdict as Verdict

_HOMES = {
    "Header": "header",
    "Reader": "reader",
    "Verdict": "verdict",
    "isolation_here": "running",
    "open_canonical": "canonical",
    "read_canonical": "canonical",
    "read_header": "header",
    "run_intake": "running",
    "unconfined": "isolation",
}

__all__ = [
    "Header",
    "Reader",
    "Verdict",
    "isolation_here",
    "open_canonical",
    "read_canonical",
    "read_header",
    "run_intake",
    "unconfined",
]

__getattr__ = lazy_names(__name__, _HOMES)
