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
            f"no challenge fits a map of {_extent(submission)}; name one with --challenge "
            f"({', '.join(challenge_names())}) or give a truth of your own with --reference"
        )
    here = [fit for fit in fits if not needs_data or has_reference(fit.challenge, data)]
    chosen = (here or fits)[0].challenge
    others = [fit.challenge.id for fit in fits if fit.challenge.id != chosen.id]
    why = f"guessed challenge {chosen.id} from the box and the dates of the map"
    if others:
        absent = (
            "" if len(here) == len(fits) else ", whose data are not on this machine" if len(here) == 1 else ""
        )
        why += f"; {', '.join(others)} would fit too{absent}: name the one you mean with --challenge"
    return chosen, why


def _fit(submission: Submission, challenge: Challenge) -> _Fit | None:
    ssh, box, period = submission.ssh, challenge.domain, challenge.periods.evaluation
    lon, lat, time = ssh.lon.values, ssh.lat.values, ssh.time.values
    margin_x, margin_y = np.ptp(lon) / max(lon.size - 1, 1), np.ptp(lat) / max(lat.size - 1, 1)
    covers = (
        lon[0] - margin_x <= box.west
        and lon[-1] + margin_x >= box.east
        and lat[0] - margin_y <= box.south
        and lat[-1] + margin_y >= box.north
        and time[0] < period.first_instant + np.timedelta64(1, "D")
        and time[-1] >= period.last_day - np.timedelta64(1, "D")
    )
    if not covers:
        return None
    area = (box.east - box.west) * (box.north - box.south) * period.days
    days = (time[-1] - time[0]) / np.timedelta64(1, "D") + 1
    return _Fit(challenge, float(np.ptp(lon) * np.ptp(lat) * days / area))


def _extent(submission: Submission) -> str:
    ssh = submission.ssh
    lon, lat, time = ssh.lon.values, ssh.lat.values, ssh.time.values
    return (
        f"{lon[0]:.2f}..{lon[-1]:.2f} E, {lat[0]:.2f}..{lat[-1]:.2f} N, "
        f"{str(time[0])[:10]} to {str(time[-1])[:10]}"
    )


def find_track(challenge: Challenge, submission: Submission, given: str | None) -> tuple[Track, str]:
    """Find the track of a map: the one given, the one its file names, else the first."""
    if given is not None:
        return challenge.track(given), ""
    named = submission.attributes.get("track")
    if isinstance(named, str) and submission.attributes.get("challenge") == challenge.id:
        return challenge.track(named), f"track {named}, as the file says"
    first = challenge.tracks[0]
    if len(challenge.tracks) == 1:
        return first, ""
    return first, f"no track given: taken as {first.id!r}; name yours with --track"
