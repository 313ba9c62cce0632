"""The page with the form to submit a map; a small script sends the file in pieces, through the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge
from oceanbench_leaderboard.accounts import may
from oceanbench_leaderboard.submissions import INPUTS
from oceanbench_web.pages._reader import TheReader, answer

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_EXAMPLE = "2020a-twin"


@dataclass(frozen=True)
class _Choice:
    """A challenge that takes submissions now."""

    id: str
    title: str
    tracks: tuple[str, ...]


@router.get("/submit")
def show_form(
    reader: TheReader,
    challenge: Annotated[str, Query(max_length=80)] = "",
    track: Annotated[str, Query(max_length=160)] = "",
) -> Response:
    """Show the form, and the command that does the same."""
    choices = _choices(reader.parts.service.now())
    return answer(
        reader,
        "submit",
        json_twin="/api/v1/challenges",
        choices=choices,
        example=_example(choices, challenge, track),
        inputs=INPUTS,
        wanted=(challenge, track),
        address=reader.address,
        largest=reader.parts.service.settings.limits.upload_bytes,
        may_submit=reader.session is not None and may(reader.principal, "submit"),
    )


def _choices(now: datetime) -> list[_Choice]:
    challenges = (load_challenge(name) for name in challenge_names())
    return [
        _Choice(one.id, one.title, tuple(track.id for track in one.tracks))
        for one in challenges
        if _takes_maps(one, now)
    ]


def _example(choices: list[_Choice], challenge: str, track: str) -> tuple[str, str]:
    """Give a challenge and a track for the command: those that are wanted, as far as they exist."""
    known = {choice.id: choice.tracks for choice in choices}
    if challenge not in known:
        challenge = _EXAMPLE if _EXAMPLE in known else next(iter(known), _EXAMPLE)
    tracks = known.get(challenge, ("all",))
    return challenge, track if track in tracks else tracks[0]


def _takes_maps(challenge: Challenge, now: datetime) -> bool:
    rules = challenge.competition
    if challenge.evaluation_pending:
        return False
    return not rules or not (rules.is_still_to_open(now) or rules.is_over(now))
