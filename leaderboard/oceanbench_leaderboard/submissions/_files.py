"""The files of a submission, for those who may have them: passport, report, and the bytes themselves."""

from typing import Any

from oceanbench_leaderboard.accounts import Principal, require
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Upload
from oceanbench_leaderboard.submissions._challenges import withholds_truth
from oceanbench_leaderboard.submissions._views import (
    counted_run,
    find,
    has_public_report,
    score_is_told,
    shown_evaluation,
)

__all__ = ["file_keys", "passport", "report_file", "report_folder", "report_keys"]


def report_folder(run: Run) -> str:
    """Give the folder of the store in which the report of a run lies."""
    return f"{run.folder}/report"


def passport(
    service: Service, principal: Principal | None, submission_id: str, version: str | None = None
) -> dict[str, Any]:
    """Give the score passport of a submission: all that is needed to compute its numbers again.

    Parameters
    ----------
    version : str, optional
        Version of the challenge that it was scored by; the last one if not given.

    Returns
    -------
    dict
        The JSON of the evaluation, as ``oceanbench verify`` takes it.

    Raises
    ------
    NotFound
        If there is no such submission that the asker may see, or it has no score by that version.
    """
    with service.database.transaction(read_only=True) as session:
        submission = find(session, principal, submission_id)
        run = counted_run(session, submission, version)
        found = shown_evaluation(service, run) if run is not None and run.state == "scored" else None
        if found is None:
            by = "" if version is None else f" by version {version[:16]} of {submission.challenge}"
            raise NotFound(f"submission {submission.id} has no score{by}; look at its state")
        place = submission.challenge, found[0].get("version", ""), submission.track, submission.id
    if not score_is_told(service, *place):
        raise NotFound(f"the score of submission {submission_id} is not told: the truth is withheld")
    return found[0]


def report_file(service: Service, principal: Principal | None, submission_id: str, name: str) -> str:
    """Give the key, in the store, of a file of the report of a submission.

    Parameters
    ----------
    name : str
        ``index.html``, or another file of the report.

    Raises
    ------
    NotFound
        If there is none that the asker may see.
    """
    key = f"{_folder_of_report(service, principal, submission_id)}/{name}"
    if not _is_name(name) or not service.files.exists(key):
        raise NotFound(
            f"the report of submission {submission_id} has no file {name[:80]!r}; begin with index.html"
        )
    return key


def report_keys(service: Service, principal: Principal | None, submission_id: str) -> dict[str, str]:
    """Give the names of the files of a report, with their keys in the store.

    Raises
    ------
    NotFound
        If there is no report that the asker may see.
    """
    folder = _folder_of_report(service, principal, submission_id)
    return {key.removeprefix(f"{folder}/"): key for key in service.files.keys(folder)}


def _folder_of_report(service: Service, principal: Principal | None, submission_id: str) -> str:
    with service.database.transaction(read_only=True) as session:
        submission = find(session, principal, submission_id)
        what = f"report of submission {submission.id}"
        public = has_public_report(submission)
        require(principal, "see report", what, team_id=submission.team_id, public=public)
        run = counted_run(session, submission)
        gone = submission.deleted is not None or withholds_truth(submission.challenge)
        if run is None or run.state != "scored" or gone:
            raise NotFound(f"there is no {what}; look at its state")
        return report_folder(run)


def _is_name(name: str) -> bool:
    parts = name.split("/")
    return name.isprintable() and "\\" not in name and not any(part in ("", ".", "..") for part in parts)


def file_keys(service: Service, principal: Principal | None, submission_id: str) -> list[str]:
    """Give the keys, in the store and in order, of the bytes of a submission: for its team alone.

    Raises
    ------
    NotFound
        If there is no such submission, the asker may not have its bytes, or they were deleted.
    """
    with service.database.transaction(read_only=True) as session:
        submission = find(session, principal, submission_id)
        what = f"file of submission {submission.id}"
        require(principal, "see file", what, team_id=submission.team_id)
        upload = submission.upload_id and session.get(Upload, submission.upload_id)
        if not upload:
            raise NotFound(f"the {what} was deleted; send it again")
        return [part.key for part in upload.parts]
