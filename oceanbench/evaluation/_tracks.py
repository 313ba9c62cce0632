"""Which track of a challenge a map is for: what is asked, what the file says, else what it covers."""

from oceanbench.challenge import Challenge, Track
from oceanbench.evaluation._fitting import Fit, close_fits, extent, shares_one_scope
from oceanbench.submission import Submission

__all__ = ["find_track"]

_TRACKS_SHOWN = 6


def find_track(challenge: Challenge, submission: Submission, given: str | None) -> tuple[Track, str]:
    """Find the track of a map: the one given, the one its file names, else the one it fits, else the first.

    Parameters
    ----------
    challenge : Challenge
    submission : Submission
        The map; where tracks differ in box or days it must not have been cut to one of them.
    given : str or None
        The track that is asked for.

    Returns
    -------
    tuple of Track and str
        The track, and how it was found, in a sentence; empty where there was no choice.

    Raises
    ------
    LookupError
        If the challenge has no such track, or the map covers the boxes of several tracks, or of none.
    ValueError
        If the altimeter that judges the track given is among the observations of the track the file names.
    """
    named = _named_track(challenge, submission, given)
    if given is not None:
        return _checked(challenge.track(given), named)
    if named is not None:
        return named, f"track {named.id}, as the file says"
    first = challenge.tracks[0]
    if len(challenge.tracks) == 1:
        return first, ""
    if not shares_one_scope(challenge):
        return _fitting_track(challenge, submission)
    return first, f"the track is not known: taken as {first.id!r}; name yours with --track"


def _named_track(challenge: Challenge, submission: Submission, given: str | None) -> Track | None:
    named = submission.attributes.get("track")
    if not isinstance(named, str) or submission.attributes.get("challenge") != challenge.id:
        return None
    try:
        return challenge.track(named)
    except LookupError as error:
        if given is not None:
            return None
        raise LookupError(f"the file says track = {named!r}, but {error}; name yours with --track") from None


def _checked(track: Track, named: Track | None) -> tuple[Track, str]:
    if named is None or named.id == track.id:
        return track, ""
    if track.reference in named.observations:
        raise ValueError(
            f"the file says it was made for track {named.id!r}, which uses {track.reference}: the very "
            f"altimeter that judges {track.id!r}; score it on its own track, or correct its attribute 'track'"
        )
    return track, f"the file says it was made for track {named.id!r}, and is scored as {track.id!r}, as asked"


def _fitting_track(challenge: Challenge, submission: Submission) -> tuple[Track, str]:
    """Take the closest fit, where all that fit lie in one box: a year of maps is not scored as a season."""
    fits = close_fits(submission, challenge)
    if not fits:
        raise LookupError(
            f"the map ({extent(submission)}) covers no track of {challenge.id}: {_scopes(challenge)}; "
            "extend it, or name the track you mean with --track"
        )
    if len({fit.challenge.domain for fit in fits}) > 1:
        raise LookupError(
            f"the map ({extent(submission)}) covers the boxes of several tracks of {challenge.id}: "
            f"{_shortened([fit.track.id for fit in fits])}; name one with --track"
        )
    return fits[0].track, _how(fits)


def _how(fits: list[Fit]) -> str:
    others = [fit.track.id for fit in fits[1:]]
    sentence = f"track {fits[0].track.id} fits the box and the dates of the map best"
    return f"{sentence}; it covers {_shortened(others)} too: name yours with --track" if others else sentence


def _scopes(challenge: Challenge) -> str:
    """Say the boxes and periods of the tracks, each once, with the first track that has them."""
    said: dict[str, str] = {}
    for track in challenge.tracks:
        box, period = challenge.on(track).domain, challenge.on(track).periods.evaluation
        where = (
            f"{box.west:g}..{box.east:g} E, {box.south:g}..{box.north:g} N, {period.start} to {period.end}"
        )
        said.setdefault(where, track.id)
    return _shortened([f"{track!r} is {where}" for where, track in said.items()])


def _shortened(names: list[str]) -> str:
    more = len(names) - _TRACKS_SHOWN
    return "; ".join(names[:_TRACKS_SHOWN]) + (f"; and {more} more" if more > 0 else "")
