"""The commands ``oceanbench leaderboard`` and ``oceanbench reproduce``: parse, call, print."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench_leaderboard.published import published_scores
from oceanbench_leaderboard.scores import baseline_scores, scores_here
from oceanbench_leaderboard.table import Board, Row, build_board

__all__ = ["leaderboard"]


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


@click.command()
@click.argument("challenge", required=False)
@click.option("--track", help="One track, or one of the published tables.")
@click.option(
    "--all", "everything", is_flag=True, help="Rows superseded or printed elsewhere, and every number."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print one line per number, separated by commas.")
def leaderboard(
    challenge: str | None, track: str | None, everything: bool, as_json: bool, as_csv: bool
) -> None:
    """Show what was published of a challenge, beside what was scored here.

    Without a challenge, list which of them have a table.

    Example: oceanbench leaderboard 2020a --track "4 nadirs"
    """
    from oceanbench_leaderboard.printing import print_board

    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other; give one")
    if challenge is None:
        return _list(as_json, as_csv)
    board = build_board(load_challenge(challenge), track=track, everything=everything)
    for warning in board.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        return _print_json(_board_json(board))
    if as_csv:
        return _print_csv(board)
    return print_board(board, Console(highlight=False), everything=everything)


def _list(as_json: bool, as_csv: bool) -> None:
    rows = [_summary(name) for name in challenge_names()]
    if as_json:
        return _print_json(rows)
    if as_csv:
        return _write_csv(rows)
    table = Table("id", "tables", "methods", "values", "ours", "scored here", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*(str(value or "–") for value in row.values()))
    Console(highlight=False).print(table)
    click.echo("published tables, methods and values; scores of our baselines; scores made on this machine")
    return click.echo("one of them: oceanbench leaderboard ID")


def _summary(name: str) -> dict[str, Any]:
    challenge = load_challenge(name)
    published = published_scores(challenge)
    return {
        "id": name,
        "tables": len({score.track for score in published}),
        "methods": len({score.method for score in published}),
        "values": len(published),
        "baselines": len(baseline_scores(challenge)[0]),
        "scored_here": len(scores_here(challenge)[0]),
    }


def _board_json(board: Board) -> dict[str, Any]:
    challenge = board.challenge
    return {
        "challenge": challenge.id,
        "version": challenge.version,
        "twin_of": challenge.twin_of or None,
        "ranking": challenge.ranking,
        "tracks": [
            {"track": table.track, "rows": [_row_json(row) for row in table.rows]} for table in board.tables
        ],
        "empty_tracks": list(board.empty_tracks),
        "left_out": dict(board.left_out),
        "warnings": list(board.warnings),
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "method": row.method,
        "provenance": row.provenance,
        "status": row.status,
        "source": row.source or None,
        "note": row.note or None,
        "scores": {
            name: {
                "text": cell.text,
                "value": cell.value,
                "unit": cell.unit,
                "misprint": cell.misprint,
                "note": cell.note or None,
                "robust": cell.robust.model_dump() if cell.robust else None,
            }
            for name, cell in row.cells.items()
        },
    }


def _print_csv(board: Board) -> None:
    _write_csv(list(_lines(board)))


def _lines(board: Board) -> Iterator[dict[str, Any]]:
    for table in board.tables:
        for row in table.rows:
            for name, cell in row.cells.items():
                yield {
                    "challenge": board.challenge.id,
                    "track": table.track,
                    "rank": row.rank,
                    "method": row.method,
                    "metric": name,
                    "text": cell.text,
                    "value": cell.value,
                    "unit": cell.unit,
                    "low": cell.robust.low if cell.robust else None,
                    "high": cell.robust.high if cell.robust else None,
                    "provenance": row.provenance,
                    "twin_of": board.challenge.twin_of,
                    "status": "typo" if cell.misprint else row.status,
                    "source": row.source,
                    "note": cell.note or row.note,
                }


def _write_csv(rows: Iterable[dict[str, Any]]) -> None:
    kept = list(rows)
    if kept:
        writer = csv.DictWriter(sys.stdout, list(kept[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
