"""A training from the choice of its trainer to the files that it leaves."""

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol, cast

from oceanbench.challenge import Challenge
from oceanbench.passport import file_digest, files_digest, machine, software
from oceanbench.progress import Progress, silent
from oceanbench.registry import Registry
from oceanbench.training._lessons import Lessons, lessons_of
from oceanbench.training._picture import draw_course

__all__ = ["TRAINERS", "Limits", "Look", "Trainer", "train"]

TRAINERS: Final = Registry("oceanbench.trainers", "filter that learns")
_KIND, _FORMAT = "oceanbench train", 1


@dataclass(frozen=True)
class Limits:
    """How long a training lasts, and from which seed it starts.

    Parameters
    ----------
    steps : int, optional
        Steps of the optimiser; the same steps and seed give the same weights on the same machine.
    minutes : float, optional
        Time, without what is made before the first step; where both are given, whichever ends first.
    seed : int
        Of all that is drawn.

    Raises
    ------
    ValueError
        If neither is given, or one is not positive.
    """

    steps: int | None = None
    minutes: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps is None and self.minutes is None:
            raise ValueError("neither steps nor minutes are given; say when the training ends")
        for name in ("steps", "minutes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} is {value}; it must be positive")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}; it must not be negative")


@dataclass(frozen=True)
class Look:
    """What a look at a training says.

    Attributes
    ----------
    step : int
        Steps done.
    seconds : float
        Since the first step.
    done : float
        How much is over, 0..1.
    loss : float
        What is made small, mean since the last look.
    held_out, untreated : float
        Root mean square error of held-out heights, filtered and not, metres.
    write : callable
        Writes the weights as they are to a path.
    """

    step: int
    seconds: float
    done: float
    loss: float
    held_out: float
    untreated: float
    write: Callable[[Path], None]

    def to_json(self) -> dict[str, float]:
        """Its numbers, rounded."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "loss": round(self.loss, 6),
            "held_out_rmse": round(self.held_out, 7),
            "untreated_rmse": round(self.untreated, 7),
        }


class Trainer(Protocol):
    """What is registered under ``oceanbench.trainers``."""

    def __call__(self, lessons: Lessons, limits: Limits, *, progress: Progress = ...) -> Iterator[Look]:
        """Train, and look at it now and then."""
        ...


def train(
    challenge: Challenge,
    name: str,
    output: Path,
    limits: Limits,
    *,
    data: Path | None = None,
    command: str = "",
    progress: Progress = silent,
) -> dict[str, Any]:
    """Train a filter and write its weights, the record (``.json``) and the curve (``.png``) beside them.

    All three are written at every look, each complete or not at all.

    Parameters
    ----------
    challenge : Challenge
        Whose training passes are learned from.
    name : str
        Of a registered trainer.
    output : Path
        File of the weights.
    limits : Limits
    data : Path, optional
        Folder with the files of the challenge.
    command : str
        What does the same again, for the record.
    progress : callable
        Called with the name of the stage and how much of it is done, 0..1.

    Returns
    -------
    dict
        The record.

    Raises
    ------
    LookupError
        If no trainer has that name, or the passes are not on this machine.
    ValueError
        If the challenge has no passes to learn from, or they are not what the trainer expects.
    FileNotFoundError
        If the folder of the output is missing.
    """
    if not output.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(output.parent)!r} to write {output.name!r} into")
    trainer = cast(Trainer, TRAINERS.load(name))
    lessons = lessons_of(challenge, data, progress)
    record = _about(challenge, name, trainer, lessons, limits, command)
    curve: list[dict[str, float]] = []
    for look in trainer(lessons, limits, progress=progress):
        look.write(output)
        curve.append(look.to_json())
        record |= {"finished": look.done >= 1, "weights_sha256": file_digest(output), "curve": curve}
        _write(record, output.with_suffix(".json"))
        draw_course(curve, output.with_suffix(".png"))
    return record


def _about(
    challenge: Challenge, name: str, trainer: Trainer, lessons: Lessons, limits: Limits, command: str
) -> dict[str, Any]:
    return {
        "kind": _KIND,
        "format": _FORMAT,
        "trainer": name,
        "code_sha256": _code_digest(trainer),
        "challenge": challenge.id,
        "challenge_version": challenge.version,
        "passes": [path.name for path in lessons.paths],
        "passes_sha256": files_digest(lessons.paths),
        **asdict(limits),
        "command": command,
        "software": {**software(), **_learning_software()},
        "machine": dict(machine()),
        "date_begun": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _learning_software() -> dict[str, str]:
    installed = [name for name in ("jax", "jaxlib") if find_spec(name) is not None]
    return {name: version(name) for name in installed}


def _code_digest(trainer: Trainer) -> str:
    """Give one digest for the package that the trainer is in."""
    source = Path(inspect.getsourcefile(cast(Any, trainer)) or "")
    return files_digest(sorted(source.parent.rglob("*.py")))


def _write(record: dict[str, Any], path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(path)
