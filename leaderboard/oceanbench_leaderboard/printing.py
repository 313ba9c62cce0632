"""A board in the terminal; it fits 80 columns and needs no colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from oceanbench_leaderboard.columns import Part, parts_of, print_part, words
from oceanbench_leaderboard.metrics import known_metrics, metric_named
from oceanbench_leaderboard.table import Board, Row

__all__ = ["plain", "print_board"]

_MISPRINT = "†"
_FEW = 4  # sources, or metrics of one note, that are told one by one


@dataclass
class _Notes:
    """The notes of a board, each told once and pointed to by its number."""

    told: dict[str, list[str]] = field(default_factory=dict)

    def mark(self, text: str, metric: str = "") -> str:
        metrics = self.told.setdefault(text, [])
        if metric and metric not in metrics:
            metrics.append(metric)
        return f"[{list(self.told).index(text) + 1}]"

    def lines(self) -> Iterator[str]:
        for place, (text, metrics) in enumerate(self.told.items(), 1):
            names = ", ".join(_metric_words(metric) for metric in metrics)
            yield f"[{place}] {names}: {text}" if 0 < len(metrics) < _FEW else f"[{place}] {text}"


def plain(text: str, style: str = "") -> Text:
    """Text without markup or control characters: names come from files, which may try to steer a terminal."""
    shown = (sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)
    return Text("".join(shown), style=style)


def print_board(board: Board, console: Console, *, everything: bool = False) -> None:
    """Print a board: one block for each track, then the notes that its rows point to.

    Parameters
    ----------
    board : Board
        What to print.
    console : rich.console.Console
        Where to print it.
    everything : bool
        The numbers behind the scores too.
    """
    notes = _Notes()
    for text, style in _heading(board):
        console.print(plain(text, style))
    whose = f", synthetic twin of {board.challenge.twin_of}" if board.challenge.is_twin else ""
    for table in board.tables:
        console.print()
        console.print(plain(f"{table.track}{whose}", "bold"))
        for part in parts_of(table, everything):
            _print_part(part, board, notes, console)
    console.print()
    for line in (*notes.lines(), *_footer(board, everything)):
        console.print(plain(line))


def _heading(board: Board) -> Iterator[tuple[str, str]]:
    challenge = board.challenge
    yield challenge.title, "bold"
    yield f"challenge {challenge.id}, version {challenge.version}", ""
    if challenge.is_twin:
        original = challenge.twin_of
        yield f"Synthetic twin of {original}: these are not scores of {original}.", "bold yellow"
    if challenge.evaluation_pending:
        yield f"Not scored by this version of oceanbench: {challenge.evaluation_pending}.", ""
    if not board.tables:
        yield "No score was published that we know of, and none was made here.", ""


def _print_part(part: Part, board: Board, notes: _Notes, console: Console) -> None:
    def marks(row: Row, metrics: Sequence[str]) -> str:
        return "".join(dict.fromkeys(_marks(row, metrics, notes)))

    print_part(part, console, marks=marks, text=plain)


def _marks(row: Row, metrics: Sequence[str], notes: _Notes) -> Iterator[str]:
    if row.status != "current" and row.source:
        yield notes.mark("; ".join(filter(None, (f"printed in: {row.source}", row.note))))
    elif row.note:
        yield notes.mark(row.note)
    for name in metrics:
        cell = row.cells.get(name)
        if cell is not None and cell.note:
            sign = f"{_MISPRINT} " if cell.misprint else ""
            yield notes.mark(f"{sign}{cell.note}", name)


def _metric_words(name: str) -> str:
    of, dot, _ = name.partition(".")
    alone = not dot or name in known_metrics()
    return metric_named(name).symbol if alone else f"{words(of)}, {metric_named(name).symbol}"


def _footer(board: Board, everything: bool) -> Iterator[str]:
    rows = [row for table in board.tables for row in table.rows]
    printed = [row for row in rows if row.provenance == "published" and row.status == "current"]
    sources = list(dict.fromkeys(row.source for row in printed if row.source))
    if sources:
        named = "; ".join(sources) if len(sources) <= _FEW else f"{len(sources)} places, told by --csv"
        yield f"Published values are the text that was printed, from: {named}."
    if any(
        metric_named(name).shown_unit(cell.unit) != cell.unit
        for row in rows
        for name, cell in row.cells.items()
    ):
        yield "Errors of height are shown in mm; --csv and --json have them in metres, as they were printed."
    if any(cell.robust and cell.robust.low is not None for row in rows for cell in row.cells.values()):
        yield "low..high: 95 % interval of the robust number of the same quantity."
    if any(row.rank for row in rows):
        yield f"Ranked by {_metric_words(board.challenge.ranking)}; '=' shares a place, '–' has none."
    if board.empty_tracks and board.tables:
        yield f"No score yet: {'; '.join(board.empty_tracks)}."
    if board.left_out and not everything:
        told = "; ".join(f"{track} ({count})" for track, count in board.left_out.items())
        yield f"Rows superseded or printed elsewhere, shown with --all: {told}."
