"""The commands ``oceanbench leaderboard`` and ``oceanbench reproduce``: parse, call, print."""

import csv
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge, ContributedMap, DataFile
from oceanbench.commands.options import DATA
from oceanbench.terminal import console, json_errors, json_option, print_json
from oceanbench_leaderboard.published import published_scores
from oceanbench_leaderboard.scores import baseline_scores, scores_here
from oceanbench_leaderboard.table import Board, Row, build_board

if TYPE_CHECKING:  # what scores is imported when a command runs
    from oceanbench_leaderboard.reproduce import Fetch, MapResult

__all__ = ["leaderboard", "reproduce"]


@click.command()
@click.argument("challenge", required=False)
@click.option("--track", help="One track, or one of the published tables.")
@click.option(
    "--all", "everything", is_flag=True, help="Rows superseded or printed elsewhere, and every number."
)
@json_option
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
    with json_errors(as_json):
        board = build_board(load_challenge(challenge), track=track, everything=everything)
    for warning in board.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        return print_json(_board_json(board))
    if as_csv:
        return _print_csv(board)
    return print_board(board, console(), everything=everything)


def _list(as_json: bool, as_csv: bool) -> None:
    rows = [_summary(name) for name in challenge_names()]
    if as_json:
        return print_json(rows)
    if as_csv:
        return _write_csv(rows)
    table = Table("id", "tables", "methods", "values", "ours", "scored here", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*(str(value or "–") for value in row.values()))
    console().print(table)
    click.echo("tables, methods, values: published; ours: scores of our baselines; scored here: your maps")
    return click.echo("One of them: oceanbench leaderboard ID")


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
            {"track": table.track, "rows": [_row_json(row, challenge.is_twin) for row in table.rows]}
            for table in board.tables
        ],
        "empty_tracks": list(board.empty_tracks),
        "left_out": dict(board.left_out),
        "warnings": list(board.warnings),
    }


def _row_json(row: Row, twin: bool) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "method": row.method,
        "provenance": row.provenance,
        "twin": twin,
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


@click.command()
@click.argument("challenge")
@click.option("--track", help="Only the maps of this track.")
@click.option("--method", help="Only the maps of this method.")
@click.option("--source", help="Only from this server; see 'oceanbench sources ID'.")
@click.option("--data", type=DATA, help="Folder in which maps and truth are looked for first.")
@click.option(
    "--accept-certificate",
    "accept",
    multiple=True,
    metavar="HOST",
    help="Fetch from this host although its certificate is not valid.",
)
@click.option("--yes", is_flag=True, help="Do not ask before large downloads.")
@json_option
def reproduce(
    challenge: str,
    track: str | None,
    method: str | None,
    source: str | None,
    data: Path | None,
    accept: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Score the maps that others published, and print published against scored.

    Maps and truth are downloaded where they are not here; each map is scored with the settings that its
    published row was made with. Nothing of it enters the book of scores.

    Example: oceanbench reproduce 2020a --track "4 nadirs"
    """
    from oceanbench_leaderboard.comparisons import print_result, print_summary
    from oceanbench_leaderboard.reproduce import rows_without_map, score_published, wanted_maps

    with json_errors(as_json):
        definition = load_challenge(challenge)
        maps = wanted_maps(definition, track=track, method=method)
        _ask(definition, maps, source, data, yes)
    results = []
    for result in score_published(definition, maps, fetch=_fetcher(definition, source, accept), data=data):
        results.append(result)
        if not as_json:
            print_result(result, console())
    without = {} if method else rows_without_map(definition, track=track)
    if as_json:
        print_json(_results_json(definition, results, without))
    else:
        print_summary(results, without, console())
    if all(result.reason for result in results):
        sys.exit(1)


def _fetcher(challenge: Challenge, source: str | None, accept: Collection[str]) -> "Fetch":
    from oceanbench.download.bar import TransferBar
    from oceanbench.download.delivery import fetch_files

    def fetch(files: Collection[DataFile]) -> None:
        with TransferBar() as bar:
            fetch_files(challenge, files, source=source, accept_certificates_of=accept, progress=bar)

    return fetch


def _ask(
    challenge: Challenge, maps: Collection[ContributedMap], source: str | None, data: Path | None, yes: bool
) -> None:
    """Ask before much is fetched; a source that has nothing of it is told file by file later."""
    from oceanbench.download.command import ask_amount
    from oceanbench.download.plan import make_plan
    from oceanbench_leaderboard.reproduce import files_to_bring

    files = files_to_bring(challenge, maps, data)
    amount = 0
    for file in files:
        with suppress(LookupError):  # what the source lacks is told map by map
            amount += make_plan(challenge, files=[file], source=source).to_fetch
    ask_amount(amount, yes)


def _results_json(
    challenge: Challenge, results: Iterable["MapResult"], without: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    return {
        "challenge": challenge.id,
        "version": challenge.version,
        "maps": [_result_json(result) for result in results],
        "rows_without_map": {track: list(methods) for track, methods in without.items()},
    }


def _result_json(result: "MapResult") -> dict[str, Any]:
    return {
        "method": result.map.method,
        "track": result.map.track,
        "file": result.map.file,
        "settings": result.map.scoring.model_dump(mode="json", exclude_defaults=True),
        "scope": result.scope or None,
        "reason": result.reason or None,
        "notes": list(result.notes),
        "scores": [
            {
                "metric": one.published.metric,
                "published": one.published.text,
                "meant": one.published.meant or None,
                "unit": one.published.unit,
                "source": one.published.source,
                "status": one.published.status,
                "scored": one.scored,
                "difference": one.difference,
                "verdict": one.verdict,
            }
            for one in result.comparisons
        ],
    }
