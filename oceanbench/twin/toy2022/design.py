"""What the twin ``2022b-twin`` is: its calendar and its files."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

NAME: Final = "2022b-twin"
SEED: Final = 3

SPIN_UP_DAYS: Final = 500  # on a grid twice as coarse
SETTLING_DAYS: Final = 60  # on the final grid
START: Final = np.datetime64("2011-10-01T00:00", "ns")
TRAINING: Final = (np.datetime64("2011-10-01", "D"), np.datetime64("2011-12-02", "D"))
OBSERVED: Final = (np.datetime64("2012-10-01", "D"), np.datetime64("2012-12-02", "D"))
EVALUATED: Final = (np.datetime64("2012-10-21", "D"), np.datetime64("2012-12-02", "D"))
FULL_FIELD_DAYS: Final = 5  # set-up A sees one field in so many days
TRUTH_STEP_HOURS: Final = 6  # of the fields that tracks are sampled from
EPOCH: Final = OBSERVED[0].astype("datetime64[ms]")  # of all times in seconds

EVALUATION: Final = "dc_qg_eval"
FULL_FIELDS: Final = "dc_qg_obs_fullfields"
JASON_LIKE: Final = "dc_qg_obs_jasonlike"
NADIR_LIKE: Final = "dc_qg_obs_nadirlike"
TRAINING_FILE: Final = "dc_qg_train/dc_qg_train_y2011.1d.nc"
HEIGHTS_FILE: Final = "truth_along_tracks.nc"
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
    """Moments of the truth: 00, 06, 12 and 18 h, from the first observed midnight to the last."""
    step = np.timedelta64(TRUTH_STEP_HOURS, "h")
    first, last = OBSERVED
    end = last + np.timedelta64(1, "D")
    return np.arange(first.astype("datetime64[h]"), end + step, step).astype("datetime64[ns]")


def snapshot_times() -> NDArray[np.datetime64]:
    """Moments kept of the nature run: midnights of the training days, then the truth's."""
    return np.concatenate([days(TRAINING).astype("datetime64[ns]"), truth_times()])


def full_field_days() -> NDArray[np.datetime64]:
    """Days of which set-up A sees the field."""
    return days(OBSERVED)[::FULL_FIELD_DAYS]


def field_file(folder: str, day: np.datetime64) -> str:
    """Path of the file that holds the field of one midnight, named as in 2022b."""
    year, month, of_month = str(day.astype("datetime64[D]")).split("-")
    return f"{folder}/{folder}_y{year}m{month}d{of_month}h0000.nc"
