"""What may be shown of a submission, and to whom."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from oceanbench.rounding import rounded_to_noise
from oceanbench_leaderboard.accounts import OPERATOR, Principal, may, require
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.queue.turns import position
from oceanbench_leaderboard.scorer.outcome import flags_told
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FINISHED, Result, Run, Standing, State, Submission
from oceanbench_leaderboard.submissions._challenges import shows_private, withholds_truth

__all__ = [
    "SubmissionView",
    "as_told",
    "counted_run",
    "every",
    "find",
    "has_public_report",
    "is_public",
    "mine",
    "score_is_told",
    "shown_evaluation",
    "shown_run",
    "view",
    "view_of",
]

_SCORES = ("official", "robust", "unfiltered", "coverage", "own_reference", "scope", "notes")
_MOST = 500
_ID = re.compile("[a-z0-9]{1,32}")  # whatever else somebody asks for never reaches the database
_RANKING = timedelta(minutes=1)  # after that a score is told although its board could not be made
_NOT_TOLD = (
    "its score is not told: the truth is withheld, and this submission has not taken the place of its team "
    "on the board"
)


class SubmissionView(BaseModel):
    """A submission, as the asker may see it.

    Attributes
    ----------
    id : str
    state : str
        ``queued``, ``checking``, ``scoring``, ``scored``, ``refused`` or ``failed``.
    reason : str
        Why it was refused, or failed.
    problems : list of mapping
        All that is wrong with a refused one: ``what_given``, ``expected``, ``fix``.
    challenge, version, track : str
        The version is the one that it was, or will be, scored by.
    method, team : str
    card : mapping
        What the team says of its method.
    created, finished : datetime.datetime
        When it was entered, and when the run that is shown here ended.
    position : int or None
        Place in the queue, 1 for the next; None where it does not wait.
    attempts : int
        How often its scoring was begun.
    flags : list of str
        What is remarkable, such as being equal to the truth; of the private part once it is shown.
    duplicate_of : str or None
        Earlier submission of the team with the same values.
    rescoring : bool
        Whether it waits for, or is in, another scoring; what is shown is the one before.
    selected : bool
        Whether the team chose it as a final entry.
    hidden : bool
        Whether an administrator took it off the board.
    deleted : datetime.datetime or None
        When its bytes were thrown away.
    sha256 : str
        Digest of the bytes.
    size : int
        Their number.
    file_name : str
        Name of the file with the team; empty for others.
    scores : mapping or None
        ``official``, ``robust``, ``coverage`` and so on, as an evaluation gives them, and ``part``: whether
        they are of the public or of the private block of a competition.
    report : bool
        Whether there is a report that the asker may see.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    state: State
    reason: str
    problems: list[Any]
    challenge: str
    version: str
    track: str
    method: str
    team: str
    card: dict[str, Any]
    created: datetime
    finished: datetime | None
    position: int | None
    attempts: int
    flags: list[Any]
    duplicate_of: str | None
    rescoring: bool
    selected: bool
    hidden: bool
    deleted: datetime | None
    sha256: str
    size: int
    file_name: str
    scores: dict[str, Any] | None
    report: bool


def view(service: Service, principal: Principal | None, submission_id: str) -> SubmissionView:
    """Give a submission, as the asker may see it.

    Raises
    ------
    NotFound
        If there is none of that id, or none that the asker may see.
    """
    with service.database.transaction(read_only=True) as session:
        submission = find(session, principal, submission_id)
        found = view_of(service, session, principal, submission)
    return as_told(service, found)


def mine(
    service: Service,
    principal: Principal,
    challenge: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> list[SubmissionView]:
    """Give the submissions of the asker's team, the newest first, without those that were deleted.

    Parameters
    ----------
    challenge : str, optional
        Those to one challenge.
    limit : int
        At most so many, 1 to 500.
    after : str, optional
        Those that follow on this one: the last of the page before.

    Raises
    ------
    Forbidden
        If the asker's token may not read.
    """
    require(principal, "see log", "the submissions of a team", team_id=principal.team_id)
    wanted = select(Submission).where(Submission.team_id == principal.team_id, Submission.deleted.is_(None))
    return _page(service, principal, wanted, challenge, limit, after)


def every(
    service: Service,
    principal: Principal,
    challenge: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> list[SubmissionView]:
    """Give the submissions of all teams, the newest first, with those that were hidden and deleted.

    Raises
    ------
    Forbidden
        If the asker is no administrator.
    """
    require(principal, "administer", "the submissions of all teams")
    return _page(service, principal, select(Submission), challenge, limit, after)


def _page(
    service: Service,
    principal: Principal,
    wanted: Select[Submission],
    challenge: str | None,
    limit: int,
    after: str | None,
) -> list[SubmissionView]:
    loaded = selectinload(Submission.runs).selectinload(Run.results)
    statement = wanted.options(joinedload(Submission.team), loaded)
    statement = statement.order_by(Submission.created.desc(), Submission.id.desc())
    if challenge is not None:
        statement = statement.where(Submission.challenge == challenge)
    with service.database.transaction(read_only=True) as session:
        last = session.get(Submission, after) if after is not None and _ID.fullmatch(after) else None
        if last is not None:
            statement = statement.where(
                tuple_(Submission.created, Submission.id) < tuple_(last.created, last.id)
            )
        found = session.scalars(statement.limit(min(max(limit, 1), _MOST))).unique()
        views = [view_of(service, session, principal, submission) for submission in found]
    return [as_told(service, one) for one in views]


def find(session: Session, principal: Principal | None, submission_id: str) -> Submission:
    """Give a submission that the asker may see.

    Raises
    ------
    NotFound
        If there is none of that id, or none that the asker may see: in the same words.
    """
    submission = session.get(Submission, submission_id) if _ID.fullmatch(submission_id) else None
    what = f"submission {submission_id[:40]}"
    if submission is None and principal == OPERATOR:
        raise NotFound(f"there is no {what}; correct the id: oceanbench admin submissions lists them")
    if submission is None:
        raise NotFound(f"there is no {what} that you may see; check its name, and whose token you use")
    require(principal, "see", what, team_id=submission.team_id, public=is_public(submission))
    return submission


def is_public(submission: Submission) -> bool:
    """Tell whether all the world may see a submission: scored, not hidden, not deleted, of an active team."""
    scored = any(run.state == "scored" for run in submission.runs)
    return scored and not submission.hidden and submission.deleted is None and submission.team.active


def has_public_report(submission: Submission) -> bool:
    """Tell whether all the world may see the report: where the team agrees, and the truth is not withheld."""
    agreed = submission.card.get("report", "public") != "private"
    return agreed and is_public(submission) and not withholds_truth(submission.challenge)


def shown_run(submission: Submission, version: str | None = None) -> Run | None:
    """Give the run whose outcome counts: the latest that was scored, else the latest."""
    runs = [run for run in submission.runs if version in (None, run.challenge_version)]
    counted = [run for run in runs if run.state == "scored"] or runs
    return counted[-1] if counted else None


def counted_run(session: Session, submission: Submission, version: str | None = None) -> Run | None:
    """Give the run whose numbers count: of a copy that of its original, which may have been scored anew."""
    own = shown_run(submission, version)
    if own is None or own.state != "scored" or submission.duplicate_of is None:
        return own
    first = session.get(Submission, submission.duplicate_of)
    other = None if first is None or first.deleted is not None else shown_run(first, version)
    return other if other is not None and other.state == "scored" else own


def shown_evaluation(service: Service, run: Run) -> tuple[dict[str, Any], str] | None:
    """Give the JSON of the evaluation that may be shown, and its part; None where there is none.

    Of a competition that is still open this is the public block. Numbers against a withheld truth are
    rounded to what the noise allows, so that nobody feels their way to it by many submissions.
    """
    by_part: Mapping[str, Result] = {result.part: result for result in run.results}
    part = "private" if shows_private(run.submission.challenge, service.now()) else "public"
    result = by_part.get(part) or by_part.get("public")
    if result is None:
        return None
    evaluation = result.evaluation
    if withholds_truth(run.submission.challenge):
        evaluation = rounded_to_noise(evaluation)
    return evaluation, result.part


def view_of(
    service: Service, session: Session, principal: Principal | None, submission: Submission
) -> SubmissionView:
    """Give a submission as the asker may see it; that they may see it is known to the caller."""
    run, counted = shown_run(submission), counted_run(session, submission)
    inside = may(principal, "see log", team_id=submission.team_id)
    state = _told_state(service, session, submission, run)
    scored = state == "scored"
    found = shown_evaluation(service, counted) if counted is not None and scored else None
    return SubmissionView(
        id=submission.id,
        challenge=submission.challenge,
        track=submission.track,
        method=submission.method,
        team=submission.team.name,
        card=submission.card,
        created=submission.created,
        duplicate_of=submission.duplicate_of,
        rescoring=scored and submission.runs[-1].state not in FINISHED,
        selected=submission.selected,
        hidden=submission.hidden,
        deleted=submission.deleted,
        sha256=submission.sha256,
        size=submission.size,
        file_name=submission.file_name if inside else "",
        scores=found and _scores(*found),
        report=scored and _may_see_report(principal, submission),
        **{**_of_run(service, session, run), "state": state, **_told_of(service, counted)},
    )


def _told_state(service: Service, session: Session, submission: Submission, run: Run | None) -> State:
    """Give the state as it is told: a first score is one when it stands on the board that is made with it."""
    if run is None or run.state != "scored":
        return "failed" if run is None else run.state
    once = sum(one.state == "scored" for one in submission.runs) == 1
    without_row = submission.duplicate_of is not None or submission.hidden
    if run.finished is None or service.now() - run.finished > _RANKING or without_row or not once:
        return "scored"
    key = (submission.challenge, run.challenge_version, submission.track)
    standing = session.get(Standing, key)
    return "scored" if standing is not None and standing.made >= run.finished else "scoring"


def as_told(service: Service, found: SubmissionView) -> SubmissionView:
    """Leave out the scores that are not told: where a truth is withheld, those that are not on the board.

    To be called when the caller's transaction has ended: this reads the board in one of its own.
    """
    if found.scores is None or score_is_told(service, found.challenge, found.version, found.track, found.id):
        return found
    return found.model_copy(update={"scores": None, "reason": _NOT_TOLD})


def score_is_told(service: Service, challenge: str, version: str, track: str, submission_id: str) -> bool:
    """Tell whether the score of a submission may be told, to its own team too."""
    from oceanbench_leaderboard.ranking import score_is_shown

    if not withholds_truth(challenge):
        return True
    try:
        return score_is_shown(service, challenge, version, track, submission_id)
    except (LookupError, NotFound):  # its definition is gone
        return False


def _of_run(service: Service, session: Session, run: Run | None) -> dict[str, Any]:
    if run is None:  # a row that somebody made by hand
        return {
            "state": "failed",
            "reason": "it has no run; ask the administrators to score it anew",
            "problems": [],
            "finished": None,
            "position": None,
            "attempts": 0,
        }
    return {
        "state": run.state,
        "reason": run.reason,
        "problems": run.problems,
        "finished": run.finished,
        "position": position(session, run, service.now()) if run.state == "queued" else None,
        "attempts": run.attempts,
    }


def _told_of(service: Service, run: Run | None) -> dict[str, Any]:
    """Give what belongs to the numbers that are shown."""
    if run is None:
        return {"version": "", "flags": []}
    private = shows_private(run.submission.challenge, service.now())
    return {"version": run.challenge_version, "flags": flags_told(run.flags, private=private)}


def _scores(evaluation: dict[str, Any], part: str) -> dict[str, Any]:
    return {**{name: evaluation[name] for name in _SCORES if name in evaluation}, "part": part}


def _may_see_report(principal: Principal | None, submission: Submission) -> bool:
    if submission.deleted is not None or withholds_truth(submission.challenge):
        return False
    public = has_public_report(submission)
    return may(principal, "see report", team_id=submission.team_id, public=public)
