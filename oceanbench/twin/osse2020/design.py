"""What the twin ``2020a-twin`` is: its calendar and its files."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

NAME: Final = "2020a-twin"
SEED: Final = 1

SPIN_UP_DAYS: Final = 730  # on a grid twice as coarse
SETTLING_DAYS: Final = 60  # on the final grid, until the small scales are there
START: Final = np.datetime64("2011-01-01T00:00", "ns")
MEAN_YEAR: Final = (np.datetime64("2011-01-01", "D"), np.datetime64("2011-12-31", "D"))
TRAINING: Final = (np.datetime64("2011-01-02", "D"), np.datetime64("2011-09-30", "D"))
TRUTH: Final = (np.datetime64("2012-09-30", "D"), np.datetime64("2012-12-03", "D"))
OBSERVED: Final = (np.datetime64("2012-10-01", "D"), np.datetime64("2012-12-02", "D"))
EPOCH: Final = OBSERVED[0].astype("datetime64[ms]")  # of all times in seconds
SCORED: Final = (np.datetime64("2012-10-22", "D"), np.datetime64("2012-12-01", "D"))
TRUTH_HOURS: Final = (3, 9, 15, 21)


def days(period: tuple[np.datetime64, np.datetime64]) -> NDArray[np.datetime64]:
    """Every day of a period, both ends included."""
    first, last = period
    return np.arange(first, last + np.timedelta64(1, "D"))


def observed_seconds() -> float:
    """Length of the observed period, whole days, both ends included."""
    return days(OBSERVED).size * 86400.0


def snapshot_times() -> NDArray[np.datetime64]:
    """Moments kept of the nature run: noons of 2011, then four times a day in the truth's period."""
    noons = days(MEAN_YEAR).astype("datetime64[h]") + np.timedelta64(12, "h")
    hours = np.array(TRUTH_HOURS, "timedelta64[h]")
    quarters = (days(TRUTH).astype("datetime64[h]")[:, None] + hours).ravel()
    return np.concatenate([noons, quarters]).astype("datetime64[ns]")


def truth_file(day: np.datetime64) -> str:
    """Name of the file that holds the truth of one day."""
    year, month, of_month = str(day.astype("datetime64[D]")).split("-")
    return f"{NAME}_y{year}m{month}d{of_month}.6h_SSH.nc"


TRUTH_FOLDER: Final = "dc_ref"
TRAINING_FILE: Final = f"dc_train/{NAME}_y2011.1d_SSH.nc"
MEAN_FILE: Final = "mean_ssh.nc"
RUN_FILE: Final = "nature_run.json"
STATISTICS_FILE: Final = "statistics.json"
PICTURE_FILE: Final = "spectrum.png"
