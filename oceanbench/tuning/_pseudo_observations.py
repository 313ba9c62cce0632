"""The track's own geometry flown over the training truth, where the truth may be looked at.

Nothing of the scored days enters: the times of the observations are moved by a whole number of days into a
training period, and their heights are read from the training truth there.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.challenge import Challenge, Track
from oceanbench.data import read_observations_of, read_training_of
from oceanbench.interpolation import fill_gauss_seidel, interpolate_along_track, interpolate_to_grid
from oceanbench.progress import Progress, silent
from oceanbench.running import target_grid, with_mean
from oceanbench.tuning._case import Case, evenly, middles
from oceanbench.tuning._errors import Errors, blocks_of_days, sums_by_block, zonal_power

__all__ = ["PseudoObservations", "mean_outside", "pseudo_observations", "shifts_into_training"]

type Floats = NDArray[np.float64]
type Times = NDArray[np.datetime64]

GUARD_DAYS = 15  # around a stretch: the heights of the twin 10 days apart still correlate by 0.14
_RIM = 0.1  # of each side of the box
_DAY = np.timedelta64(1, "D")
_HELD_BYTES = 1 << 29  # truths up to this size are read once and held


@dataclass(frozen=True, eq=False)
class PseudoObservations(Case):
    """A stretch of the training period, and its truth on the nodes and times of ``grid``.

    Attributes
    ----------
    truth : xr.DataArray, dims (time, lat, lon), metres
        NaN where nothing is scored.
    """

    truth: xr.DataArray

    def errors(self, ssh: xr.DataArray) -> Errors:
        """Compare a map with the truth, node by node at the same instants."""
        error = ssh.transpose("time", "lat", "lon").values - self.truth.values
        labels = np.repeat(blocks_of_days(self.truth["time"].values), self.truth[0].size)
        power = zonal_power(error, self.truth.values, self.truth["lon"].values)
        return sums_by_block(error.ravel(), self.truth.values.ravel(), labels, power)


def pseudo_observations(
    challenge: Challenge,
    track: Track,
    *,
    given: Path | None = None,
    noise: bool = False,
    days: int = 60,
    stretches: int = 3,
    progress: Progress | None = None,
) -> list[PseudoObservations]:
    """Give the stretches of the training period that a method is tried on.

    Each has the length of the challenge's own observations (spin-up, scored days, spin-down) and their
    geometry, shifted by whole days. Heights are the training truth, interpolated linearly in time, latitude
    and longitude; what lies outside the box or the period of that truth is left out. The maps are wanted
    at instants of the truth, one a day and the nearest to noon, so that map and truth are compared like
    with like; their days are the middles of equal parts of those that correspond to the scored ones. A rim
    of a tenth of the box on each side is mapped but not scored: in the challenge itself there are
    observations beyond it.

    The mean height given with a stretch is the mean of the training truth outside this stretch and 15 days
    around it, never the challenge's own: that may be a mean over the training period, as in 2020a-twin, and
    would know what is to be found. The challenge's own mean knows nothing of its scored days; neither does
    this one of the days scored here. A method tuned so meets a mean of somewhat fewer days than in earnest.

    Parameters
    ----------
    challenge : Challenge
        With gridded training truth.
    track : Track
        Whose observations are imitated.
    given : pathlib.Path, optional
        Folder to look for files in first.
    noise : bool
        Add the error that the challenge's own files hold at these samples (heights with less those without).
    days : int
        Maps in all stretches together.
    stretches : int
        How many; their starts are spread evenly over all that are possible.
    progress : callable, optional
        Called with a sentence and a fraction.

    Raises
    ------
    LookupError, ValueError
        Where there is no training truth, it is too short, or no heights with error are at hand.
    """
    tell = progress or silent
    challenge = challenge.on(track)
    truth = _training_truth(challenge, given)
    flown = read_observations_of(challenge, track, given=given, progress=progress)
    error = _measurement_error(challenge, track, flown, given) if noise else None
    possible = shifts_into_training(challenge, truth["time"].values)
    shifts = [possible[index] for index in evenly(len(possible), stretches)]
    made = []
    for number, shift in enumerate(shifts):
        tell("making pseudo-observations", number / len(shifts))
        maps = _share_of(days, number, len(shifts))
        made.append(_stretch(challenge, truth, flown, error, shift, maps))
    tell("making pseudo-observations", 1.0)
    return made


def _share_of(total: int, number: int, parts: int) -> int:
    """Give how many of ``total`` items the part called ``number`` gets, at least one."""
    return max(1, total * (number + 1) // parts - total * number // parts)


def _training_truth(challenge: Challenge, given: Path | None) -> xr.DataArray:
    files = [file for file in challenge.files_of("training") if file.layout == "grid"]
    if not files or challenge.kind != "map-osse":
        raise LookupError(f"{challenge.id} has no gridded truth of other days to tune on")
    truth = read_training_of(challenge, files[0].id, given=given)
    return truth.load() if truth.size * 8 <= _HELD_BYTES else truth


def shifts_into_training(challenge: Challenge, times: Times) -> list[np.timedelta64]:
    """Whole days by which all observations can be moved into a training period, all possible ones.

    Parameters
    ----------
    challenge : Challenge
    times : ndarray of datetime64
        Those of the training truth: between the first and the last of a period it can be interpolated.

    Raises
    ------
    ValueError
        Where no period is long enough.
    """
    seen = challenge.periods.observations
    shifts: list[np.timedelta64] = []
    for period in challenge.periods.training:
        inside = times[(times >= period.first_instant) & (times < period.past_end)]
        if inside.size:
            least = -((seen.first_instant - inside.min()) // _DAY)
            most = (inside.max() - seen.past_end) // _DAY
            shifts += [np.timedelta64(int(days), "D") for days in range(int(least), int(most) + 1)]
    if not shifts:
        held = ", ".join(f"{period.start}..{period.end}" for period in challenge.periods.training) or "none"
        raise ValueError(
            f"{challenge.id}: no training period ({held}) holds the {seen.days} days of observations "
            f"({seen.start}..{seen.end}) and a field before and after them; it cannot be tuned on"
        )
    return shifts


def mean_outside(truth: xr.DataArray, first: np.datetime64, past: np.datetime64) -> xr.DataArray:
    """Mean height (lat, lon) of the truth, one field a day, outside a stretch and 15 days around it.

    Parameters
    ----------
    truth : xr.DataArray, dims (time, lat, lon), metres
    first, past : datetime64
        First instant of the stretch, and the first one after it.

    Raises
    ------
    ValueError
        Where less than 30 days are left: their mean would be an anomaly itself.
    """
    times = truth["time"].values
    guard = GUARD_DAYS * _DAY
    daily = _nearest_noon(times)
    left = daily[(times[daily] < first - guard) | (times[daily] >= past + guard)]
    if left.size < 30:
        raise ValueError(
            f"{left.size} days of the training truth lie more than {GUARD_DAYS} days from the stretch "
            f"{np.datetime_as_string(first, 'D')}..{np.datetime_as_string(past, 'D')}; a mean height "
            "that does not know the stretch takes 30 or more"
        )
    mean = truth.isel(time=left).mean("time", keep_attrs=True).compute()
    return fill_gauss_seidel(mean) if mean.isnull().any() else mean


def _stretch(
    challenge: Challenge,
    truth: xr.DataArray,
    flown: xr.Dataset,
    error: Floats | None,
    shift: np.timedelta64,
    maps: int,
) -> PseudoObservations:
    seen = challenge.periods.observations
    first, past = seen.first_instant + shift, seen.past_end + shift
    around = truth.sel(time=slice(first - 2 * _DAY, past + 2 * _DAY))
    mean = mean_outside(truth, first, past) if challenge.files_of("mean") else None
    observations = _observed(around, flown, error, shift)
    anomalies = challenge.observed == "sla"
    if anomalies and mean is not None:
        observations = with_mean(observations, -mean)
    grid = _grid(challenge, around["time"].values, shift, maps)
    label = f"{np.datetime_as_string(first, 'D')} to {np.datetime_as_string(past - _DAY, 'D')}"
    return PseudoObservations(label, observations, grid, mean, anomalies, _scored_truth(around, grid))


def _observed(
    truth: xr.DataArray, flown: xr.Dataset, error: Floats | None, shift: np.timedelta64
) -> xr.Dataset:
    """The observations of other days: same places, times moved, heights of the truth."""
    times = flown["time"].values + shift
    heights = interpolate_along_track(truth, flown["lon"].values, flown["lat"].values, times)
    inside = np.flatnonzero(np.isfinite(heights))
    moved = flown.assign(time=("obs", times), ssh=("obs", heights if error is None else heights + error))
    return moved.isel(obs=inside).assign_attrs(flown.attrs | {"error_free": error is None})


def _measurement_error(challenge: Challenge, track: Track, flown: xr.Dataset, given: Path | None) -> Floats:
    without = [name for name in track.observations if not challenge.file(name).noisy_height]
    if without:
        raise ValueError(
            f"{challenge.id}: {', '.join(without)} has no heights with and without error; leave out --noise"
        )
    noisy = read_observations_of(challenge, track, given=given, noise=True)
    if not all(np.array_equal(noisy[name], flown[name]) for name in ("mission", "line", "pixel")):
        raise ValueError(
            f"{challenge.id}: heights with error are missing at samples that have one without; "
            "leave out --noise"
        )
    return np.asarray(noisy["ssh"].values - flown["ssh"].values)


def _grid(challenge: Challenge, times: Times, shift: np.timedelta64, maps: int) -> xr.Dataset:
    """The nodes of the challenge's maps, at instants of the truth on the days that correspond to its own."""
    scored = challenge.periods.evaluation
    daily = times[_nearest_noon(times)]
    inside = daily[(daily >= scored.first_instant + shift) & (daily < scored.past_end + shift)]
    grid = target_grid(challenge).assign_coords(time=inside[middles(inside.size, maps)])
    return grid.assign_attrs(each_map="its instant")  # the truth is that of an instant, not the mean of a day


def _nearest_noon(times: Times) -> NDArray[np.intp]:
    """Index of the one time of each day that is nearest to noon, ascending."""
    days = times.astype("datetime64[D]")
    away = np.abs(times - days - np.timedelta64(12, "h")).astype(np.int64)
    order = np.lexsort((away, days))
    _, first = np.unique(days[order], return_index=True)
    return np.asarray(order[first], dtype=np.intp)


def _scored_truth(truth: xr.DataArray, grid: xr.Dataset) -> xr.DataArray:
    field = interpolate_to_grid(truth, grid["lon"].values, grid["lat"].values, grid["time"].values)
    return field.where(_within_rim(field["lon"]) & _within_rim(field["lat"]))


def _within_rim(nodes: xr.DataArray) -> xr.DataArray:
    first, last = float(nodes[0]), float(nodes[-1])
    rim = _RIM * (last - first) - 1e-9  # a node on the edge of the scored part belongs to it
    return (nodes >= first + rim) & (nodes <= last - rim)
