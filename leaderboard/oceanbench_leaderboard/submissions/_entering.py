"""Entering an upload on a track of a challenge: all of it, or nothing."""

import secrets
from contextlib import suppress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.accounts import Principal, require
from oceanbench_leaderboard.errors import Conflict, Unauthorised, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FINISHED, Run, Submission, Team, Upload
from oceanbench_leaderboard.submissions._card import Card
from oceanbench_leaderboard.submissions._challenges import challenge_and_track, refuse_closed
from oceanbench_leaderboard.submissions._events import note_event
from oceanbench_leaderboard.submissions._quota import (
    refuse_over_quota,
    refuse_too_many_checks,
    refuse_too_many_waiting,
)
from oceanbench_leaderboard.submissions._uploads import upload_of
from oceanbench_leaderboard.submissions._views import SubmissionView, as_told, view_of

__all__ = ["Entry", "add_run", "enter", "wake"]

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
_LENGTH = 14


def _shown_name(name: str) -> str:
    """Keep the last part of a name of a file, without what cannot be seen; it is shown and never opened."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in last)[:255]


class Entry(BaseModel):
    """What is entered: which bytes, on which track, and what the team says of them.

    Attributes
    ----------
    challenge : str
        Its id.
    track : str or None
        Case and punctuation do not matter; None where the challenge has one track only.
    sha256 : str
        Digest of an upload that is whole.
    file_name : str
        Name that the file has with the team; shown, never opened.
    card : Card
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    challenge: Annotated[str, Field(min_length=1, max_length=80)]
    track: Annotated[str, Field(max_length=160)] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    file_name: Annotated[str, Field(max_length=1000), AfterValidator(_shown_name)] = ""
    card: Card


def enter(service: Service, principal: Principal, entry: Entry) -> tuple[SubmissionView, bool]:
    """Enter an upload, and queue it for scoring.

    The same bytes of the same team on the same track are the same submission: it is given again, whatever
    the day's quota; one that failed through the service is queued anew. Where its bytes are gone, because
    it was deleted or refused some time ago, they are sent again, and it is as good as new.

    Returns
    -------
    SubmissionView, bool
        The submission, and whether it is a new one.

    Raises
    ------
    Forbidden
        If the asker may not submit.
    NotFound
        If there is no such challenge, or no such track.
    Closed
        If the challenge cannot be scored, or its competition is not open by the clock of the service.
    Conflict
        If the upload is not whole; ``offset`` says from where to go on.
    QuotaExceeded
        If the team has entered too many today, had too many checked, or too many wait.
    """
    require(principal, "submit", "a map")
    challenge, track = challenge_and_track(entry.challenge, entry.track)
    with service.database.transaction() as session:
        _hold_team(session, principal)
        known = _known(session, principal.team_id, challenge.id, track, entry.sha256)
        new = known is None or known.upload_id is None
        run: Run | None
        if known is None or known.upload_id is None:
            submission, run = _add(service, session, principal, entry, challenge, track, known)
        else:
            submission, run = known, _queue_failed(service, session, known, challenge)
        session.refresh(submission, ["runs"])
        entered = view_of(service, session, principal, submission)
    if run is not None:
        wake(service, run.id)
    return as_told(service, entered), new


def _hold_team(session: Session, principal: Principal) -> None:
    """Hold the row of the team, so that its requests are counted one after the other."""
    team = session.get(Team, principal.team_id, with_for_update=True)
    if team is None or not team.active:
        raise Unauthorised("your team takes no part any more; ask the administrators")


def _known(session: Session, team_id: int, challenge: str, track: str, sha256: str) -> Submission | None:
    return session.scalar(
        select(Submission).where(
            Submission.team_id == team_id,
            Submission.challenge == challenge,
            Submission.track == track,
            Submission.sha256 == sha256,
        )
    )


def _queue_failed(
    service: Service, session: Session, submission: Submission, challenge: Challenge
) -> Run | None:
    """Queue anew what failed through the service, whatever the hour and the quota: it was in time once."""
    if submission.runs and submission.runs[-1].state != "failed":
        return None
    if any(run.state == "scored" for run in submission.runs):
        return None
    refuse_too_many_checks(session, submission.team_id, service.settings.limits, service.now())
    refuse_too_many_waiting(session, submission.team_id, service.settings.limits)
    return add_run(service, session, submission, challenge, "entered again")


def _add(
    service: Service,
    session: Session,
    principal: Principal,
    entry: Entry,
    challenge: Challenge,
    track: str,
    known: Submission | None,
) -> tuple[Submission, Run]:
    now, limits = service.now(), service.settings.limits
    refuse_closed(challenge, now)
    upload = _whole_upload(session, principal.team_id, entry.sha256)
    refuse_over_quota(session, principal.team_id, challenge, limits, now)
    refuse_too_many_checks(session, principal.team_id, limits, now)
    refuse_too_many_waiting(session, principal.team_id, limits)
    submission = known or Submission(id=_new_id(session), team_id=principal.team_id)
    submission.upload_id, submission.size, submission.sha256 = upload.id, upload.size, upload.sha256
    submission.challenge, submission.track = challenge.id, track
    submission.method, submission.card = entry.card.method, entry.card.model_dump(mode="json")
    submission.file_name, submission.created, submission.deleted = entry.file_name, now, None
    session.add(submission)
    session.flush()
    return submission, add_run(service, session, submission, challenge, "entered")


def _whole_upload(session: Session, team_id: int, sha256: str) -> Upload:
    upload = upload_of(session, team_id, sha256, lock=True)
    if upload is None:
        raise Conflict(f"no bytes with the SHA-256 {sha256} are here; send the file first", 0)
    if upload.completed is None:
        offset = sum(part.size for part in upload.parts)
        raise Conflict(f"{offset} of {upload.size} bytes of the file are here; send the rest", offset)
    return upload


def _new_id(session: Session) -> str:
    while True:
        candidate = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        if session.get(Submission, candidate) is None:
            return candidate


def add_run(
    service: Service, session: Session, submission: Submission, challenge: Challenge, what: str
) -> Run:
    """Add a run in the state ``queued``, in the caller's transaction; the caller wakes the workers after it.

    Raises
    ------
    Conflict
        If the submission waits or is worked on already.
    """
    runs = list(session.scalars(select(Run).where(Run.submission_id == submission.id)))
    if any(run.state not in FINISHED for run in runs):
        raise Conflict(f"submission {submission.id} is not finished; wait for it")
    last = session.scalar(
        select(func.max(Run.round)).where(
            Run.submission_id == submission.id, Run.challenge_version == challenge.version
        )
    )
    now = service.now()
    run = Run(
        submission_id=submission.id,
        challenge_version=challenge.version,
        round=(last or 0) + 1,
        state="queued",
        created=now,
    )
    session.add(run)
    session.flush()
    note_event(session, submission, what, f"{challenge.id} {challenge.version}", at=now, run_id=run.id)
    return run


def wake(service: Service, run_id: int) -> None:
    """Tell the workers that a run waits; the sweep finds it where that gets lost."""
    with suppress(Unavailable):
        service.queue.wake(run_id)
