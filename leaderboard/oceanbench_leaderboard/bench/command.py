"""The command ``oceanbench bench-methods``: parse, call, print."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, Track
from oceanbench.commands.options import DATA
from oceanbench.passport import machine, software
from oceanbench.terminal import console, json_errors, json_option, print_json

if TYPE_CHECKING:  # what scores is imported when the command runs
    from oceanbench_leaderboard.bench.agreement import Agreement
    from oceanbench_leaderboard.bench.paired import Difference
    from oceanbench_leaderboard.bench.rows import BenchRow

__all__ = ["bench_methods"]

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("bench-methods")
@click.argument("challenge")
@click.option(
    "--track", "tracks", multiple=True, help="A track; all that can be judged on this machine if not given."
)
@click.option(
    "--methods",
    "--method",
    "specs",
    multiple=True,
    metavar="A,B",
    help="Names from 'oceanbench methods', or file.py:function; all installed ones if not given.",
)
@click.option(
    "--set", "settings", multiple=True, metavar="METHOD.NAME=VALUE", help="A parameter of one method."
)
@click.option(
    "--input",
    "source",
    type=DATA,
    help="Of filters: passes with their truth, in place of those of the challenge.",
)
@click.option("--data", type=DATA, help="Folder with the files of the challenge.")
@click.option("--report", type=_FOLDER, help="Write a page with pictures, and table.md, into this folder.")
@click.option(
    "--page",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Put tables and pictures into this Markdown page, between its marks for the challenge.",
)
@click.option("--keep", type=_FOLDER, help="Keep the maps, or the filtered passes, in this folder.")
@json_option
def bench_methods(
    challenge: str,
    tracks: tuple[str, ...],
    specs: tuple[str, ...],
    settings: tuple[str, ...],
    source: Path | None,
    data: Path | None,
    report: Path | None,
    page: Path | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Run methods on a challenge side by side: scores, seconds, memory, and the order that was published.

    Each method runs in a process of its own. What fails is a row that says why; the others go on. The scores
    enter no book: 'oceanbench run' and 'oceanbench evaluate' do that. Of filters it tells which wins, by the
    differences over the same passes.

    \b
    Example: oceanbench bench-methods 2020a-twin --track "4 nadirs" --methods oi,duacs --report methods
    Example: oceanbench bench-methods 2022a-twin --methods none,median,gomez --report filters
    """
    from oceanbench_leaderboard.bench.bar import rows_bar
    from oceanbench_leaderboard.bench.choosing import chosen_methods, chosen_tracks
    from oceanbench_leaderboard.bench.documents import part_of_page
    from oceanbench_leaderboard.bench.printing import BenchTable
    from oceanbench_leaderboard.bench.rows import bench_rows

    with json_errors(as_json):
        definition = load_challenge(challenge)
        on = chosen_tracks(definition, tracks, data, source)
        methods = chosen_methods(definition, _names(specs), settings)
        part_of_page(page, definition)  # a page without marks is refused before anything runs
    table = None if as_json else BenchTable(definition, console(), own=source is not None)
    if table:
        table.start()
    rows = []
    with _maps_folder(keep) as folder:
        watch = rows_bar(len(on) * len(methods))
        for row in bench_rows(definition, on, methods, folder=folder, watch=watch, data=data, source=source):
            rows.append(row)
            if table:
                table.add(row)
        found = _Found(rows, _agreements(definition, rows), _differences(definition, on, rows, data, source))
        content = _content(definition, found)
        written = _write(definition, found, content, report=report, page=page, data=data)
    if table:
        table.end(found.agreements, found.differences)
        for path in written:
            click.echo(f"written: {path}")
    else:
        print_json(content)
    if any(row.error for row in rows):
        sys.exit(1)


class _Found(NamedTuple):
    """What a bench found: the rows, the order of the methods, and which filter wins."""

    rows: "Sequence[BenchRow]"
    agreements: "Sequence[Agreement]"
    differences: "Sequence[Difference]"


def _write(
    challenge: Challenge,
    found: _Found,
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
    pictures = pictures_of(challenge, found.rows, data)
    if report is not None:
        written.append(
            write_bench(challenge, found.rows, found.agreements, pictures, report, found.differences)
        )
    if page is not None:
        write_into_page(page, challenge, found.rows, found.agreements, pictures, found.differences)
        written.append(page)
    return written


def _names(specs: Sequence[str]) -> list[str]:
    names = [name for text in specs for part in text.split(",") if (name := part.strip())]
    if specs and not names:
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


def _differences(
    challenge: Challenge,
    tracks: Sequence[Track],
    rows: "Sequence[BenchRow]",
    data: Path | None,
    source: Path | None,
) -> "list[Difference]":
    from oceanbench_leaderboard.bench.paired import differences_on

    return [
        one for track in tracks for one in differences_on(challenge, track, rows, data=data, source=source)
    ]


def _content(challenge: Challenge, found: _Found) -> dict[str, Any]:
    return {
        "challenge": challenge.id,
        "version": challenge.version,
        "twin_of": challenge.twin_of or None,
        "rows": [row.to_json() for row in found.rows],
        "differences": [one.to_json() for one in found.differences],
        "agreement": [one.to_json() for one in found.agreements],
        "machine": dict(machine()),
        "software": dict(software()),
    }
