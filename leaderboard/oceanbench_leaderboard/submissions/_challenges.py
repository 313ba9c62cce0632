"""What the rules of a challenge mean for its submissions."""

from datetime import datetime

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, ChallengeError
from oceanbench_leaderboard.errors import Closed, NotFound, ServiceError

__all__ = ["challenge_and_track", "refuse_closed", "shows_private", "withholds_truth"]


def challenge_and_track(name: str, track: str | None) -> tuple[Challenge, str]:
    """Give a challenge that can be scored, and the name of one of its tracks as it is written there.

    Raises
    ------
    NotFound
        If there is no such challenge, or no such track.
    Closed
        If nothing can be scored on it yet.
    ServiceError
        If the track is not told and there are several.
    """
    try:
        challenge = load_challenge(name)
        found = challenge.track(track)
    except LookupError as error:
        raise NotFound(str(error)) from None
    if challenge.evaluation_pending:
        raise Closed(
            f"{challenge.id} cannot be scored yet: {challenge.evaluation_pending.rstrip('.')}; choose another"
        )
    if track is None and len(challenge.tracks) > 1:
        names = "; ".join(one.id for one in challenge.tracks)
        raise ServiceError(f"{challenge.id} has several tracks; say which: {names}")
    return challenge, found.id


def refuse_closed(challenge: Challenge, now: datetime) -> None:
    """Refuse a submission before the first instant of a competition, and from its last on.

    Raises
    ------
    Closed
        The message tells the instant.
    """
    rules = challenge.competition
    if rules is None:
        return
    if rules.opens and rules.is_still_to_open(now):
        raise Closed(
            f"{challenge.id} opens at {_instant(rules.opens)}; it is {_instant(now)}: come back then"
        )
    if rules.closes and rules.is_over(now):
        raise Closed(f"{challenge.id} closed at {_instant(rules.closes)}; it is {_instant(now)}")


def _instant(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def withholds_truth(challenge_id: str) -> bool:
    """Tell whether a challenge keeps its truth back; one that is not known any more is taken to."""
    try:
        return load_challenge(challenge_id).truth == "withheld"
    except (LookupError, ChallengeError):
        return True


def shows_private(challenge_id: str, now: datetime) -> bool:
    """Tell whether the private block of a competition is the one that counts: after it has closed."""
    try:
        rules = load_challenge(challenge_id).competition
    except (LookupError, ChallengeError):
        return False
    return bool(rules and rules.parts and rules.is_over(now))
