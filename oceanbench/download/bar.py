"""One bar for all files: bytes, rate, time left."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from oceanbench.download.progress import Standing
from oceanbench.download.space import human_bytes

__all__ = ["TransferBar", "standing_text"]


class TransferBar:
    """Draws a transfer on a terminal; elsewhere it writes one line for each thing that happened.

    Parameters
    ----------
    console : Console, optional
        Where to draw; standard error if not given.

    Examples
    --------
    >>> from oceanbench.download import fetch
    >>> with TransferBar() as bar:  # doctest: +SKIP
    ...     fetch(artefacts, lock=lock, progress=bar)
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        columns = (BarColumn(bar_width=30), TextColumn("{task.fields[standing]}"))
        self._bar = Progress(*columns, console=self._console, transient=True, auto_refresh=False)
        self._task = self._bar.add_task("", total=None, standing="")
        self._live = self._console.is_terminal

    def __enter__(self) -> "TransferBar":
        if self._live:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._bar.stop()

    def show(self, standing: Standing) -> None:
        """Draw where all files together stand."""
        if self._live:
            text = standing_text(standing)
            self._bar.update(
                self._task, completed=standing.done, total=standing.total, standing=text, refresh=True
            )

    def say(self, sentence: str) -> None:
        """Write a line, above the bar where there is one."""
        self._console.print(Text(sentence), soft_wrap=True)


def standing_text(standing: Standing) -> str:
    """Write a standing in one line.

    Examples
    --------
    >>> standing_text(Standing(done=1_500_000_000, total=2_000_000_000, rate=1e7, files_done=1, files=3))
    '1.5 GB of 2 GB, 10 MB/s, 50 s left, 1 of 3 files'
    >>> standing_text(Standing(done=12_000, total=None, rate=None, files_done=0, files=1))
    '12 kB of an unknown total, 0 of 1 files'
    """
    total = "an unknown total" if standing.total is None else human_bytes(standing.total)
    words = [f"{human_bytes(standing.done)} of {total}"]
    if standing.rate is not None:
        words.append(f"{human_bytes(standing.rate)}/s")
    if standing.seconds_left is not None and standing.files_done < standing.files:
        words.append(f"{_duration(standing.seconds_left)} left")
    return ", ".join([*words, f"{standing.files_done} of {standing.files} files"])


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes // 60:.0f} h {minutes % 60:.0f} min"
