"""The rows of a bench in the terminal, one as soon as it is there; they fit 80 columns and need no colour."""

import textwrap
from collections.abc import Iterable

from rich.console import Console

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.bench.agreement import Agreement
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.words import (
    COST_REMARK,
    cells_of,
    cost_of,
    heading,
    sentences_about,
    twin_banner,
)
from oceanbench_leaderboard.printing import plain

__all__ = ["BenchTable"]

_NAME, _NUMBER, _COST = 13, 15, 7
_LINE = 80
_READING = (
    "Below an official number: the 95 % interval of the robust number of the same quantity. µ: higher is "
    "better; σ and λ: lower is better."
)


class BenchTable:
    """Prints rows one by one, with a heading for each track.

    Parameters
    ----------
    challenge : Challenge
        Whose scores they are.
    console : rich.console.Console
        Where to print.
    """

    def __init__(self, challenge: Challenge, console: Console) -> None:
        self.challenge = challenge
        self.console = console
        self._track = ""

    def start(self) -> None:
        """Print what the rows are scores of."""
        challenge = self.challenge
        self._print(challenge.title, "bold")
        self._print(f"challenge {challenge.id}, version {challenge.version}")
        if warning := twin_banner(challenge):
            self._print(warning, "bold yellow")

    def add(self, row: BenchRow) -> None:
        """Print a row: its name and cost with the official numbers, the intervals below them."""
        if row.track != self._track:
            self._track = row.track
            whose = f", synthetic twin of {self.challenge.twin_of}" if self.challenge.is_twin else ""
            self._print(f"\n{row.track}{whose}", "bold")
            self._print(self._headings(row))
        if row.error:
            self._print(row.method)
            return self._print(textwrap.indent(textwrap.fill(f"failed: {row.error}", _LINE - 2), "  "))
        width, cells = self._width(), cells_of(row, self.challenge).values()
        if len(row.method) >= _NAME:
            self._print(row.method)
        name = row.method if len(row.method) < _NAME else ""
        numbers = "".join(f"{cell.official:>{width}}" for cell in cells)
        self._print(f"{name:<{_NAME}}{numbers}{''.join(f'{text:>{_COST}}' for text in cost_of(row))}")
        between = "".join(f"{cell.interval.replace(' … ', '..'):>{width}}" for cell in cells)
        return self._print(f"{'':<{_NAME}}{between}".rstrip()) if between.strip() else None

    def end(self, agreements: Iterable[Agreement]) -> None:
        """Print how to read the table, and how far its order is the published one."""
        self._print("")
        for sentence in (_READING, COST_REMARK):
            self._print(sentence)
        for agreement in agreements:
            self._print(f"\n{agreement.track}", "bold")
            for sentence in sentences_about(agreement):
                self._print(sentence)

    def _width(self) -> int:
        return min((_LINE - _NAME - 2 * _COST) // len(self.challenge.metric_names), _NUMBER)

    def _headings(self, row: BenchRow) -> str:
        width = self._width()
        names = "".join(f"{heading(row, name):>{width}}" for name in self.challenge.metric_names)
        return f"{'method':<{_NAME}}{names}{'s':>{_COST}}{'MB':>{_COST}}"

    def _print(self, text: str, style: str = "") -> None:
        self.console.print(plain(text, style))
