"""The scores of an evaluation as a table in the terminal."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from oceanbench.report.wording import ScoreRow, banner, coverage_sentences, explanations, score_rows
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
    console.print(_table(rows))
    for sentence in (*coverage_sentences(evaluation.coverage), *evaluation.notes, *_remarks(rows)):
        console.print(_plain(sentence))


def _plain(text: str, style: str = "") -> Text:
    """Text without markup or control characters: notes quote files, which may try to steer the terminal."""
    shown = (sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in text)
    return Text("".join(shown), style=style)


def _table(rows: tuple[ScoreRow, ...]) -> Table:
    on_board = any(row.published for row in rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("score")
    for heading in ("official", *["board"] * on_board, "robust"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("95 % interval", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for row in rows:
        interval = _bracketed(row.interval) + ("  *" if row.differs else "")
        board = [row.published] * on_board
        cells = (row.symbol, row.official, *board, row.robust, interval, _unit(row))
        table.add_row(*(_plain(cell) for cell in cells))
    return table


def _bracketed(interval: str) -> str:
    return f"[{interval.replace(' … ', ', ')}]" if interval else ""


def _unit(row: ScoreRow) -> str:
    units = (row.official_unit.strip(), row.robust_unit.strip())
    return " / ".join(dict.fromkeys(filter(None, units)))


def _remarks(rows: tuple[ScoreRow, ...]) -> tuple[str, ...]:
    differing = ("* The official number lies outside the interval of the robust one.",)
    return differing * any(row.differs for row in rows) + explanations(rows)
