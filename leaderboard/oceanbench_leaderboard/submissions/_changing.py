"""What is done to a submission once it is entered: chosen, hidden, deleted, scored anew."""

from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oceanbench.catalog import load_challenge
from oceanbench_leaderboard.accounts import Deed, Principal, require
from oceanbench_leaderboard.errors import Conflict, NotFound
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FINISHED, Submission, Team
from oceanbench_leaderboard.submissions._challenges import challenge_and_track, refuse_closed
from oceanbench_leaderboard.submissions._entering import add_run, wake
from oceanbench_leaderboard.submissions._events import note_action, note_event
from oceanbench_leaderboard.submissions._uploads import remove_upload
from oceanbench_leaderboard.submissions._views import SubmissionView, as_told, find, is_public, view_of

__all__ = ["delete", "hide", "rescore", "select_entry"]


def select_entry(
    service: Service, principal: Principal, submission_id: str, selected: bool = True
) -> SubmissionView:
    """Choose a submission as a final entry of its team, or take the choice back.

    Raises
    ------
    NotFound, Forbidden
        If it is not the asker's.
    Closed
        If the competition has ended.
    Conflict
        If the challenge has no final entries, or the team has chosen all that it may.
    """
    with service.database.transaction() as session:
        submission = _to_do(session, principal, submission_id, "change")
        if submission.selected == selected:
            return as_told(service, view_of(service, session, principal, submission))
        session.execute(select(Team.id).where(Team.id == submission.team_id).with_for_update())
        _refuse_selection(service, session, submission, selected)
        submission.selected = selected
        _note(service, session, principal, submission, "selected" if selected else "unselected")
        changed = view_of(service, session, principal, submission)
    _refresh(service, changed.challenge)
    return as_told(service, changed)


def _refuse_selection(service: Service, session: Session, submission: Submission, selected: bool) -> None:
    challenge = load_challenge(submission.challenge)
    entries = challenge.competition and challenge.competition.final_entries
    if not entries:
        raise Conflict(f"{challenge.id} has no final entries to choose; its board takes the best")
    refuse_closed(challenge, service.now())
    if not selected:
        return
    if submission.deleted is not None or submission.duplicate_of is not None:
        raise Conflict(f"submission {submission.id} is deleted, or the same as another; choose that one")
    chosen = select(func.count()).where(
        Submission.team_id == submission.team_id,
        Submission.challenge == submission.challenge,
        Submission.track == submission.track,
        Submission.selected,
        Submission.deleted.is_(None),
    )
    if (session.scalar(chosen) or 0) >= entries:
        raise Conflict(
            f"your team has chosen {entries} of {entries} final entries on {submission.track!r}; "
            "take one back first"
        )


def hide(service: Service, principal: Principal, submission_id: str, hidden: bool = True) -> SubmissionView:
    """Take a submission off the board, or put it back; for administrators.

    Raises
    ------
    NotFound, Forbidden
        If the asker may not.
    """
    with service.database.transaction() as session:
        submission = _to_do(session, principal, submission_id, "administer")
        submission.hidden = hidden
        _note(service, session, principal, submission, "hidden" if hidden else "unhidden")
        changed = view_of(service, session, principal, submission)
    _refresh(service, changed.challenge)
    return as_told(service, changed)


def delete(service: Service, principal: Principal, submission_id: str) -> SubmissionView:
    """Throw away the bytes and the reports of a submission, and take it off the board.

    A line stays that says that it was there, what it scored, and who deleted it: the same bytes are the same
    submission still, and a day's quota does not grow by deleting. Only its team and the administrators see
    that line. Deleting what is deleted removes what a failure left behind.

    Raises
    ------
    NotFound, Forbidden
        If the asker may not.
    Unavailable
        If not all bytes could be thrown away; delete it again.
    """
    with service.database.transaction() as session:
        submission = _to_do(session, principal, submission_id, "change")
        upload_id = _bury(service, session, principal, submission)
        folders = [f"runs/{run.id}" for run in submission.runs]
        gone = view_of(service, session, principal, submission)
    for folder in folders:
        service.files.delete_below(folder)
    if upload_id is not None:
        remove_upload(service, upload_id)
    _refresh(service, gone.challenge)
    return as_told(service, gone)


def _bury(service: Service, session: Session, principal: Principal, submission: Submission) -> int | None:
    """Turn a submission into a line that says it was there; give the upload that it needs no more."""
    upload_id, now = submission.upload_id, service.now()
    for run in submission.runs:
        if run.state not in FINISHED:  # whoever works on it holds a lease that is worth nothing now
            run.state, run.reason, run.finished = "failed", "the submission was deleted", now
            run.lease, run.lease_until = None, None
    if submission.deleted is None:
        submission.deleted, submission.selected = now, False
        _note(service, session, principal, submission, "deleted")
    submission.upload_id, submission.file_name = None, ""
    kept = ("method", "report")
    submission.card = {name: text for name, text in submission.card.items() if name in kept}
    session.flush()
    return upload_id


def rescore(service: Service, principal: Principal, submission_id: str) -> SubmissionView:
    """Score a submission anew by the present version of its challenge; for administrators.

    What it scored before stays, and is shown until the new numbers are there.

    Raises
    ------
    NotFound, Forbidden
        If the asker may not.
    Conflict
        If it is not finished, or its bytes were deleted.
    """
    with service.database.transaction() as session:
        submission = _to_do(session, principal, submission_id, "administer")
        challenge, _ = challenge_and_track(submission.challenge, submission.track)
        if submission.upload_id is None:
            raise Conflict(f"the bytes of submission {submission.id} were deleted; it cannot be scored anew")
        run = add_run(service, session, submission, challenge, "scored anew")
        _note(service, session, principal, submission, "rescore")
        session.refresh(submission, ["runs"])
        changed = view_of(service, session, principal, submission)
    wake(service, run.id)
    return as_told(service, changed)


def _to_do(session: Session, principal: Principal, submission_id: str, deed: Deed) -> Submission:
    submission = find(session, principal, submission_id)
    what = f"submission {submission.id}"
    require(principal, deed, what, team_id=submission.team_id, public=is_public(submission))
    locked = session.get(Submission, submission.id, with_for_update=True, populate_existing=True)
    if locked is None:
        raise NotFound(f"there is no {what} any more")
    return locked


def _note(
    service: Service, session: Session, principal: Principal, submission: Submission, what: str
) -> None:
    now = service.now()
    own = principal.team_id == submission.team_id
    note_event(session, submission, what, f"by {principal.name if own else 'an administrator'}", at=now)
    if principal.admin:
        note_action(session, principal, f"{what} submission {submission.id}", now)


def _refresh(service: Service, challenge: str) -> None:
    from oceanbench_leaderboard.ranking import refresh

    with suppress(NotFound, LookupError):  # a challenge that left the catalog has no board any more
        refresh(service, challenge)
