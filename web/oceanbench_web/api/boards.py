"""Routes: the boards, as JSON and as CSV, made once for each revision."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.ranking import BoardView, Show
from oceanbench_web.api.challenges import known_challenge
from oceanbench_web.api.documents import API
from oceanbench_web.dependencies import Asker, TheParts
from oceanbench_web.kept import answer_kept
from oceanbench_web.refusals import documented

__all__ = ["router"]

router = APIRouter(prefix=f"{API}/challenges", tags=["boards"])

type _Track = Annotated[str | None, Query(max_length=160, description="Track; the first if not given.")]
type _Version = Annotated[
    str | None, Query(pattern=r"^\d+\.\d+$", max_length=16, description="The present one if not given.")
]
type _Show = Annotated[Show, Query(description="best: one row for each team; all: every submission.")]


@router.get(
    "/{challenge}/board",
    summary="A board",
    response_model=BoardView,
    responses={**documented(404, 422), 304: {"description": "As the client has it (If-None-Match)."}},
)
def show_board(
    request: Request,
    challenge: str,
    parts: TheParts,
    _: Asker,
    track: _Track = None,
    version: _Version = None,
    show: _Show = "best",
    limit: Annotated[int, Query(ge=1, le=1000, description="Rows to give.")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Rows to leave out before.")] = 0,
) -> Response:
    """Give the rows of a track, ranked; ``total`` says how many there are."""
    known = known_challenge(challenge).id
    state = ranking.board_state(parts.service, known, version=version, track=track)

    def make() -> bytes:
        board = ranking.board(
            parts.service,
            challenge,
            track=state.track,
            version=state.version,
            show=show,
            limit=limit,
            offset=offset,
        )
        return board.model_dump_json().encode()

    return answer_kept(
        request, parts.kept.get(("json", state, show, limit, offset), make, "application/json")
    )


@router.get(
    "/{challenge}/board.csv",
    summary="A board as CSV",
    response_class=Response,
    responses={
        **documented(404, 422),
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "All its rows."},
        304: {"description": "As the client has it (If-None-Match)."},
    },
)
def show_board_as_csv(
    request: Request,
    challenge: str,
    parts: TheParts,
    _: Asker,
    track: _Track = None,
    version: _Version = None,
    show: _Show = "best",
) -> Response:
    """Give all rows of a track, one line for each."""
    known = known_challenge(challenge).id
    state = ranking.board_state(parts.service, known, version=version, track=track)

    def make() -> bytes:
        board = ranking.board(parts.service, challenge, track=state.track, version=state.version, show=show)
        return "".join(ranking.to_csv(board)).encode()

    answer = answer_kept(request, parts.kept.get(("csv", state, show), make, "text/csv; charset=utf-8"))
    answer.headers["content-disposition"] = f'attachment; filename="{state.challenge}-{state.version}.csv"'
    return answer
