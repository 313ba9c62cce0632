"""The page of a bench: one HTML file that holds everything, with its pictures and its table beside it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.bench.agreement import Agreement
from oceanbench_leaderboard.bench.markdown import markdown_tables
from oceanbench_leaderboard.bench.paired import Difference
from oceanbench_leaderboard.bench.pictures import Picture
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.shown import shown_metrics
from oceanbench_leaderboard.bench.words import (
    banner,
    cells_of,
    cost_of,
    cost_remark,
    heading,
    own_passes,
    reading,
    sentence_about,
    sentences_about,
)

__all__ = ["write_bench", "write_numbers"]

_PAGE, _TABLE, _JSON = "index.html", "table.md", "bench.json"


@dataclass(frozen=True)
class _Section:
    """One track on the page."""

    track: str
    headings: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    sentences: tuple[str, ...]
    pictures: tuple[Picture, ...]


def write_numbers(content: Mapping[str, object], folder: Path) -> None:
    """Write ``bench.json`` into a folder; it is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _JSON).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_bench(
    challenge: Challenge,
    rows: Sequence[BenchRow],
    agreements: Sequence[Agreement],
    pictures: Mapping[str, tuple[Picture, ...]],
    folder: Path,
    differences: Sequence[Difference] = (),
) -> Path:
    """Write ``index.html``, its pictures (PNG) and ``table.md``; give the path of the page.

    Parameters
    ----------
    challenge : Challenge
        Whose scores they are.
    rows : sequence of BenchRow
        All rows.
    agreements : sequence of Agreement
        Those of the tracks that have published rows.
    pictures : mapping of str to tuple of Picture
        By track.
    folder : pathlib.Path
        Where to; it is made if need be. Other files in it stay.
    differences : sequence of Difference
        Of filters, those to the best of their track.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    for track in dict.fromkeys(row.track for row in rows):
        of_track = [row for row in rows if row.track == track]
        drawn = pictures.get(track, ())
        for picture in drawn:
            (folder / picture.file).write_bytes(picture.png)
        told = [sentence_about(one) for one in differences if one.track == track]
        told += [sentence for one in agreements if one.track == track for sentence in sentences_about(one)]
        sections.append(_section(challenge, track, of_track, told, drawn))
    text = markdown_tables(challenge, rows, agreements, differences=differences)
    (folder / _TABLE).write_text(text, encoding="utf-8")
    (folder / _PAGE).write_text(_html(challenge, sections, own_passes(rows)), encoding="utf-8")
    return folder / _PAGE


def _section(
    challenge: Challenge,
    track: str,
    rows: Sequence[BenchRow],
    sentences: Sequence[str],
    pictures: tuple[Picture, ...],
) -> _Section:
    scored = next((row for row in rows if row.evaluation is not None), rows[0])
    names = shown_metrics(challenge)
    return _Section(
        track=track,
        headings=tuple(heading(scored, name) for name in names),
        rows=tuple(
            {
                "method": row.method,
                "cells": tuple(cells_of(row, names).values()),
                "cost": cost_of(row),
                "error": row.error,
                "parameters": json.dumps(dict(row.contestant.parameters), ensure_ascii=False),
            }
            for row in rows
        ),
        sentences=tuple(sentences),
        pictures=pictures,
    )


def _html(challenge: Challenge, sections: Sequence[_Section], own: bool) -> str:
    environment = Environment(
        loader=PackageLoader("oceanbench_leaderboard", "bench"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        challenge=challenge,
        banner=banner(challenge, own),
        sections=sections,
        reading=reading(challenge),
        cost=cost_remark(challenge),
    )
