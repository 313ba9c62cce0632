"""The score book: every evaluation made on this machine, one JSON file each."""

import hashlib
import json
import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.published import shipped_folder

if TYPE_CHECKING:
    from oceanbench.score import Evaluation

__all__ = ["Robust", "Score", "baseline_scores", "book_folder", "flat_scores", "record", "scores_here"]


class Robust(BaseModel):
    """A robust number with its 95 % interval; None where there is none."""

    model_config = ConfigDict(frozen=True)

    value: float | None
    low: float | None
    high: float | None
    unit: str


class Score(BaseModel):
    """One record of the book.

    Attributes
    ----------
    challenge, version, track : str
        What the map, or the filtered swaths, were judged by.
    official : dict of str to float
        The numbers of the challenge's own code by flat name, ``rmse.ssh.global``; None where it has none.
    units : dict of str to str
        Their units.
    robust : dict of str to Robust
        The robust numbers.
    own_reference : bool
        Whether the truth was the user's own, so that this is no score of the challenge.
    passport : dict
        What is needed to compute the numbers again.
    recorded : datetime.datetime, optional
        When it was entered.
    """

    model_config = ConfigDict(frozen=True)

    challenge: str
    version: str
    track: str | None
    official: dict[str, float | None]
    units: dict[str, str]
    robust: dict[str, Robust]
    own_reference: bool
    passport: dict[str, Any] = Field(default_factory=dict)
    recorded: datetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, content: Any) -> Any:
        official = content.get("official") if isinstance(content, dict) else None
        if not isinstance(official, dict):
            return content
        flat = {"official": flat_scores(official), "units": flat_scores(official.get("units"))}
        return {**content, **flat, "robust": flat_scores(content.get("robust"))}

    @property
    def map_digest(self) -> str:
        """SHA-256 of the map, or of the folder of swaths; empty where the record does not say."""
        return str(_inside(self.passport, "submission", "sha256") or "")

    @property
    def map_name(self) -> str:
        """Name of the file of the map, or of that folder; empty where there was none."""
        return str(_inside(self.passport, "submission", "name") or "")

    @property
    def method(self) -> str:
        """What the file of the map says of how it was made; empty where it says nothing."""
        return str(_inside(self.passport, "said_by_the_file", "method") or "")


def flat_scores(nested: Any) -> Any:
    """Give ``{"rmse.ssh": 1}`` for ``{"rmse": {"ssh": 1}}``, without the units that stand beside the numbers.

    A number with its interval stays one thing; what is no dict is given back.
    """
    if not isinstance(nested, dict):
        return nested
    flat: dict[str, Any] = {}
    for name, value in nested.items():
        if name == "units":
            continue
        if isinstance(value, dict) and "value" not in value:
            flat |= {f"{name}.{inner}": number for inner, number in flat_scores(value).items()}
        else:
            flat[name] = value
    return flat


def _inside(content: Any, *names: str) -> Any:
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content


def book_folder() -> Path:
    """Give the folder of the book: ``$OCEANBENCH_SCORES``, or one among the user's data."""
    given = os.environ.get("OCEANBENCH_SCORES")
    return Path(given) if given else user_data_path("oceanbench") / "scores"


def record(evaluation: "Evaluation", folder: Path | None = None) -> Path | None:
    """Enter an evaluation in the book; the same map judged by the same rules again replaces its record.

    Parameters
    ----------
    evaluation : Evaluation
        What was scored.
    folder : pathlib.Path, optional
        The book; :func:`book_folder` if not given.

    Returns
    -------
    pathlib.Path or None
        Its file; None where these are not scores of the challenge: the truth was the user's own, the
        settings were those of somebody's published row or the user's, or the map says it was made for
        another challenge.

    Raises
    ------
    OSError
        If the book cannot be written.
    """
    content = evaluation.to_json()
    if (
        evaluation.own_reference
        or evaluation.own_settings
        or not _is_meant_for(content, evaluation.challenge)
    ):
        return None
    book = (folder or book_folder()) / evaluation.challenge.id
    book.mkdir(parents=True, exist_ok=True)
    path = book / f"{_digest(content)}.json"
    when = datetime.now(UTC).isoformat(timespec="seconds")
    _write(path, json.dumps({**content, "recorded": when}, indent=1, ensure_ascii=False))
    return path


def _is_meant_for(content: dict[str, Any], challenge: Challenge) -> bool:
    """Tell whether the file does not say that it was made for another challenge."""
    said = _inside(content["passport"], "said_by_the_file", "challenge")
    return said in (None, "", challenge.id, challenge.profile_of)


def _digest(content: dict[str, Any]) -> str:
    """Name a score by the map and the rules: what was computed may change with the code, the record not."""
    passport = content["passport"]
    map_digest = _inside(passport, "submission", "sha256")
    parts = (content["challenge"], content["version"], content["track"], passport.get("holes"), map_digest)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def scores_here(challenge: Challenge, folder: Path | None = None) -> tuple[list[Score], list[str]]:
    """Give the records of one challenge, oldest first, and a sentence for each that cannot be used."""
    return _read_all(challenge, (folder or book_folder()) / challenge.id)


def baseline_scores(challenge: Challenge) -> tuple[list[Score], list[str]]:
    """Give the scores of our own baselines that ship with the package, as :func:`scores_here` does."""
    return _read_all(challenge, shipped_folder("baselines") / challenge.id)


def _read_all(challenge: Challenge, folder: Path) -> tuple[list[Score], list[str]]:
    scores, warnings = [], []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            scores.append(_read(path, challenge))
        except (OSError, ValueError) as error:
            warnings.append(f"{path}: left out, {error}; delete it, or score the map again")
    return sorted(scores, key=_when), warnings


def _when(score: Score) -> float:
    if score.recorded is None:
        return -math.inf
    when = score.recorded
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _read(path: Path, challenge: Challenge) -> Score:
    try:
        score = Score.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"not a score ({': '.join(filter(None, (where, first['msg'])))})") from error
    return _belonging(score, challenge)


def _belonging(score: Score, challenge: Challenge) -> Score:
    if score.challenge != challenge.id:
        raise ValueError(f"it is a score of {score.challenge}, not of {challenge.id}")
    if score.version != challenge.version:
        raise ValueError(f"it is a score of version {score.version}, this is {challenge.version}")
    if score.own_reference:
        raise ValueError(f"it was judged by a reference of somebody's own, not by that of {challenge.id}")
    return score
