"""Read ``challenge.toml``, and say in words what is wrong with one."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from oceanbench.challenge._base import ChallengeError, Part
from oceanbench.challenge._competition import Competition
from oceanbench.challenge._definition import Challenge
from oceanbench.challenge._files import Archive, DataFile, Days
from oceanbench.challenge._rules import (
    ContributedMap,
    GriddedProtocol,
    Scoring,
    SubmissionSchema,
    SwathProtocol,
    Track,
    TrackProtocol,
)
from oceanbench.challenge._where_and_when import Box, Period, Periods
from oceanbench.registry import near_matches


def read_challenge(path: Path) -> Challenge:
    """Read one ``challenge.toml``.

    Raises
    ------
    ChallengeError
        If the file is not TOML, has an unknown or missing key, or a value that is not allowed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ChallengeError(f"{path}: no such file; a challenge is a folder with a challenge.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ChallengeError(f"{path}: not TOML: {error}; see the shipped definitions") from error
    try:
        return Challenge.model_validate({**content, "folder": path.parent})
    except ValidationError as error:
        raise ChallengeError(_explain(path, error)) from error


def _explain(path: Path, error: ValidationError) -> str:
    lines = [_explain_one(problem["loc"], problem["type"], problem) for problem in error.errors()]
    return "\n".join(f"{path}: {line}" for line in lines)


def _explain_one(location: Sequence[str | int], kind: str, problem: Any) -> str:
    key = ".".join(str(part) for part in location) or "(the whole file)"
    if kind == "extra_forbidden":
        allowed = _fields_at(location[:-1])
        name = str(location[-1])
        cure = f"{near_matches(name, allowed)}allowed: {', '.join(allowed)}"
        return f"{key} = {_short(problem['input'])}: unknown key; {cure}"
    if kind == "missing":
        return f"{key}: missing; add it"
    message = problem["msg"].removeprefix("Value error, ")
    if not location:  # the whole file would be shown
        return f"{message}; correct it"
    return f"{key} = {_short(problem['input'])}: {message}; correct it"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


_TABLES: dict[str, type[Part]] = {
    "domain": Box,
    "periods": Periods,
    "evaluation": Period,
    "spin_up": Period,
    "spin_down": Period,
    "training": Period,
    "forbidden": Period,
    "tracks": Track,
    "files": DataFile,
    "days": Days,
    "archives": Archive,
    "maps": ContributedMap,
    "scoring": Scoring,
    "submission": SubmissionSchema,
    "gridded": GriddedProtocol,
    "along_track": TrackProtocol,
    "swath": SwathProtocol,
    "competition": Competition,
    "public": Period,
    "private": Period,
}


def _fields_at(location: Sequence[str | int]) -> list[str]:
    names = [part for part in location if isinstance(part, str)]
    model = _TABLES[names[-1]] if names else Challenge
    return [name for name in model.model_fields if name != "folder"]
