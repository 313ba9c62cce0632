"""Routes: the boards, as JSON and as CSV, made once for each revision."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from oceanbench.challenge import Challenge
from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.ranking import BoardView, Show
from oceanbench_leaderboard.service import Service
from oceanbench_web.api.challenges import known_challenge
from oceanbench_web.api.documents import API
from oceanbench_web.dependencies import Asker, TheParts
from oceanbench_web.kept import answer_kept
from oceanbench_web.refusals import documented

__all__ = ["Place", "place_of_board", "router"]

router = APIRouter(prefix=f"{API}/challenges", tags=["boards"])

type _Track = Annotated[str | None, Query(max_length=160, description="Track; the first if not given.")]
type _Version = Annotated[
    str | None, Query(pattern=r"^\d+\.\d+$", max_length=16, description="The present one if not given.")
]
type _Show = Annotated[Show, Query(description="best: one row for each team; all: every submission.")]

type Place = tuple[str, str, str, int, bool]


def place_of_board(service: Service, challenge: Challenge, version: str | None, track: str | None) -> Place:
    """Name the state of a board: what is made from it is the same as long as this is.

    Returns
    -------
    tuple
        Challenge, version, track, revision, and whether its competition is over.

    Raises
    ------
    NotFound
        If the challenge has no such track or version.
    """
    shown = version or challenge.version
    name = track
    if shown == challenge.version or track is None:
        name = _track(challenge, track)
    assert name is not None
    revision = ranking.board_revision(service, challenge.id, shown, name)
    competition = challenge.competition
    over = bool(competition and competition.closes and service.now() >= competition.closes)
    return challenge.id, shown, name, revision, over


def _track(challenge: Challenge, track: str | None) -> str:
    try:
        return challenge.track(track).id
    except LookupError as error:
        raise NotFound(str(error)) from None


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
    place = place_of_board(parts.service, known_challenge(challenge), version, track)

    def make() -> bytes:
        board = ranking.board(
            parts.service, challenge, track=place[2], version=place[1], show=show, limit=limit, offset=offset
        )
        return board.model_dump_json().encode()

    return answer_kept(
        request, parts.kept.get(("json", *place, show, limit, offset), make, "application/json")
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
    place = place_of_board(parts.service, known_challenge(challenge), version, track)

    def make() -> bytes:
        board = ranking.board(parts.service, challenge, track=place[2], version=place[1], show=show)
        return "".join(ranking.to_csv(board)).encode()

    answer = answer_kept(request, parts.kept.get(("csv", *place, show), make, "text/csv; charset=utf-8"))
    answer.headers["content-disposition"] = f'attachment; filename="{place[0]}-{place[1]}.csv"'
    return answer
