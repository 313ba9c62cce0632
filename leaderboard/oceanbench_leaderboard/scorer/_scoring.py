"""What the process that scores does: each part evaluated, flags, the report."""

import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, PartName
from oceanbench.data_files import MissingDataError
from oceanbench.evaluation import evaluate
from oceanbench.score import Evaluation
from oceanbench.submission import SubmissionError
from oceanbench_leaderboard.intake.canonical import Header, open_canonical, read_header
from oceanbench_leaderboard.scorer._flags import flags_of
from oceanbench_leaderboard.scorer.job import ScoringJob

__all__ = ["score"]

type Answer = dict[str, Any]


def score(canonical: Path, out: Path, job: ScoringJob) -> Answer:
    """Score a canonical map, and write its report where the truth is public.

    Returns
    -------
    dict
        ``scored`` and ``flags``, or ``not_scored``: the fields of an outcome.
    """
    try:
        challenge = _definition(job)
        source, header = open_canonical(canonical), read_header(canonical)
        evaluations = {
            part: _as_submitted(evaluation, part, job, header)
            for part, evaluation in _evaluations(challenge, source, job.track).items()
        }
    except SubmissionError as error:
        return _refused(error)
    except OSError as error:
        return _failed(error, again=True)
    except MissingDataError as error:
        return _without_data(job, error)
    except (ValueError, LookupError) as error:
        return _failed(error, again=False)
    if not challenge.withholds_truth:
        _write_report(evaluations["public"], out)
    return {
        "scored": {part: _result(evaluation) for part, evaluation in evaluations.items()},
        "flags": flags_of(evaluations),
    }


def _definition(job: ScoringJob) -> Challenge:
    challenge = load_challenge(job.challenge)
    if job.version and challenge.version != job.version:
        raise LookupError(
            f"{challenge.id} is of version {challenge.version} here, and {job.version} is to be scored"
        )
    return challenge


def _evaluations(challenge: Challenge, source: xr.Dataset | Path, track: str) -> dict[PartName, Evaluation]:
    """Evaluate the public part, and the private one where a block of days is kept back."""
    parts: dict[PartName, Challenge] = {"public": challenge}
    if challenge.competition is not None and challenge.competition.parts:
        parts = {name: challenge.part(name) for name in challenge.competition.parts}
    holes = challenge.submission.holes
    return {
        name: evaluate(source, challenge=part, track=track, variable="ssh", holes=holes)
        for name, part in parts.items()
    }


def _as_submitted(evaluation: Evaluation, part: PartName, job: ScoringJob, header: Header) -> Evaluation:
    """Say of the file that was uploaded what the canonical form does not know of it."""
    told = {
        "submission": {"name": None, "sha256": job.sha256, "canonical_sha256": header.canonical_sha256},
        "variable": header.variable,
        "part": part,
        "method": job.method,
    }
    notes = tuple(dict.fromkeys([*header.notes, *evaluation.notes]))
    return replace(evaluation, passport={**evaluation.passport, **told}, notes=notes)


def _result(evaluation: Evaluation) -> dict[str, Any]:
    comparison = evaluation.comparison
    return {
        "evaluation": evaluation.to_json(),
        "comparison": comparison.to_json() if comparison else {},
    }


def _write_report(evaluation: Evaluation, out: Path) -> None:
    from oceanbench.report import write_report

    write_report(evaluation, out / "report")


def _refused(error: SubmissionError) -> Answer:
    problems = [
        {"what_given": one.what_given, "expected": one.expected, "fix": one.fix} for one in error.problems
    ]
    more = len(problems) - 1
    reason = problems[0]["what_given"] + (f"; and {more} more" if more else "")
    return {"not_scored": {"fault": "submission", "reason": reason, "problems": problems}}


def _failed(error: Exception, *, again: bool) -> Answer:
    """Keep what went wrong in the log, where its paths stay, and tell the team whose fault it is."""
    traceback.print_exception(error, file=sys.stderr)
    return _by_the_service("the scorer failed", again=again)


def _without_data(job: ScoringJob, error: MissingDataError) -> Answer:
    """Say what the operator must do; no second attempt finds what nobody got.

    What the error advises is for those who score at home: to submit to this very service.
    """
    why = (
        f"the truth of {job.challenge} is not on the machine that scores: its operator must get it, "
        f"`oceanbench download {job.challenge} --only reference`, then `oceanbench admin rescore`"
    )
    if _withholds(job):
        why = (
            f"the truth of {job.challenge} is not on the machine that scores: its operator must put it "
            "there, then `oceanbench admin rescore`"
        )
        print(f"MissingDataError: {why}", file=sys.stderr)
    else:
        traceback.print_exception(error, file=sys.stderr)
    return _by_the_service(why, again=False)


def _withholds(job: ScoringJob) -> bool:
    return load_challenge(job.challenge).withholds_truth


def _by_the_service(why: str, *, again: bool) -> Answer:
    return {"not_scored": {"fault": "service", "reason": why, "again": again}}
