"""Routes: the challenges, and what their rules are."""

from fastapi import APIRouter

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.submissions import QuotaView, quota
from oceanbench_web.api.documents import (
    API,
    ChallengeDocument,
    ChallengeLine,
    challenge_document,
    challenge_line,
)
from oceanbench_web.dependencies import Asker, Somebody, TheService
from oceanbench_web.refusals import documented

__all__ = ["known_challenge", "router", "why_not_open"]

router = APIRouter(prefix=f"{API}/challenges", tags=["challenges"])


def known_challenge(name: str) -> Challenge:
    """Give the challenge of that name.

    Raises
    ------
    NotFound
        If there is none.
    """
    try:
        return load_challenge(name)
    except LookupError:  # its words would repeat the name, which may be ten thousand letters
        raise NotFound(f"there is no challenge of that name; see {API}/challenges") from None


def why_not_open(service: Service, challenge: Challenge) -> str:
    """Say why a challenge takes no submissions now; empty if it takes them."""
    if challenge.evaluation_pending:
        return challenge.evaluation_pending
    competition, now = challenge.competition, service.now()
    if competition is None:
        return ""
    if competition.opens and competition.is_still_to_open(now):
        return f"it opens at {competition.opens:%Y-%m-%d %H:%M} UTC"
    if competition.closes and competition.is_over(now):
        return f"it closed at {competition.closes:%Y-%m-%d %H:%M} UTC"
    return ""


@router.get("", summary="All challenges", responses=documented())
def list_challenges(service: TheService, _: Asker) -> list[ChallengeLine]:
    """Give all challenges, sorted by name."""
    found = map(load_challenge, challenge_names())
    return [challenge_line(challenge, why_not_open(service, challenge)) for challenge in found]


@router.get("/{challenge}", summary="One challenge", responses=documented(404, 422))
def show_challenge(challenge: str, service: TheService, _: Asker) -> ChallengeDocument:
    """Give the rules of a challenge: box, days, tracks, metrics, and what a submitted file must hold."""
    found = known_challenge(challenge)
    return challenge_document(found, why_not_open(service, found))


@router.get("/{challenge}/quota", summary="What is left of the day", responses=documented(404, 422))
def show_quota(challenge: str, service: TheService, principal: Somebody) -> QuotaView:
    """Give how many submissions the own team may still enter on this UTC day."""
    return quota(service, principal, known_challenge(challenge).id)
