"""The command ``oceanbench bench-methods``: parse, call, print."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench.passport import machine, software
from oceanbench.terminal import console, json_errors, json_option, print_json

if TYPE_CHECKING:  # what scores is imported when the command runs
    from oceanbench_leaderboard.bench.agreement import Agreement
    from oceanbench_leaderboard.bench.rows import BenchRow

__all__ = ["bench_methods"]

_DATA = click.Path(exists=True, file_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("bench-methods")
@click.argument("challenge")
@click.option(
    "--track", "tracks", multiple=True, help="A track; all that can be judged on this machine if not given."
)
@click.option(
    "--methods",
    "specs",
    metavar="A,B",
    help="Names from 'oceanbench methods', or file.py:function; all installed ones if not given.",
)
@click.option(
    "--set", "settings", multiple=True, metavar="METHOD.NAME=VALUE", help="A parameter of one method."
)
@click.option("--data", type=_DATA, help="Folder with the files of the challenge.")
@click.option("--report", type=_FOLDER, help="Write a page with pictures, and table.md, into this folder.")
@click.option(
    "--page",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Put tables and pictures into this Markdown page, between its marks for the challenge.",
)
@click.option("--keep", type=_FOLDER, help="Keep the maps in this folder.")
@json_option
def bench_methods(
    challenge: str,
    tracks: tuple[str, ...],
    specs: str | None,
    settings: tuple[str, ...],
    data: Path | None,
    report: Path | None,
    page: Path | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Run methods on a challenge side by side: scores, seconds, memory, and the order that was published.

    Each method runs in a process of its own. What fails is a row that says why; the others go on. The scores
    enter no book: 'oceanbench run' and 'oceanbench evaluate' do that.

    Example: oceanbench bench-methods 2020a-twin --track "4 nadirs" --methods oi,duacs --report methods
    """
    from oceanbench_leaderboard.bench.bar import rows_bar
    from oceanbench_leaderboard.bench.choosing import chosen_methods, chosen_tracks
    from oceanbench_leaderboard.bench.documents import part_of_page
    from oceanbench_leaderboard.bench.printing import BenchTable
    from oceanbench_leaderboard.bench.rows import bench_rows

    with json_errors(as_json):
        definition = load_challenge(challenge)
        on = chosen_tracks(definition, tracks, data)
        methods = chosen_methods(definition, _names(specs), settings)
        part_of_page(page, definition)  # a page without marks is refused before anything runs
    table = None if as_json else BenchTable(definition, console())
    if table:
        table.start()
    rows = []
    with _maps_folder(keep) as folder:
        watch = rows_bar(len(on) * len(methods))
        for row in bench_rows(definition, on, methods, folder=folder, watch=watch, data=data):
            rows.append(row)
            if table:
                table.add(row)
        agreements = _agreements(definition, rows)
        content = _content(definition, rows, agreements)
        written = _write(definition, rows, agreements, content, report=report, page=page, data=data)
    if table:
        table.end(agreements)
        for path in written:
            click.echo(f"written: {path}")
    else:
        print_json(content)
    if any(row.error for row in rows):
        sys.exit(1)


def _write(
    challenge: Challenge,
    rows: "Sequence[BenchRow]",
    agreements: "Sequence[Agreement]",
    content: dict[str, Any],
    *,
    report: Path | None,
    page: Path | None,
    data: Path | None,
) -> list[Path]:
    if report is None and page is None:
        return []
    from oceanbench_leaderboard.bench.documents import write_into_page
    from oceanbench_leaderboard.bench.page import write_bench, write_numbers
    from oceanbench_leaderboard.bench.pictures import pictures_of

    written = []
    if report is not None:
        write_numbers(content, report)  # before the pictures: what took hours is safe
    pictures = pictures_of(challenge, rows, data)
    if report is not None:
        written.append(write_bench(challenge, rows, agreements, pictures, report))
    if page is not None:
        write_into_page(page, challenge, rows, agreements, pictures)
        written.append(page)
    return written


def _names(specs: str | None) -> list[str]:
    names = [name for part in (specs or "").split(",") if (name := part.strip())]
    if specs is not None and not names:
        raise click.BadParameter("no method is named; leave the option out for all", param_hint="--methods")
    return names


@contextmanager
def _maps_folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with TemporaryDirectory(prefix="oceanbench-maps-") as folder:
        yield Path(folder)


def _agreements(challenge: Challenge, rows: "Sequence[BenchRow]") -> "list[Agreement]":
    from oceanbench_leaderboard.bench.agreement import agreement_on

    found = [agreement_on(challenge, track, rows) for track in dict.fromkeys(row.track for row in rows)]
    return [one for one in found if one is not None]


def _content(
    challenge: Challenge, rows: "Sequence[BenchRow]", agreements: "Sequence[Agreement]"
) -> dict[str, Any]:
    return {
        "challenge": challenge.id,
        "version": challenge.version,
        "twin_of": challenge.twin_of or None,
        "rows": [row.to_json() for row in rows],
        "agreement": [one.to_json() for one in agreements],
        "machine": dict(machine()),
        "software": dict(software()),
    }
