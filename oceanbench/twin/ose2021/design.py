"""What the twin ``2021a-twin`` is: its calendar and its files."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

NAME: Final = "2021a-twin"
SEED: Final = 2

SPIN_UP_DAYS: Final = 730  # on a grid twice as coarse
SETTLING_DAYS: Final = 60  # on the final grid, until the small scales are there
START: Final = np.datetime64("2014-01-01T00:00", "ns")
MEAN_YEARS: Final = (np.datetime64("2014-01-01", "D"), np.datetime64("2015-12-31", "D"))
TRUTH: Final = (np.datetime64("2016-11-30T21", "h"), np.datetime64("2018-01-01T03", "h"))
TRUTH_STEP_HOURS: Final = 6
OBSERVED: Final = (np.datetime64("2016-12-01", "D"), np.datetime64("2017-12-31", "D"))
SCORED: Final = (np.datetime64("2017-01-01", "D"), np.datetime64("2017-12-31", "D"))
EPOCH: Final = OBSERVED[0].astype("datetime64[ms]")  # of all times in seconds

MEAN_FILE: Final = "mdt.nc"
HEIGHTS_FILE: Final = "truth_along_tracks.nc"
OBSERVATIONS_FOLDER: Final = "dc_obs"
TRUTH_FOLDER: Final = "truth"
RUN_FILE: Final = "nature_run.json"
STATISTICS_FILE: Final = "statistics.json"
PICTURE_FILE: Final = "spectrum.png"


def days(period: tuple[np.datetime64, np.datetime64]) -> NDArray[np.datetime64]:
    """Every day of a period, both ends included."""
    first, last = period
    return np.arange(first, last + np.timedelta64(1, "D"))


def observed_seconds() -> float:
    """Length of the observed period, whole days, both ends included."""
    return days(OBSERVED).size * 86400.0


def truth_times() -> NDArray[np.datetime64]:
    """Moments of the truth: 03, 09, 15 and 21 h, from before the first observed day to after the last."""
    step = np.timedelta64(TRUTH_STEP_HOURS, "h")
    return np.arange(TRUTH[0], TRUTH[1] + step, step).astype("datetime64[ns]")


def snapshot_times() -> NDArray[np.datetime64]:
    """Moments kept of the nature run: noons of the years of the mean, then the truth's."""
    noons = days(MEAN_YEARS).astype("datetime64[h]") + np.timedelta64(12, "h")
    return np.concatenate([noons.astype("datetime64[ns]"), truth_times()])


def truth_file(day: np.datetime64) -> str:
    """Name of the file that holds the truth of one day, where it is kept."""
    year, month, of_month = str(day.astype("datetime64[D]")).split("-")
    return f"{NAME}_y{year}m{month}d{of_month}.6h_SSH.nc"
