"""The page of a bench: one HTML file that holds everything, with its pictures and its table beside it."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from oceanbench.challenge import Challenge
from oceanbench.data import read_mean
from oceanbench.score import Evaluation, MapDetails, TrackDetails
from oceanbench_leaderboard.bench.agreement import Agreement, published_by_method, published_home
from oceanbench_leaderboard.bench.choosing import file_name
from oceanbench_leaderboard.bench.errors import ErrorMaps, error_maps
from oceanbench_leaderboard.bench.markdown import markdown_tables
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.words import (
    COST_REMARK,
    READING,
    cells_of,
    cost_of,
    heading,
    sentences_about,
    twin_banner,
)
from oceanbench_leaderboard.published import published_scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_bench"]

type Drawn = Iterator[tuple[str, "Figure", str]]

_PAGE, _TABLE, _JSON = "index.html", "table.md", "bench.json"


@dataclass(frozen=True)
class _Picture:
    file: str
    png: bytes
    finding: str
    caption: str

    @property
    def data_uri(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


@dataclass(frozen=True)
class _Section:
    """One track on the page."""

    track: str
    headings: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    sentences: tuple[str, ...]
    pictures: tuple[_Picture, ...]


def write_bench(
    challenge: Challenge,
    rows: Sequence[BenchRow],
    agreements: Sequence[Agreement],
    folder: Path,
    *,
    content: Mapping[str, object],
    data: Path | None = None,
) -> Path:
    """Write ``index.html``, its pictures (PNG), ``table.md`` and ``bench.json``; give the path of the page.

    Parameters
    ----------
    challenge : Challenge
        Whose scores they are.
    rows : sequence of BenchRow
        All rows; their maps are read once more for the pictures.
    agreements : sequence of Agreement
        Those of the tracks that have published rows.
    folder : pathlib.Path
        Where to; it is made if need be. Other files in it stay.
    content : mapping
        What goes into ``bench.json``.
    data : pathlib.Path, optional
        Folder in which the truth is looked for first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    for track in dict.fromkeys(row.track for row in rows):
        of_track = [row for row in rows if row.track == track]
        pictures = tuple(_pictures(challenge, track, of_track, data))
        for picture in pictures:
            (folder / picture.file).write_bytes(picture.png)
        sections.append(_section(challenge, track, of_track, agreements, pictures))
    (folder / _TABLE).write_text(markdown_tables(challenge, rows, agreements), encoding="utf-8")
    (folder / _JSON).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / _PAGE).write_text(_html(challenge, sections), encoding="utf-8")
    return folder / _PAGE


def _section(
    challenge: Challenge,
    track: str,
    rows: Sequence[BenchRow],
    agreements: Sequence[Agreement],
    pictures: tuple[_Picture, ...],
) -> _Section:
    scored = next((row for row in rows if row.evaluation is not None), rows[0])
    sentences = [sentence for one in agreements if one.track == track for sentence in sentences_about(one)]
    return _Section(
        track=track,
        headings=tuple(heading(scored, name) for name in challenge.metric_names),
        rows=tuple(
            {
                "method": row.method,
                "cells": tuple(cells_of(row, challenge).values()),
                "cost": cost_of(row),
                "error": row.error,
                "parameters": json.dumps(dict(row.contestant.parameters), ensure_ascii=False),
            }
            for row in rows
        ),
        sentences=tuple(sentences),
        pictures=pictures,
    )


def _pictures(
    challenge: Challenge, track: str, rows: Sequence[BenchRow], data: Path | None
) -> Iterator[_Picture]:
    scores = {row.method: row.evaluation for row in rows if row.evaluation is not None}
    if not scores:
        return
    maps = {row.method: row.map for row in rows}
    for name, figure, caption in _drawn(challenge, track, scores, maps, data):
        buffer = BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
        yield _Picture(f"{file_name(track)}_{name}.png", buffer.getvalue(), figure.get_suptitle(), caption)


def _drawn(
    challenge: Challenge,
    track: str,
    scores: Mapping[str, Evaluation],
    maps: Mapping[str, Path],
    data: Path | None,
) -> Drawn:
    from oceanbench_leaderboard.bench import score_figures

    home = published_home(challenge)
    published = published_by_method(published_scores(home), track)
    yield (
        "scores",
        score_figures.scores_figure(challenge, scores, published, home),
        "Dots: official numbers. Bars: 95 % interval of the robust number of the same quantity. Diamonds: "
        "what was published of a method of that name; on a twin that is another ocean, and only the order "
        "can be compared.",
    )
    gridded = {name: one.details for name, one in scores.items() if isinstance(one.details, MapDetails)}
    along = {name: one.details for name, one in scores.items() if isinstance(one.details, TrackDetails)}
    yield from _of_grids(challenge.on(challenge.track(track)), gridded, scores, maps, data) if gridded else ()
    yield from _along_tracks(challenge, along, scores, maps, data) if along else ()
    yield (
        "days",
        score_figures.days_figure({**gridded, **along}),
        "Official score of each day, one line for each method.",
    )


def _of_grids(
    challenge: Challenge,
    details: Mapping[str, MapDetails],
    scores: Mapping[str, Evaluation],
    maps: Mapping[str, Path],
    data: Path | None,
) -> Drawn:
    from oceanbench.report.figures import plane_figure
    from oceanbench_leaderboard.bench import map_figures

    yield (
        "heights",
        map_figures.heights_figure(details),
        "Truth and maps on the middle day of the evaluation, all with one colour scale.",
    )
    yield (
        "errors",
        map_figures.errors_figure(details),
        "Map minus truth on the same day, all with one scale that is symmetric about zero.",
    )
    told = {name: error_maps(challenge, maps[name], data=data) for name in details}
    formal: dict[str, ErrorMaps] = {name: one for name, one in told.items() if one is not None}
    if formal:
        yield (
            "formal",
            map_figures.formal_figure(formal),
            "Above, the error that the method expects of itself; below, the error that it has. Both are root "
            "mean squares over the scored days, with one colour scale.",
        )
    for name, one in details.items():
        yield (
            f"plane-{file_name(name)}",
            plane_figure(one, scores[name].official, scores[name].robust),
            f"{name}: spectral score by zonal wavelength and period; green is resolved (at least 0.5), large "
            "scales are at the lower left. Left as the official code reads it, right the robust reading.",
        )


def _along_tracks(
    challenge: Challenge,
    details: Mapping[str, TrackDetails],
    scores: Mapping[str, Evaluation],
    maps: Mapping[str, Path],
    data: Path | None,
) -> Drawn:
    from oceanbench.report.figures import spectrum_figure
    from oceanbench_leaderboard.bench import track_figures

    land = read_mean(challenge, data) if challenge.observed == "sla" else None
    yield (
        "heights",
        track_figures.track_heights_figure(details, maps, land),
        "Maps on the middle day, all with one colour scale; dots are what the withheld altimeter measured "
        "within half a day of it, on the same scale: a dot that is hard to see agrees. Grey is land.",
    )
    yield (
        "cells",
        track_figures.cells_figure(details),
        "RMS of map minus withheld altimeter in cells of one degree, all with one colour scale.",
    )
    yield (
        "scales",
        track_figures.scales_figure(details),
        "Share of the power at each wavelength that the maps have right, by the official segments.",
    )
    for name, one in details.items():
        yield (
            f"spectrum-{file_name(name)}",
            spectrum_figure(one, scores[name].official, scores[name].robust),
            f"{name}: mean spectra of reference, map and error above, their score below.",
        )


def _html(challenge: Challenge, sections: Sequence[_Section]) -> str:
    environment = Environment(
        loader=PackageLoader("oceanbench_leaderboard", "bench"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        challenge=challenge,
        banner=twin_banner(challenge),
        sections=sections,
        reading=READING,
        cost=COST_REMARK,
    )
