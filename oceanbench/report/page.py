"""The page of an evaluation: one HTML file that holds everything, with its pictures and scores beside it."""

import base64
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from oceanbench.report.wording import banner, coverage_sentences, explanations, score_rows
from oceanbench.score import Evaluation, MapDetails, TrackDetails

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_report"]

_PAGE = "index.html"

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
    from oceanbench.report import figures

    details = evaluation.details
    if isinstance(details, MapDetails):
        yield "maps", figures.maps_figure(details)
        yield "plane", figures.plane_figure(details, evaluation.official, evaluation.robust)
        if details.isotropic is not None and details.isotropic.size:
            yield "isotropic", figures.isotropic_figure(details, evaluation.official, evaluation.robust)
    elif isinstance(details, TrackDetails):
        yield "spectrum", figures.spectrum_figure(details, evaluation.official, evaluation.robust)
        yield "track", figures.track_map_figure(details)
    if isinstance(details, MapDetails | TrackDetails):
        yield "daily", figures.daily_figure(details)


def _picture(name: str, figure: "Figure") -> _Picture:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return _Picture(f"{name}.png", buffer.getvalue(), figure.get_suptitle(), _CAPTIONS[name])


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
        rows=rows,
        explanations=explanations(rows),
        differing=any(row.differs for row in rows),
        coverage=coverage_sentences(evaluation.coverage),
        notes=evaluation.notes,
        pictures=pictures,
        passport=json.dumps(dict(evaluation.passport), indent=2, ensure_ascii=False),
    )
