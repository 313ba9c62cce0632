"""The pictures of a bench: which are drawn of a track, and what stands below each."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from oceanbench.challenge import Challenge
from oceanbench.data import read_mean
from oceanbench.score import Evaluation, MapDetails, SwathDetails, TrackDetails
from oceanbench_leaderboard.bench.agreement import published_by_method, published_home
from oceanbench_leaderboard.bench.choosing import file_name
from oceanbench_leaderboard.bench.errors import ErrorMaps, error_maps
from oceanbench_leaderboard.bench.rows import BenchRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture", "pictures_of"]

type Drawn = Iterator[tuple[str, "Figure", str]]


@dataclass(frozen=True)
class Picture:
    """A picture of one track.

    Attributes
    ----------
    name : str
        What it shows, for instance ``errors``.
    file : str
        Name of its file.
    png : bytes
        The picture.
    finding : str
        Its heading.
    caption : str
        What is to be seen.
    """

    name: str
    file: str
    png: bytes
    finding: str
    caption: str

    @property
    def data_uri(self) -> str:
        """The picture as an address that a page can hold."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


def pictures_of(
    challenge: Challenge, rows: Sequence[BenchRow], data: Path | None = None
) -> dict[str, tuple[Picture, ...]]:
    """Draw the pictures of each track; none of a track on which every method failed.

    Parameters
    ----------
    challenge : Challenge
        Whose scores they are.
    rows : sequence of BenchRow
        All rows; their maps are read once more.
    data : pathlib.Path, optional
        Folder in which the truth is looked for first.
    """
    return {
        track: tuple(_of_track(challenge, track, [row for row in rows if row.track == track], data))
        for track in dict.fromkeys(row.track for row in rows)
    }


def _of_track(
    challenge: Challenge, track: str, rows: Sequence[BenchRow], data: Path | None
) -> Iterator[Picture]:
    scores = {row.method: row.evaluation for row in rows if row.evaluation is not None}
    if not scores:
        return
    maps = {row.method: row.map for row in rows}
    for name, figure, caption in _drawn(challenge, track, scores, maps, data):
        buffer = BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
        file = f"{file_name(track)}_{name}.png"
        yield Picture(name, file, buffer.getvalue(), figure.get_suptitle(), caption)


def _drawn(
    challenge: Challenge,
    track: str,
    scores: Mapping[str, Evaluation],
    maps: Mapping[str, Path],
    data: Path | None,
) -> Drawn:
    from oceanbench_leaderboard.bench import score_figures

    home = published_home(challenge)
    published = published_by_method(home, track)
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
    swaths = {name: one.details for name, one in scores.items() if isinstance(one.details, SwathDetails)}
    yield from _along_tracks(challenge, along, scores, maps, data) if along else ()
    yield from _of_swaths(swaths, scores) if swaths else ()
    if gridded or along:
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
    from oceanbench_leaderboard.bench.plane_figures import planes_figure

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
    robust = {name: scores[name].robust for name in details}
    yield (
        "planes",
        planes_figure(details, robust),
        "Spectral score by zonal wavelength and period, robust reading; green is resolved (at least 0.5), "
        "large scales are at the lower left. Dashed: the wavelength and the period that are resolved.",
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


def _of_swaths(details: Mapping[str, SwathDetails], scores: Mapping[str, Evaluation]) -> Drawn:
    from oceanbench_leaderboard.bench import swath_figures, swath_panels

    yield (
        "heights",
        swath_panels.heights_figure(details),
        "A stretch of one pass: the truth, the heights as they were given, and those of each filter, all "
        "with one colour scale and without the plane that fits the truth best. Grey is land or not measured.",
    )
    yield (
        "errors",
        swath_panels.errors_figure(details),
        "Filtered minus true height on the same stretch, all with one scale that is symmetric about zero.",
    )
    yield (
        "vorticity",
        swath_panels.vorticity_figure(details),
        "Vorticity over f on the same stretch, all with the colour scale of the truth: what a filter leaves "
        "of the noise, and what it takes of the ocean.",
    )
    yield (
        "ratios",
        swath_figures.ratios_figure(details, {name: one.robust for name, one in scores.items()}),
        "Power of the error over that of the truth by wavelength along the track, segments of the robust "
        "numbers. Full line: as strong as the truth; dotted: half of it. Dashed: the heights as given.",
    )
    yield (
        "columns",
        swath_figures.columns_figure(details),
        "Error by place across the track, derivatives pass by pass; 0 is under the satellite. Dashed: the "
        "heights as given.",
    )
