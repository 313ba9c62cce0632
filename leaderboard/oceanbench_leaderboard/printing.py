"""A board in the terminal; it fits 80 columns and needs no colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report.wording import decimals_of
from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.scores import Robust
from oceanbench_leaderboard.table import Board, Cell, Row, TrackTable

__all__ = ["plain", "print_board"]

_UNITS = {"degrees of longitude": "°", "degrees": "°", "days": "d", "percent": "%"}
_STATUS = {"elsewhere": "elsewhere", "superseded": "superseded"}
_MISPRINT = "†"


@dataclass
class _Notes:
    """The notes of a board, each told once and pointed to by its number."""

    texts: list[str] = field(default_factory=list)

    def mark(self, text: str) -> str:
        if text not in self.texts:
            self.texts.append(text)
        return f"[{self.texts.index(text) + 1}]"


def plain(text: str, style: str = "") -> Text:
    """Text without markup or control characters: names come from files, which may try to steer a terminal."""
    shown = (sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in text)
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
    for table in board.tables:
        console.print()
        console.print(plain(table.track, "bold"))
        for part in _parts(table, everything):
            _print_part(part, board, notes, console)
    console.print()
    for line in _footer(board, notes, everything):
        console.print(plain(line))


def _heading(board: Board) -> Iterator[tuple[str, str]]:
    challenge = board.challenge
    yield challenge.title, "bold"
    yield f"challenge {challenge.id}, version {challenge.version}", ""
    if challenge.is_twin:
        original = challenge.twin_of
        yield f"Synthetic twin of {original}: these are not scores of {original}.", "bold yellow"
    if challenge.evaluation_pending:
        yield f"Not scored by this version of oceanbench: {challenge.evaluation_pending}", ""
    if not board.tables:
        yield "No score was published that we know of, and none was made here.", ""


# --- a table of one track, in parts that have a heading each


@dataclass(frozen=True)
class _Part:
    title: str
    columns: tuple[tuple[str, str], ...]  # metric, heading
    rows: tuple[Row, ...]


def _parts(table: TrackTable, everything: bool) -> Iterator[_Part]:
    """Split the metrics of a track: those without a dot together, the others by what fewer of them share."""
    metrics = [name for name in table.metrics if everything or metric_named(name).headline] or table.metrics
    dotted = [name for name in metrics if "." in name]
    whole = [name for name in metrics if name not in dotted]
    fields = list(dict.fromkeys(name.partition(".")[0] for name in dotted))
    quantities = list(dict.fromkeys(name.partition(".")[2] for name in dotted))
    if whole:
        yield _part("", [(name, metric_named(name).symbol) for name in whole], table.rows)
    if len(fields) < len(quantities):
        for of in fields:
            columns = [(name, metric_named(name).symbol) for name in dotted if name.partition(".")[0] == of]
            yield _part(_words(of), columns, table.rows)
        return
    for of in quantities:
        named = [(name, _words(name.partition(".")[0])) for name in dotted if name.partition(".")[2] == of]
        yield _part(metric_named(of).symbol, named, table.rows)


def _words(name: str) -> str:
    return name.replace("_", " ").replace("highvar", "high var.").replace("lowvar", "low var.")


def _part(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Row]) -> _Part:
    names = {name for name, _ in columns}
    with_unit = tuple((name, f"{heading}{_unit(rows, name)}") for name, heading in columns)
    return _Part(title, with_unit, tuple(row for row in rows if names & set(row.cells)))


def _unit(rows: Sequence[Row], metric: str) -> str:
    units = {row.cells[metric].unit for row in rows if metric in row.cells}
    shown = " / ".join(sorted(_UNITS.get(unit, unit) for unit in units - {"1", ""}))
    return f" ({shown})" if shown else ""


def _print_part(part: _Part, board: Board, notes: _Notes, console: Console) -> None:
    if part.title:
        console.print(plain(f"  {part.title}"))
    wide = _wide(part, board, notes)
    fits = console.measure(wide, options=console.options.update(width=1000)).minimum <= console.width
    console.print(wide if fits else _long(part, board, notes))


def _wide(part: _Part, board: Board, notes: _Notes) -> Table:
    ranked = any(row.rank for row in part.rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    if ranked:
        table.add_column("", justify="right", no_wrap=True)
    table.add_column("method", min_width=8)
    for _, heading in part.columns:
        table.add_column(plain(heading), justify="right", no_wrap=False)
    table.add_column("from")
    table.add_column("", no_wrap=True)
    for row in part.rows:
        cells = [_number(row.cells.get(name)) for name, _ in part.columns]
        first = [plain(_rank(row))] * ranked
        marks = plain("".join(dict.fromkeys(_marks(row, [name for name, _ in part.columns], notes))))
        table.add_row(*first, plain(_name(row)), *cells, plain(_origin(row, board)), marks)
    return table


def _long(part: _Part, board: Board, notes: _Notes) -> Table:
    """One line for each number, where a line for each method does not fit."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("method")
    table.add_column("score")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("from")
    table.add_column("", no_wrap=True)
    for row in part.rows:
        for position, (name, heading) in enumerate((n, h) for n, h in part.columns if n in row.cells):
            head = (_rank(row), _name(row)) if position == 0 else ("", "")
            origin = _origin(row, board) if position == 0 else ""
            marks = plain("".join(_marks(row, [name], notes)))
            number = _number(row.cells[name])
            table.add_row(*(plain(text) for text in head), plain(heading), number, plain(origin), marks)
    return table


def _rank(row: Row) -> str:
    if row.rank is None:
        return "–"
    return f"{row.rank}{'=' if row.tied else ''}"


def _name(row: Row) -> str:
    return f"{row.method} ({row.source})" if row.provenance == "scored here" and row.source else row.method


def _origin(row: Row, board: Board) -> str:
    twin = ", twin" if board.challenge.is_twin else ""
    return f"{_STATUS.get(row.status, row.provenance)}{twin}"


def _number(cell: Cell | None) -> Text:
    if cell is None:
        return Text("")
    text = plain(f"{cell.text}{_MISPRINT if cell.misprint else ''}")
    text.no_wrap = True
    interval = _interval(cell.robust)
    return text.append(f"\n{interval}") if interval else text


def _interval(robust: Robust | None) -> str:
    if robust is None or robust.value is None or robust.low is None or robust.high is None:
        return ""
    places = decimals_of(Interval(robust.value, robust.low, robust.high))
    return f"[{robust.low:.{places}f}, {robust.high:.{places}f}]"


def _marks(row: Row, metrics: Sequence[str], notes: _Notes) -> Iterator[str]:
    if row.status != "current" and row.source:
        yield notes.mark("; ".join(filter(None, (f"printed in: {row.source}", row.note))))
    elif row.note:
        yield notes.mark(row.note)
    for name in metrics:
        cell = row.cells.get(name)
        if cell is not None and cell.note:
            sign = f"{_MISPRINT} " if cell.misprint else ""
            yield notes.mark(f"{sign}{_words(name.replace('.', ' '))}: {cell.note}")


# --- what follows the tables


def _footer(board: Board, notes: _Notes, everything: bool) -> Iterator[str]:
    yield from (f"[{place}] {text}" for place, text in enumerate(notes.texts, 1))
    rows = [row for table in board.tables for row in table.rows]
    sources = dict.fromkeys(
        row.source for row in rows if row.provenance == "published" and row.status == "current"
    )
    if any(sources):
        yield f"Published values are the text that was printed, from: {'; '.join(filter(None, sources))}."
    if any(_interval(cell.robust) for row in rows for cell in row.cells.values()):
        yield "[low, high]: 95 % interval of the robust number of the same quantity."
    if any(row.rank for row in rows):
        yield f"Ranked by {metric_named(board.challenge.ranking).symbol}; '=' shares a place."
    if board.empty_tracks and board.tables:
        yield f"No score yet: {'; '.join(board.empty_tracks)}."
    if board.left_out and not everything:
        told = "; ".join(f"{track} ({count})" for track, count in board.left_out.items())
        yield f"Rows superseded or printed elsewhere, shown with --all: {told}."
