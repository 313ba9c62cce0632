"""The page of an evaluation: one HTML file that holds everything, with its pictures and scores beside it."""

import base64
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from oceanbench.report.wording import (
    ScoreRow,
    banner,
    cautions,
    coverage_sentences,
    explanations,
    meanings,
    score_rows,
)
from oceanbench.score import (
    DenoisingDetails,
    Evaluation,
    MapDetails,
    SwathCoverage,
    SwathDetails,
    TrackDetails,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_report"]

_PAGE = "index.html"
_MANY_PASSES = 20  # from which a map by degrees has more than a few streaks

_CAPTIONS = {
    "maps": (
        "Truth, submitted map and their difference on the middle day of the evaluation. Truth and map share "
        "one colour scale; grey is land or a point without a value."
    ),
    "daily": (
        "Score of each day by the official formula, the mean and one standard deviation around it; "
        "below, the RMSE of the day."
    ),
    "plane": (
        "Spectral score by zonal wavelength and period; green is resolved (at least 0.5), large scales are "
        "at the lower left. Left: every piece of the 0.5 contour, the first one bold because its extremes "
        "are the official numbers. Right: the edge of the region that holds most of the power of the truth. "
        "Dashed: the wavelength and the period that are reported."
    ),
    "spectrum": (
        "Above: mean spectra of reference, map and error over the segments that the official code cuts. "
        "Below: their score, with the wavelength that each family reads at 0.5 and the 95 % interval of the "
        "robust one, which cuts the track cleanly at its gaps and so may lie a little off this curve."
    ),
    "isotropic": (
        "Score by wavelength, whatever the direction of the wave, with the wavelength that each family reads "
        "at 0.5. The official code exchanges the distances along latitude and longitude, so the two curves "
        "differ."
    ),
    "track": "Error at the samples of the withheld altimeter that were scored, and its RMS by cell.",
    "heights": (
        "A stretch of one pass, chosen for its eddies and its coast: what was given, what the filter made of "
        "it, the truth and what is left between the two. The plane that fits the truth best is taken out of "
        "all three heights, which share one colour scale; grey is land, the gap below the satellite or a "
        "missing value."
    ),
    "currents": (
        "Geostrophic speed and vorticity on the same stretch. The colours span the values of the truth, so "
        "the noise of the unfiltered swath runs off the scale."
    ),
    "spectra": (
        "Above: mean spectra along the track on the segments of the robust numbers. Below: power of the "
        "error over that of the truth; there is more signal than error where a line lies below 1. Orange and "
        "grey have the segments and seams of the official code, and their dots are its λ(SNR 1), filtered "
        "and not; blue dots are the robust readings at 1 and at 0.5, with their 95 % intervals as bars."
    ),
    "across": (
        "Error by distance from the track of the satellite, on a logarithmic scale, derivatives pass by "
        "pass. At the four edges of the two swaths a filter sees one side only, and noise is strongest at "
        "the outer ones. Grey: not measured."
    ),
    "errors": (
        "RMS error after the filter by whole degrees, as the official code bins it, and the share of the RMS "
        "error before it that is left."
    ),
    "denoised": (
        "A stretch of one pass: what was given, what the filter made of it and what it took away; beside "
        "them, in black, the pixels that the official code calls discontinuities. What was taken away should "
        "look like noise: an eddy or a front in it was ocean. Grey is land or a missing value."
    ),
    "densities": (
        "Mean spectra along the track on the runs of the official code, of the heights, of the square of "
        "their gradient and of their Laplacian. Where the removed part holds nearly all power of the noisy "
        "heights the filter decides alone what is ocean."
    ),
    "histograms": (
        "Probability densities of the same three quantities on a logarithmic scale; a filter should cut the "
        "tails that noise makes and keep those of fronts."
    ),
    "similarity": (
        "Official similarity of one pass in two consecutive cycles, by the first of the two: of the noisy "
        "heights, the denoised ones, and what was removed, which should not be like itself a cycle later."
    ),
}


@dataclass(frozen=True)
class _Picture:
    file: str
    png: bytes
    finding: str
    caption: str

    @property
    def data_uri(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write ``index.html``, its pictures (PNG) and ``score.json`` into a folder; give the path of the page.

    The page needs no other file and no network. Everything is first written aside and then moved over
    files of the same names, the page last, so that a reader never meets half a file.

    Parameters
    ----------
    evaluation : Evaluation
        What to report.
    folder : Path
        Where to; it is made if need be. Other files in it stay.

    Raises
    ------
    ValueError
        If the passport holds a number that JSON cannot say (NaN or infinity).
    """
    scores = json.dumps(evaluation.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    pictures = tuple(_picture(name, figure) for name, figure in _figures(evaluation))
    files = {picture.file: picture.png for picture in pictures}
    files["score.json"] = scores.encode()
    files[_PAGE] = _html(evaluation, pictures).encode()
    _write_together(files, folder)
    return folder / _PAGE


def _write_together(files: dict[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as aside:
        for name, content in files.items():
            (Path(aside) / name).write_bytes(content)
        for name in files:
            os.replace(Path(aside) / name, folder / name)


def _figures(evaluation: Evaluation) -> Iterator[tuple[str, "Figure"]]:
    details = evaluation.details
    if isinstance(details, SwathDetails):
        return _swath_figures(details, evaluation)
    if isinstance(details, DenoisingDetails):
        return _denoising_figures(details)
    return _map_figures(details, evaluation)


def _map_figures(
    details: MapDetails | TrackDetails, evaluation: Evaluation
) -> Iterator[tuple[str, "Figure"]]:
    from oceanbench.report import figures

    if isinstance(details, MapDetails):
        yield "maps", figures.maps_figure(details)
        yield "plane", figures.plane_figure(details, evaluation.official, evaluation.robust)
        if details.isotropic is not None and details.isotropic.size:
            yield "isotropic", figures.isotropic_figure(details, evaluation.official, evaluation.robust)
    else:
        yield "spectrum", figures.spectrum_figure(details, evaluation.official, evaluation.robust)
        yield "track", figures.track_map_figure(details)
    yield "daily", figures.daily_figure(details)


def _swath_figures(details: SwathDetails, evaluation: Evaluation) -> Iterator[tuple[str, "Figure"]]:
    from oceanbench.report import swath_figures

    yield "heights", swath_figures.heights_figure(details)
    yield "currents", swath_figures.currents_figure(details)
    yield (
        "spectra",
        swath_figures.spectra_figure(details, evaluation.official, evaluation.unfiltered, evaluation.robust),
    )
    yield "across", swath_figures.across_figure(details)
    if isinstance(evaluation.coverage, SwathCoverage) and evaluation.coverage.passes >= _MANY_PASSES:
        yield "errors", swath_figures.error_maps_figure(details)


def _denoising_figures(details: DenoisingDetails) -> Iterator[tuple[str, "Figure"]]:
    from oceanbench.report import denoising_figures

    yield "denoised", denoising_figures.denoised_figure(details)
    yield "densities", denoising_figures.densities_figure(details)
    yield "histograms", denoising_figures.histograms_figure(details)
    yield "similarity", denoising_figures.similarity_figure(details)


def _picture(name: str, figure: "Figure") -> _Picture:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return _Picture(f"{name}.png", buffer.getvalue(), figure.get_suptitle(), _CAPTIONS[name])


def _groups(rows: tuple[ScoreRow, ...]) -> list[tuple[str, list[ScoreRow]]]:
    return [(group, list(members)) for group, members in groupby(rows, key=lambda row: row.group)]


def _html(evaluation: Evaluation, pictures: tuple[_Picture, ...]) -> str:
    rows = score_rows(evaluation)
    environment = Environment(
        loader=PackageLoader("oceanbench", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("template.html.j2").render(
        challenge=evaluation.challenge,
        track=evaluation.track,
        banner=banner(evaluation),
        scope=evaluation.scope,
        groups=_groups(rows),
        unfiltered=any(row.unfiltered for row in rows),
        meanings=meanings(rows),
        cautions=cautions(evaluation),
        explanations=explanations(evaluation),
        differing=any(row.differs for row in rows),
        coverage=coverage_sentences(evaluation.coverage),
        notes=evaluation.notes,
        pictures=pictures,
        passport=json.dumps(dict(evaluation.passport), indent=2, ensure_ascii=False),
    )
