"""A book of scores of its own, evaluations out of the blue, and the command."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from oceanbench.catalog import load_challenge
from oceanbench.cli import main
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import Coverage, Evaluation, SwathCoverage

GRIDDED = {"mu": "1", "sigma": "1", "lambda_x": "degrees of longitude", "lambda_t": "days"}
ALONG_TRACK = {"mu": "1", "sigma": "1", "lambda_x": "km"}
REGIMES = ("global", "coastal", "offshore_low", "offshore_high")
SWATHS = {
    **{f"rmse.ssh.{regime}": "m" for regime in REGIMES},
    **{f"rmse.speed.{regime}": "m/s" for regime in REGIMES},
    **{f"rmse.vorticity.{regime}": "1" for regime in REGIMES},
    **{f"lambda_snr{level}.{name}": "km" for level in (1, 2) for name in ("ssh", "speed", "vorticity")},
}
UNITS = {"map-osse": GRIDDED, "map-ose": ALONG_TRACK, "filter-osse": SWATHS, "filter-ose": {}}


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty score book, so that no test reads or writes the user's."""
    folder = tmp_path / "book"
    monkeypatch.setenv("OCEANBENCH_SCORES", str(folder))
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "data"))
    return folder


def evaluation(
    challenge: str = "2020a",
    track: str = "4 nadirs",
    *,
    official: Mapping[str, float] | None = None,
    robust: Mapping[str, Interval] | None = None,
    sha256: str = "ab" * 32,
    method: str = "mine",
    own_reference: bool = False,
    scoring: Mapping[str, Any] | None = None,
    segment_km: float | None = None,
    details: Any = None,
) -> Evaluation:
    """Make an evaluation with these numbers, without a map."""
    definition = load_challenge(challenge)
    units = UNITS[definition.kind]
    numbers = (
        {"mu": 0.9449, "sigma": 0.0123, "lambda_x": 1.0, "lambda_t": 9.0} if official is None else official
    )
    return Evaluation(
        challenge=definition,
        track=track,
        official=numbers,
        robust={} if robust is None else robust,
        official_units={name: units.get(name, "1") for name in numbers},
        robust_units={name: units.get(name, "1") for name in robust or ()},
        own_reference=own_reference,
        coverage=SwathCoverage(5, 10, 10) if definition.filters else Coverage(10, 10, 41, 42, "refuse"),
        notes=(),
        scope="",
        passport={
            "submission": {"name": "my_map.nc", "sha256": sha256},
            "holes": "refuse",
            "scoring": scoring,
            "segment_km": segment_km,
            "said_by_the_file": {"method": method} if method else {},
        },
        details=cast(Any, details),  # a record keeps none
    )


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def oceanbench(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run the command as a shell of 80 columns would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("OCEANBENCH_DEBUG", raising=False)

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["oceanbench", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        return Answer(int(stopped.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def make_evaluation() -> Callable[..., Evaluation]:
    """Give :func:`evaluation`."""
    return evaluation
