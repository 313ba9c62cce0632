"""The rows of a bench in the terminal, one as soon as it is there; they fit 80 columns and need no colour."""

import textwrap
from collections.abc import Iterable, Sequence

from rich.console import Console

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.bench.agreement import Agreement
from oceanbench_leaderboard.bench.paired import Difference
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.shown import terminal_metrics
from oceanbench_leaderboard.bench.words import (
    Cell,
    banner,
    better_words,
    cells_of,
    cost_of,
    cost_remark,
    heading,
    sentence_about,
    sentences_about,
)
from oceanbench_leaderboard.printing import plain

__all__ = ["BenchTable"]

_NAME, _NUMBER, _COST = 13, 15, 7
_LINE = 80
_NARROWEST = 13  # characters of a column: with fewer an interval does not fit
_READING = "Below an official number: the 95 % interval of the robust number of the same quantity. "


class BenchTable:
    """Prints rows one by one, with a heading for each track.

    Parameters
    ----------
    challenge : Challenge
        Whose scores they are.
    console : rich.console.Console
        Where to print.
    own : bool
        Whether passes of the user's own are filtered, and judge.
    """

    def __init__(self, challenge: Challenge, console: Console, own: bool = False) -> None:
        self.challenge = challenge
        self.console = console
        self.own = own
        self._metrics = terminal_metrics(challenge)
        self._track = ""

    def start(self) -> None:
        """Print what the rows are scores of."""
        challenge = self.challenge
        self._print(challenge.title, "bold")
        self._print(f"challenge {challenge.id}, version {challenge.version}")
        if warning := banner(challenge, self.own):
            self._print(warning, "bold yellow")

    def add(self, row: BenchRow) -> None:
        """Print a row: its name and cost with the official numbers, the intervals below them."""
        if row.track != self._track:
            self._track = row.track
            whose = f", synthetic twin of {self.challenge.twin_of}" if self.challenge.is_twin else ""
            self._print(f"\n{row.track}{whose}", "bold")
            for line in self._headings(row):
                self._print(line)
        if row.error:
            self._print(row.method)
            return self._print(textwrap.indent(textwrap.fill(f"failed: {row.error}", _LINE - 2), "  "))
        return self._add_numbers(row)

    def _add_numbers(self, row: BenchRow) -> None:
        width, cells = self._width, cells_of(row, self._metrics).values()
        if len(row.method) >= self._first:
            self._print(row.method)
        name = row.method if len(row.method) < self._first else ""
        numbers = "".join(f"{cell.official:>{width}}" for cell in cells)
        between = "".join(f"{_within(cell, width - 1):>{width}}" for cell in cells)
        costs = cost_of(row)
        if self._cost_beside:
            self._print(f"{name:<{self._first}}{numbers}{''.join(f'{text:>{_COST}}' for text in costs)}")
            below = f"{'':<{self._first}}{between}".rstrip()
        else:
            self._print(f"{name:<{self._first}}{numbers}")
            below = f"{f'{costs[0]} s {costs[1]} MB':<{self._first}}{between}".rstrip()
        if below:
            self._print(below)

    def end(self, agreements: Iterable[Agreement], differences: Sequence[Difference] = ()) -> None:
        """Print how to read the table, which filter wins, and how far the order is the published one."""
        self._print("")
        for sentence in (_READING + better_words(self.challenge), cost_remark(self.challenge)):
            self._print(sentence)
        for track in dict.fromkeys(one.track for one in differences):
            self._print(f"\n{track}: RMSE of height over the same passes, with 95 % interval", "bold")
            for difference in (one for one in differences if one.track == track):
                self._print(sentence_about(difference))
        for agreement in agreements:
            self._print(f"\n{agreement.track}", "bold")
            for sentence in sentences_about(agreement):
                self._print(sentence)

    @property
    def _cost_beside(self) -> bool:
        """Whether seconds and megabytes have columns; else they stand below the name."""
        return (_LINE - _NAME - 2 * _COST) // len(self._metrics) >= _NARROWEST

    @property
    def _first(self) -> int:
        """Characters of the first column."""
        return _NAME if self._cost_beside else _LINE - self._width * len(self._metrics)

    @property
    def _width(self) -> int:
        if not self._cost_beside:
            return _NARROWEST
        return min((_LINE - _NAME - 2 * _COST) // len(self._metrics), _NUMBER)

    def _headings(self, row: BenchRow) -> list[str]:
        """Give the lines of the heading: the words of a long one stand below each other."""
        width = self._width
        names = [textwrap.wrap(heading(row, name), width - 1) for name in self._metrics]
        lines = max(map(len, names))
        padded = [[""] * (lines - len(name)) + name for name in names]
        costs = ("s", "MB") if self._cost_beside else ()
        last = lines - 1
        return [
            f"{'method' if line == last else '':<{self._first}}"
            + "".join(f"{name[line]:>{width}}" for name in padded)
            + "".join(f"{cost:>{_COST}}" for cost in costs if line == last)
            for line in range(lines)
        ]

    def _print(self, text: str, style: str = "") -> None:
        self.console.print(plain(text, style))


def _within(cell: Cell, room: int) -> str:
    """Give an interval with as many decimals as there is room for."""
    text = cell.interval.replace(" … ", "..")
    while len(text) > room and "." in text.partition("..")[2]:
        ends = text.split("..")
        places = len(ends[0].partition(".")[2]) - 1
        text = "..".join(f"{float(end):.{max(places, 0)}f}" for end in ends)
    return text
