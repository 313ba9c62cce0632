"""The two processes and the board that a job goes through, behind one seam."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench_leaderboard.queue.leases import Job
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Limits
from oceanbench_leaderboard.store import Part

if TYPE_CHECKING:
    from oceanbench_leaderboard.scorer import NotScored, Scored, ScoringJob

__all__ = ["Answer", "Failure", "Hopeless", "NotHere", "Refusal", "Scores", "Steps", "real_steps"]

_log = structlog.get_logger(__name__)


class Refusal(Exception):
    """The submission cannot be scored as it is; ``problems`` say why."""

    def __init__(self, reason: str, problems: list[dict[str, str]] | None = None) -> None:
        super().__init__(reason)
        self.problems = problems or []


class Failure(Exception):
    """The service failed, not the submission; another attempt may do."""


class Hopeless(Exception):
    """The run ended without a score in a way that another attempt would not change."""


class NotHere(Exception):
    """This worker cannot do it, and another may: nothing is held against the run."""


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
    outdated : callable
        Takes the service, and gives the challenges whose boards do not show what was scored.
    """

    intake: Callable[[Path, Path, Challenge, str, Limits], Answer]
    scorer: Callable[[Path, Path, Job, Limits], Scores]
    refresh: Callable[[Service, str], None]
    outdated: Callable[[Service], Sequence[str]]


def real_steps(*, warm: bool = False) -> Steps:
    """Give the steps of the service: the intake, the scorer, the ranking.

    Parameters
    ----------
    warm : bool
        Whether each thread keeps two processes that wait with the libraries of the intake, and of the scorer,
        loaded, which saves a few seconds of each run; they end with the thread. For a single run, do not.
    """
    from oceanbench_leaderboard.ranking import outdated, refresh

    if warm:
        return Steps(_WarmIntake(), _WarmScorer(), refresh, outdated)
    return Steps(_cold_intake, _cold_scorer, refresh, outdated)


def _cold_intake(upload: Path, folder: Path, challenge: Challenge, track: str, limits: Limits) -> Answer:
    from oceanbench_leaderboard.intake import run_intake

    return run_intake(upload, folder, challenge, track, limits)


class _WarmIntake:
    """The intake with a waiting process for each thread: threads that shared one would wait in line."""

    def __init__(self) -> None:
        self._own = threading.local()

    def __call__(
        self, upload: Path, folder: Path, challenge: Challenge, track: str, limits: Limits
    ) -> Answer:
        from oceanbench_leaderboard.intake import run_intake
        from oceanbench_leaderboard.intake.reader import Reader

        if not hasattr(self._own, "reader"):
            self._own.reader = Reader()
        return run_intake(upload, folder, challenge, track, limits, reader=self._own.reader)


def _cold_scorer(canonical: Path, out: Path, job: Job, limits: Limits) -> Scores:
    from oceanbench_leaderboard.scorer import run_scorer

    return _scores(out, job, run_scorer(canonical, out, _asked(job), limits))


class _WarmScorer:
    """The scorer with a waiting process for each thread."""

    def __init__(self) -> None:
        self._own = threading.local()

    def __call__(self, canonical: Path, out: Path, job: Job, limits: Limits) -> Scores:
        from oceanbench_leaderboard.scorer import WarmScorer

        if not hasattr(self._own, "scorer"):
            self._own.scorer = WarmScorer()
        return _scores(out, job, self._own.scorer(canonical, out, _asked(job), limits))


def _asked(job: Job) -> "ScoringJob":
    from oceanbench_leaderboard.scorer import ScoringJob

    return ScoringJob(
        challenge=job.challenge,
        track=job.track,
        sha256=job.sha256,
        method=job.method,
        card=job.card,
        version=job.version,
    )


def _scores(out: Path, job: Job, outcome: "Scored | NotScored") -> Scores:
    """Give what the scorer found, or raise what it says."""
    from oceanbench_leaderboard.scorer import Scored
    from oceanbench_leaderboard.scorer.running import REPORT

    if isinstance(outcome, Scored):
        report = {path.relative_to(out / REPORT).as_posix(): path for path in outcome.report}
        return Scores(outcome.results, outcome.flags, report)
    if outcome.fault == "submission":
        raise Refusal(outcome.reason, outcome.problems)
    _log.error("scorer failed", run=job.run_id, reason=outcome.reason, log=outcome.log)
    if outcome.again or load_challenge(job.challenge).version != job.version:
        raise Failure(outcome.reason)  # a challenge that changed meanwhile is scored as it is now
    raise Hopeless(outcome.reason)
