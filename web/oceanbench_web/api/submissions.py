"""Routes: submissions, entered, followed, chosen, withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, model_validator
from starlette.responses import JSONResponse, Response

from oceanbench_leaderboard import submissions
from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.submissions import Entry, EventView, SubmissionView
from oceanbench_web.api.documents import API, SubmissionDocument, SubmissionList, submission_document
from oceanbench_web.dependencies import Asker, Somebody, TheService, allowed
from oceanbench_web.refusals import documented

__all__ = ["SubmissionId", "router"]

router = APIRouter(prefix=f"{API}/submissions", tags=["submissions"])

type SubmissionId = Annotated[
    str, Path(pattern="^[a-z0-9]{1,32}$", description="As it was given when the file was entered.")
]
type _Submitter = Annotated[Principal, Depends(allowed("submit", "a file"))]
type _Admin = Annotated[Principal, Depends(allowed("administer", "submissions"))]


class Change(BaseModel):
    """What to change; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    selected: bool | None = None
    hidden: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Change":
        if self.selected is None and self.hidden is None:
            raise ValueError("nothing to change; give selected, or hidden")
        return self


def _document(service: Service, view: SubmissionView) -> SubmissionDocument:
    return submission_document(view, service.settings.base_url)


@router.post(
    "",
    status_code=202,
    summary="Enter an uploaded file on a board",
    response_model=SubmissionDocument,
    responses={
        **documented(404, 409, 413, 422),
        200: {"model": SubmissionDocument, "description": "The same entry was made before."},
        202: {"description": "It waits to be checked and scored."},
    },
)
def enter_submission(entry: Entry, service: TheService, principal: _Submitter) -> Response:
    """Enter a file that was uploaded whole; the header ``Location`` says where to follow it.

    The same file of the same team on the same track is the same submission, however often it is entered.
    """
    view, new = submissions.enter(service, principal, entry)
    document = _document(service, view)
    return JSONResponse(
        document.model_dump(mode="json"),
        status_code=202 if new else 200,
        headers={"Location": document.links["self"]},
    )


@router.get("", summary="Submissions of the own team", responses=documented(422))
def list_submissions(
    service: TheService,
    principal: Somebody,
    challenge: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[
        str | None, Query(pattern="^[a-z0-9]{1,32}$", description="The last one of the page before.")
    ] = None,
) -> SubmissionList:
    """Give the submissions of the team, the newest first."""
    found = submissions.mine(service, principal, challenge, limit, after)
    return SubmissionList(submissions=[_document(service, view) for view in found])


@router.get("/{id}", summary="One submission", responses=documented(404, 422))
def show_submission(id: SubmissionId, service: TheService, principal: Asker) -> SubmissionDocument:
    """Give its state, its place in the queue, and its scores; those of other teams once they are public."""
    return _document(service, submissions.view(service, principal, id))


@router.get("/{id}/history", summary="What happened to it", responses=documented(404, 422))
def show_history(id: SubmissionId, service: TheService, principal: Asker) -> list[EventView]:
    """Give what happened to a submission, and when; for its team."""
    submissions.view(service, principal, id)  # what is hidden is refused in the words of what is absent
    return submissions.history(service, principal, id)


@router.patch("/{id}", summary="Choose it as a final entry, or hide it", responses=documented(404, 409, 422))
def change_submission(
    id: SubmissionId, change: Change, service: TheService, principal: Somebody
) -> SubmissionDocument:
    """Choose it among the final entries of its team (``selected``), or take it off the boards (``hidden``).

    Only administrators hide.
    """
    view = submissions.view(service, principal, id)
    if change.selected is not None:
        view = submissions.select(service, principal, id, change.selected)
    if change.hidden is not None:
        view = submissions.hide(service, principal, id, change.hidden)
    return _document(service, view)


@router.delete("/{id}", status_code=204, summary="Withdraw it", responses=documented(404, 409, 422))
def delete_submission(id: SubmissionId, service: TheService, principal: Somebody) -> None:
    """Take it off the boards and delete its file and report; what stays is that there was one."""
    submissions.delete(service, principal, id)


@router.post("/{id}/rescore", status_code=202, summary="Score it anew", responses=documented(404, 409, 422))
def rescore_submission(id: SubmissionId, service: TheService, principal: _Admin) -> SubmissionDocument:
    """Queue it once more; the scores that it has stay until there are new ones. For administrators."""
    return _document(service, submissions.rescore(service, principal, id))
