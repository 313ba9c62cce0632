"""Whether a map covers a box and a period, and how closely it fits them."""

from dataclasses import dataclass

import numpy as np

from oceanbench.challenge import Box, Challenge, Period, Track
from oceanbench.submission import Submission

__all__ = ["Fit", "close_fits", "covers_box", "covers_days", "extent", "shares_one_scope"]


@dataclass(frozen=True)
class Fit:
    """A track of a challenge whose box and days a map covers.

    Attributes
    ----------
    challenge : Challenge
        With the box and the days of the track.
    track : Track
    excess : float
        Area and days of the map over those of the track: the closest fit is near 1.
    """

    challenge: Challenge
    track: Track
    excess: float

    @property
    def distance(self) -> float:
        """Zero for a map that is exactly as large and long as what is scored."""
        return abs(float(np.log(self.excess)))


def close_fits(submission: Submission, challenge: Challenge) -> list[Fit]:
    """Give the tracks whose box and days the map covers, the closest first; equal ones in their order."""
    fits = [fit for track in challenge.tracks if (fit := _fit(submission, challenge.on(track), track))]
    return sorted(fits, key=lambda fit: fit.distance)


def shares_one_scope(challenge: Challenge) -> bool:
    """Tell whether all tracks of a challenge are scored in one box and over the same days."""
    first = challenge.tracks[0]
    return all(
        (track.domain, track.evaluation) == (first.domain, first.evaluation) for track in challenge.tracks
    )


def _fit(submission: Submission, challenge: Challenge, track: Track) -> Fit | None:
    box, period = challenge.domain, challenge.periods.evaluation
    if not covers_box(submission, box) or not covers_days(submission, period):
        return None
    lon, lat, time = (submission.ssh[name].values for name in ("lon", "lat", "time"))
    area = (box.east - box.west) * (box.north - box.south) * period.days
    days = (time[-1] - time[0]) / np.timedelta64(1, "D") + 1
    return Fit(challenge, track, float(np.ptp(lon) * np.ptp(lat) * days / area))


def covers_box(submission: Submission, box: Box) -> bool:
    """Tell whether the map reaches the edges of the box, to within one of its own cells."""
    bounds = {"lon": (box.west, box.east), "lat": (box.south, box.north)}
    for name, (low, high) in bounds.items():
        nodes = submission.ssh[name].values
        cell = np.ptp(nodes) / max(nodes.size - 1, 1)
        if nodes[0] - cell > low or nodes[-1] + cell < high:
            return False
    return True


def covers_days(submission: Submission, period: Period) -> bool:
    """Tell whether the map begins by the second day of the period and ends on its last but one or later."""
    time, day = submission.ssh.time.values, np.timedelta64(1, "D")
    return bool(time[0] < period.first_instant + day and time[-1] >= period.last_day - day)


def extent(submission: Submission) -> str:
    """Say the box and the days of a map."""
    ssh = submission.ssh
    lon, lat, time = ssh.lon.values, ssh.lat.values, ssh.time.values
    return (
        f"{lon[0]:.2f}..{lon[-1]:.2f} E, {lat[0]:.2f}..{lat[-1]:.2f} N, "
        f"{str(time[0])[:10]} to {str(time[-1])[:10]}"
    )
