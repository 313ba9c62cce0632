"""The two processes and the board that a job goes through, behind one seam."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.queue.leases import Job
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Limits
from oceanbench_leaderboard.store import Part

__all__ = ["Answer", "Failure", "Hopeless", "Refusal", "Scores", "Steps", "real_steps"]


class Refusal(Exception):
    """The submission cannot be scored as it is; ``problems`` say why."""

    def __init__(self, reason: str, problems: list[dict[str, str]] | None = None) -> None:
        super().__init__(reason)
        self.problems = problems or []


class Failure(Exception):
    """The service failed, not the submission; another attempt may do."""


class Hopeless(Exception):
    """The run ended without a score in a way that another attempt would not change."""


class Answer(Protocol):
    """What the intake says; :class:`~oceanbench_leaderboard.intake.Verdict` is one."""

    @property
    def accepted(self) -> bool: ...
    @property
    def problems(self) -> list[dict[str, str]]: ...
    @property
    def reason(self) -> str: ...
    @property
    def header(self) -> dict[str, Any] | None: ...
    @property
    def fault(self) -> str: ...


@dataclass(frozen=True)
class Scores:
    """What the scorer found.

    Attributes
    ----------
    results : mapping of str to mapping
        Of each part, ``evaluation`` and ``comparison``.
    flags : sequence of str
    report : mapping of str to pathlib.Path
        The files of the report by their names, which may hold slashes.
    """

    results: Mapping[Part, Mapping[str, dict[str, Any]]]
    flags: Sequence[str] = ()
    report: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Steps:
    """What a job goes through; tests give their own.

    Attributes
    ----------
    intake : callable
        Takes the uploaded file, a folder for its canonical form, challenge, track and limits.
    scorer : callable
        Takes the canonical form, a folder for what it makes, the job and the limits; gives
        :class:`Scores`, or raises :class:`Refusal`, :class:`Failure` or :class:`Hopeless`.
    refresh : callable
        Takes the service and the id of a challenge, and makes its boards anew.
    """

    intake: Callable[[Path, Path, Challenge, str, Limits], Answer]
    scorer: Callable[[Path, Path, Job, Limits], Scores]
    refresh: Callable[[Service, str], None]


def real_steps() -> Steps:
    """Give the steps of the service: the intake, the scorer, the ranking."""
    from oceanbench_leaderboard.intake import run_intake
    from oceanbench_leaderboard.ranking import refresh

    return Steps(run_intake, _score, refresh)


def _score(canonical: Path, out: Path, job: Job, limits: Limits) -> Scores:
    raise Failure("the scorer is not there yet")
