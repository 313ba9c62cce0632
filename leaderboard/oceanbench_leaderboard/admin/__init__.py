"""What the administrators of a service do: who may come in, what is shown, what is kept safe."""

from oceanbench_leaderboard.admin._actions import ActionView, actions, note
from oceanbench_leaderboard.admin._backup import Backup, back_up
from oceanbench_leaderboard.admin._check import Findings, check
from oceanbench_leaderboard.admin._export import export
from oceanbench_leaderboard.admin._restore import restore
from oceanbench_leaderboard.admin._work import RunView, refresh_boards_of, rescore_challenge, running

__all__ = [
    "ActionView",
    "Backup",
    "Findings",
    "RunView",
    "actions",
    "back_up",
    "check",
    "export",
    "note",
    "refresh_boards_of",
    "rescore_challenge",
    "restore",
    "running",
]
