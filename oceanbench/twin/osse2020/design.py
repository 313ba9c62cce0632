"""What the twin ``2020a-twin`` is: its box, its calendar, its place on the model's plane, its files.

The model's square lies flat on the sphere, centred at 60 W, 38 N: one degree of latitude is 111.2 km and
one of longitude 111.2 km cos 38 everywhere. The jet, zonal in the model, runs ``TILT`` degrees north of east
on the map, and the gradient of the Coriolis parameter points as many degrees west of north.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

NAME: Final = "2020a-twin"
SEED: Final = 1

WEST, EAST, SOUTH, NORTH = -65.0, -55.0, 33.0, 43.0
MARGIN: Final = 1.5  # degrees of truth around the box, for the observations
STEP: Final = 0.1  # degrees

CENTRE_LON: Final = -60.0
CENTRE_LAT: Final = 38.0
KM_PER_DEGREE: Final = 111.2
TILT: Final = 10.0  # degrees, anticlockwise from east

# Metres added to every height. A model's SSH has no zero of its own; this level brings the RMS height of the
# box near that of NATL60 in 2020a, 0.58 m (a published map has an error of 0.0211 m and µ = 0.9636 there).
LEVEL: Final = 0.3

SPIN_UP_DAYS: Final = 730  # on a grid twice as coarse
SETTLING_DAYS: Final = 60  # on the final grid, until the small scales are there
START: Final = np.datetime64("2011-01-01T00:00", "ns")
MEAN_YEAR: Final = (np.datetime64("2011-01-01", "D"), np.datetime64("2011-12-31", "D"))
TRAINING: Final = (np.datetime64("2011-01-02", "D"), np.datetime64("2011-09-30", "D"))
TRUTH: Final = (np.datetime64("2012-09-30", "D"), np.datetime64("2012-12-03", "D"))
OBSERVED: Final = (np.datetime64("2012-10-01", "D"), np.datetime64("2012-12-02", "D"))
SCORED: Final = (np.datetime64("2012-10-22", "D"), np.datetime64("2012-12-01", "D"))
TRUTH_HOURS: Final = (3, 9, 15, 21)

HEIGHT_UNIT: Final = 1e-3  # metres per count in the truth's files


def axis(low: float, high: float) -> NDArray[np.float64]:
    """Grid from low to high degrees, both included, without the rounding of repeated addition."""
    return np.round(low + STEP * np.arange(round((high - low) / STEP) + 1), 6)


def plane_position(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Model coordinates in metres from its centre, x along the jet and y across it, of points in degrees."""
    east = (lon - CENTRE_LON) * KM_PER_DEGREE * 1e3 * np.cos(np.radians(CENTRE_LAT))
    north = (lat - CENTRE_LAT) * KM_PER_DEGREE * 1e3
    cosine, sine = np.cos(np.radians(TILT)), np.sin(np.radians(TILT))
    return cosine * east + sine * north, cosine * north - sine * east


def days(period: tuple[np.datetime64, np.datetime64]) -> NDArray[np.datetime64]:
    """Every day of a period, both ends included."""
    first, last = period
    return np.arange(first, last + np.timedelta64(1, "D"))


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
DIGEST_FILE: Final = "OBSERVATIONS.sha256"
SUMS_FILE: Final = "SHA256SUMS"
