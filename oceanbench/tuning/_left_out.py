"""Real altimeters that are left out in turn: what a method is tuned on where nobody knows the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.challenge import Box, Challenge, Track
from oceanbench.data import read_observations_of
from oceanbench.interpolation import interpolate_along_track
from oceanbench.observations import concat, select
from oceanbench.progress import Progress, silent
from oceanbench.running import mean_height, target_grid, with_mean
from oceanbench.tuning._case import Case, middles
from oceanbench.tuning._errors import Errors, blocks_of_days, sums_by_block

__all__ = ["LeftOut", "left_out", "missions_that_judge_nothing"]

_DAYS_IN_A_ROW = (
    4  # a map more than days is needed for each row: time is interpolated from midnight to midnight
)
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class LeftOut(Case):
    """One mission left out, and its samples as the reference.

    Attributes
    ----------
    reference : xr.Dataset, dim obs
        Canonical observations of that mission on the scored days and in the scored box, absolute heights.
    """

    reference: xr.Dataset

    def errors(self, ssh: xr.DataArray) -> Errors:
        """Compare a map, interpolated linearly in longitude, latitude and time, with its samples."""
        lon, lat, time, height = (self.reference[name].values for name in ("lon", "lat", "time", "ssh"))
        return sums_by_block(
            interpolate_along_track(ssh, lon, lat, time) - height, height, blocks_of_days(time)
        )


def left_out(
    challenge: Challenge,
    track: Track,
    *,
    given: Path | None = None,
    noise: bool = False,
    days: int = 60,
    progress: Progress | None = None,
) -> list[LeftOut]:
    """Give one case for each mission of a track that judges no track of the challenge.

    The observations are those of these missions within the periods of the challenge. Each is left out in
    turn and is the reference of the map that the others make: fewer missions are mapped than in the challenge
    itself. Days are scored in rows of four, spread evenly over the scored period, since a map at each
    midnight is needed to interpolate in time. The rim that the challenge does not score is not scored here.

    Parameters
    ----------
    challenge : Challenge
        Judged along tracks.
    track : Track
        Whose missions are used.
    given : pathlib.Path, optional
        Folder to look for files in first.
    noise : bool
        Heights with measurement error, where the files hold both.
    days : int
        Days that are scored in all cases together.
    progress : callable, optional
        Called with a sentence and a fraction.

    Raises
    ------
    LookupError
        Where less than two missions are left.
    """
    challenge = challenge.on(track)
    missions = _read(challenge, track, given, noise, progress or silent)
    mean = mean_height(challenge, given)
    grid = target_grid(challenge)
    scored = _scored_days(challenge, max(1, days // len(missions)))
    maps = np.unique(np.concatenate([scored, scored + _DAY])).astype("datetime64[ns]")
    grid = grid.assign_coords(time=maps)
    anomalies = challenge.observed == "sla"
    cases = []
    for name, own in missions.items():
        others = concat([part for other, part in missions.items() if other != name])
        others = others.assign_attrs(error_free=own.attrs["error_free"])
        reference = _in_box_and_days(own, _scored_box(challenge), scored)
        absolute = with_mean(reference, mean) if anomalies and mean is not None else reference
        if absolute.sizes["obs"]:
            cases.append(LeftOut(f"{name} left out", others, grid, mean, anomalies, absolute))
    if not cases:
        raise ValueError(
            f"{challenge.id}: no mission has a sample on the days that would be scored; raise --days"
        )
    return cases


def missions_that_judge_nothing(challenge: Challenge, track: Track) -> list[str]:
    """Files of a track's observations less every mission that is the reference of any track.

    Raises
    ------
    LookupError
        Where less than two are left.

    Examples
    --------
    >>> from oceanbench.catalog import load_challenge
    >>> medsea = load_challenge("medsea-2021")
    >>> missions_that_judge_nothing(medsea, medsea.track("without Sentinel-3B"))
    ['h2b', 'j3', 's3a']
    """
    judges = {one.reference for one in challenge.tracks if one.reference}
    names = judges | {challenge.file(judge).mission for judge in judges}
    kept = [name for name in track.observations if not {name, challenge.file(name).mission} & names]
    if len(kept) < 2:
        raise LookupError(
            f"{challenge.id}, {track.id!r}: of {', '.join(track.observations)}, "
            f"{len(kept)} judge no track ({', '.join(sorted(judges))} do); "
            "to leave out one mission in turn takes two or more, so it cannot be tuned on"
        )
    return kept


def _read(
    challenge: Challenge, track: Track, given: Path | None, noise: bool, tell: Progress
) -> Mapping[str, xr.Dataset]:
    names = missions_that_judge_nothing(challenge, track)
    if noise and not all(challenge.file(name).noisy_height for name in names):
        raise ValueError(f"{challenge.id} has no heights with and without error; leave out --noise")
    read: dict[str, xr.Dataset] = {}
    for number, name in enumerate(names):
        tell("reading observations", number / len(names))
        alone = track.model_copy(update={"observations": (name,)})
        read[name] = read_observations_of(challenge, alone, given=given, noise=noise, progress=tell)
    tell("reading observations", 1.0)
    return read


def _scored_days(challenge: Challenge, count: int) -> NDArray[np.datetime64]:
    """Midnights that begin the scored days."""
    period = challenge.periods.evaluation
    days = np.arange(period.first_instant, period.past_end, _DAY)
    if count >= days.size:
        return days
    row = min(_DAYS_IN_A_ROW, count)
    first = middles(days.size - row + 1, max(1, count // row))
    return np.asarray(days[np.unique(np.add.outer(first, np.arange(row)))])


def _scored_box(challenge: Challenge) -> Box:
    inset = challenge.along_track.inset_degrees if challenge.along_track else 0.0
    box = challenge.domain
    return Box(lon=(box.west + inset, box.east - inset), lat=(box.south + inset, box.north - inset))


def _in_box_and_days(observations: xr.Dataset, box: Box, days: NDArray[np.datetime64]) -> xr.Dataset:
    inside = select(observations, west=box.west, east=box.east, south=box.south, north=box.north)
    on_day = np.isin(inside["time"].values.astype("datetime64[D]"), days.astype("datetime64[D]"))
    return inside.isel(obs=np.flatnonzero(on_day))
