"""The scores of an evaluation as a table in the terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from oceanbench.report.wording import ScoreRow, banner, cautions, coverage_sentences, explanations, score_rows
from oceanbench.score import Evaluation

__all__ = ["print_evaluation"]


def print_evaluation(evaluation: Evaluation, console: Console) -> None:
    """Print title, scope, scores of both families and coverage; fits 80 columns and needs no colour.

    Parameters
    ----------
    evaluation : Evaluation
        What to print.
    console : rich.console.Console
        Where to print it.
    """
    challenge = evaluation.challenge
    track = f", track {evaluation.track}" if evaluation.track else ""
    rows = score_rows(evaluation)
    console.print(_plain(challenge.title, style="bold"))
    console.print(_plain(f"challenge {challenge.id}, version {challenge.version}{track}"))
    if warning := banner(evaluation):
        console.print(_plain(warning, style="bold yellow"))
    console.print(_plain(evaluation.scope))
    _print_rows(rows, console)
    remarks = (*_remarks(rows), *explanations(evaluation), *cautions(evaluation))
    for sentence in (*coverage_sentences(evaluation.coverage), *evaluation.notes, *remarks):
        console.print(_plain(sentence))


def _print_rows(rows: tuple[ScoreRow, ...], console: Console) -> None:
    """Print one table, or a piece of it under each heading that rows share, with columns in line."""
    columns = _columns(rows)
    grouped = any(row.group for row in rows)
    if not grouped:
        return console.print(_table(columns, rows))
    console.print(_table(columns, (), grouped=True))
    for group, members in groupby(rows, key=lambda row: row.group):
        console.print(_plain(group, style="bold"))
        console.print(_table(columns, tuple(members), grouped=True))
    return console.print()


def _plain(text: str, style: str = "") -> Text:
    """Text without markup or control characters: notes quote files, which may try to steer the terminal."""
    shown = (sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in text)
    return Text("".join(shown), style=style)


@dataclass(frozen=True)
class _Column:
    heading: str
    cell: Callable[[ScoreRow], str]
    width: int
    justify: JustifyMethod


def _columns(rows: tuple[ScoreRow, ...]) -> list[_Column]:
    """Give the columns that hold anything; headings of groups name the units, and stand for that column."""
    known: list[tuple[str, Callable[[ScoreRow], str], JustifyMethod]] = [
        ("score", lambda row: row.symbol, "left"),
        ("no filter", lambda row: row.unfiltered, "right"),
        ("official", lambda row: row.official, "right"),
        ("board", lambda row: row.published, "right"),
        ("robust", lambda row: row.robust, "right"),
        ("95 % interval", lambda row: _bracketed(row.interval) + ("  *" if row.differs else ""), "left"),
        ("unit", _unit, "left"),
    ]
    optional = {"no filter", "board", *["unit"] * any(row.group for row in rows)}
    return [
        _Column(heading, cell, max([len(heading), *(cell_len(cell(row)) for row in rows)]), justify)
        for heading, cell, justify in known
        if heading not in optional or any(map(cell, rows))
    ]


def _table(columns: list[_Column], rows: tuple[ScoreRow, ...], *, grouped: bool = False) -> Table:
    headed = not (grouped and rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1) if not grouped else (0, 1, 0, 0))
    table.show_header, table.show_edge = headed, not grouped
    for column in columns:
        wrapped = column.heading == "score" and not grouped
        width = None if wrapped else column.width
        table.add_column(column.heading, justify=column.justify, no_wrap=not wrapped, min_width=width)
    for row in rows:
        table.add_row(*(_plain(column.cell(row)) for column in columns))
    return table


def _bracketed(interval: str) -> str:
    return f"[{interval.replace(' … ', ', ')}]" if interval else ""


def _unit(row: ScoreRow) -> str:
    units = (row.official_unit.strip(), row.robust_unit.strip())
    return " / ".join(dict.fromkeys(filter(None, units)))


def _remarks(rows: tuple[ScoreRow, ...]) -> tuple[str, ...]:
    differing = ("* The official number lies outside the interval of the robust one.",)
    return differing * any(row.differs for row in rows)
