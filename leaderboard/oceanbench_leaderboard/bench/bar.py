"""A bar over the rows that are still to come; it disappears before a row is printed."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from oceanbench.progress import Progress
from oceanbench_leaderboard.bench.rows import Watch

__all__ = ["rows_bar"]


def rows_bar(total: int) -> Watch:
    """Give what shows, on a terminal, how many rows are done and where the current one stands.

    Parameters
    ----------
    total : int
        Number of rows.
    """
    errors = Console(stderr=True)
    done = 0

    @contextmanager
    def watch(method: str, track: str) -> Iterator[Progress]:
        nonlocal done
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        shown = errors.is_terminal
        with Bars(*columns, TimeElapsedColumn(), console=errors, disable=not shown, transient=True) as bars:
            bars.add_task(f"row {done + 1} of {total}", completed=done, total=total)
            current = bars.add_task(f"{method} on {track}", total=1.0)

            def progress(stage: str, share: float) -> None:
                bars.update(current, description=f"{method} on {track}: {stage}", completed=share)

            yield progress
        done += 1

    return watch
