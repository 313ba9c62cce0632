"""Which challenge and track a map is for: what the file says, else what its box and dates fit."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge, Track
from oceanbench.data import has_reference
from oceanbench.submission import Submission

__all__ = ["find_challenge", "find_track"]


@dataclass(frozen=True)
class _Fit:
    challenge: Challenge
    excess: float  # area of the map over area of the box; the closest fit is near 1


def find_challenge(
    submission: Submission, data: Path | None = None, *, needs_data: bool = True
) -> tuple[Challenge, str]:
    """Find the challenge of a map from its attributes, else its box and dates; say how in a sentence.

    Parameters
    ----------
    submission : Submission
        The map, canonical, with the attributes of its file.
    data : pathlib.Path, optional
        Folder in which the data of a challenge are looked for first.
    needs_data : bool
        Of several that fit, prefer one whose truth is on this machine.

    Raises
    ------
    LookupError
        If nothing fits.
    """
    named = submission.attributes.get("challenge")
    if isinstance(named, str) and named in challenge_names():
        return load_challenge(named), f"challenge {named}, as the file says"
    chosen, why = _guess(submission, data, needs_data)
    unknown = f"the file names the challenge {named!r}, which is not known here; " if named else ""
    return chosen, unknown + why


def _guess(submission: Submission, data: Path | None, needs_data: bool) -> tuple[Challenge, str]:
    fits = sorted(
        (fit for name in challenge_names() if (fit := _fit(submission, load_challenge(name))) is not None),
        key=lambda fit: (abs(np.log(fit.excess)), fit.challenge.is_twin),
    )
    if not fits:
        raise LookupError(
            f"no challenge fits a map of {_extent(submission)}{_near_misses(submission)}; name one with "
            f"--challenge ({', '.join(challenge_names())}) or give a truth of your own with --reference"
        )
    here = [fit for fit in fits if not needs_data or has_reference(fit.challenge, data)]
    chosen = (here or fits)[0].challenge
    others = [fit.challenge.id for fit in fits if fit.challenge.id != chosen.id]
    why = f"guessed challenge {chosen.id} from the box and the dates of the map"
    if others:
        only_one_here = len(here) == 1 and len(fits) > 1
        absent = ", whose data are not on this machine" if only_one_here else ""
        why += f"; {', '.join(others)} would fit too{absent}: name the one you mean with --challenge"
    return chosen, why


def _fit(submission: Submission, challenge: Challenge) -> _Fit | None:
    if not _covers_box(submission, challenge) or not _covers_days(submission, challenge):
        return None
    box, period = challenge.domain, challenge.periods.evaluation
    lon, lat, time = (submission.ssh[name].values for name in ("lon", "lat", "time"))
    area = (box.east - box.west) * (box.north - box.south) * period.days
    days = (time[-1] - time[0]) / np.timedelta64(1, "D") + 1
    return _Fit(challenge, float(np.ptp(lon) * np.ptp(lat) * days / area))


def _covers_box(submission: Submission, challenge: Challenge) -> bool:
    box = challenge.domain
    bounds = {"lon": (box.west, box.east), "lat": (box.south, box.north)}
    for name, (low, high) in bounds.items():
        nodes = submission.ssh[name].values
        cell = np.ptp(nodes) / max(nodes.size - 1, 1)
        if nodes[0] - cell > low or nodes[-1] + cell < high:
            return False
    return True


def _covers_days(submission: Submission, challenge: Challenge) -> bool:
    time, period = submission.ssh.time.values, challenge.periods.evaluation
    day = np.timedelta64(1, "D")
    return bool(time[0] < period.first_instant + day and time[-1] >= period.last_day - day)


def _near_misses(submission: Submission) -> str:
    """Name the challenges whose box the map covers but not their days."""
    near = [c for name in challenge_names() if _covers_box(submission, c := load_challenge(name))]
    days = [f"{c.id} {c.periods.evaluation.start} to {c.periods.evaluation.end}" for c in near]
    return f" (its box fits, its days do not: {'; '.join(days)})" if days else ""


def _extent(submission: Submission) -> str:
    ssh = submission.ssh
    lon, lat, time = ssh.lon.values, ssh.lat.values, ssh.time.values
    return (
        f"{lon[0]:.2f}..{lon[-1]:.2f} E, {lat[0]:.2f}..{lat[-1]:.2f} N, "
        f"{str(time[0])[:10]} to {str(time[-1])[:10]}"
    )


def find_track(challenge: Challenge, submission: Submission, given: str | None) -> tuple[Track, str]:
    """Find the track of a map: the one given, the one its file names, else the first.

    Raises
    ------
    LookupError
        If the challenge has no such track.
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
