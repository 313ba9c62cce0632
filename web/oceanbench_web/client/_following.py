"""Following a submission until nothing more happens to it."""

from collections.abc import Callable
from typing import Any

from oceanbench_web.client._connection import Connection

__all__ = ["finished", "follow", "stage"]

_FINISHED = ("scored", "refused", "failed")
_FIRST, _LONGEST, _GROWTH = 0.5, 5.0, 1.3  # seconds between two questions


def finished(view: dict[str, Any]) -> bool:
    """Tell whether nothing more will happen to a submission."""
    return view["state"] in _FINISHED


def follow(
    connection: Connection, submission: str, tell: Callable[[dict[str, Any]], None] = lambda view: None
) -> dict[str, Any]:
    """Wait until a submission is scored, refused or failed.

    Parameters
    ----------
    connection : Connection
    submission : str
        Its id.
    tell : callable
        Called with the view of it whenever its state or its place in the queue has changed.

    Returns
    -------
    dict
        The last view, as ``GET /api/v1/submissions/{id}`` gives it.
    """
    pause, before = _FIRST, ""
    while True:
        view = connection.ask("GET", f"/submissions/{submission}")
        if (now := stage(view)) != before:
            tell(view)
            before, pause = now, _FIRST
        if finished(view):
            return view
        connection.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST)


def stage(view: dict[str, Any]) -> str:
    """Say in words where a submission stands.

    Examples
    --------
    >>> stage({"state": "queued", "position": 3}), stage({"state": "scoring", "position": None})
    ('queued, 2 before it', 'scoring')
    """
    position = view.get("position")
    if view["state"] != "queued" or not position:
        return str(view["state"])
    return "queued, the next one" if position == 1 else f"queued, {position - 1} before it"
