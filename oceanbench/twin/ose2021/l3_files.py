"""Level-3 files of the twin: anomalies with errors from the truth's heights, in the layout of 2021a.

All heights are whole millimetres, so that the anomaly is exactly the sum of its parts:
``sla_unfiltered = ssh - mdt + lwe + rest``, and ``sla_unfiltered + mdt - lwe`` is the truth and the rest.
"""

from pathlib import Path
from typing import Any, Final

import netCDF4
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator

from oceanbench.physics.l3_errors import correlated_error, low_pass
from oceanbench.physics.orbit import along_track_distance
from oceanbench.physics.random_signal import standard_normal
from oceanbench.twin.ose2021 import design
from oceanbench.twin.ose2021.fleet import (
    CORRELATION_SECONDS,
    ESTIMATED_STD,
    FILTER_KM,
    OBSERVATION_SEED,
    REMAINING_STD,
    WHITE_LEFT,
    Altimeter,
)
from oceanbench.twin.ose2021.flights import Flight
from oceanbench.twin.track_heights import COUNT
from oceanbench.twin.tracks import Pass

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

DEGREE_COUNT: Final = 1e-6
_DAYS_TO_EPOCH: Final = (design.EPOCH - np.datetime64("1950-01-01", "ms")) / np.timedelta64(1, "D")

_HEIGHTS: Final = {
    "sla_unfiltered": "sea level anomaly about mdt, with errors, not low-passed",
    "sla_filtered": "sea level anomaly low-passed at 65 km",
    "mdt": "mean sea surface height of independent years of the run",
    "lwe": "long-wavelength error as estimated, contained in sla_unfiltered",
    "dac": "dynamic atmospheric correction: none in this ocean",
    "ocean_tide": "ocean tide: none in this ocean",
}
DIGEST_UNITS: Final = {"longitude": 1e-3, "latitude": 1e-3, "time": 1e-5, "track": 1.0, "cycle": 1.0} | (
    dict.fromkeys(_HEIGHTS, COUNT)
)
"""Variables that enter the digest and to what they are rounded (times: to about a second)."""


def read_mean(folder: Path) -> RegularGridInterpolator:
    """Bilinear interpolator of the mean height (m) of a data folder at (lat, lon).

    Raises
    ------
    FileNotFoundError
        If the folder has no mean.
    """
    path = folder / design.MEAN_FILE
    if not path.is_file():
        raise FileNotFoundError(f"no mean height at {path}; restore the twin's data folder")
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        mean = dataset["mdt"].load()
    return RegularGridInterpolator((mean["lat"].to_numpy(), mean["lon"].to_numpy()), mean.to_numpy())


def write_l3(
    path: Path, altimeter: Altimeter, flight: Flight, heights: Counts, mean: RegularGridInterpolator
) -> None:
    """Write the file of one altimeter.

    Parameters
    ----------
    path : Path
        File to write.
    altimeter, flight
        Mission and its samples.
    heights : array of int (samples,)
        The truth under them, counts of 1 mm.
    mean : callable
        See `read_mean`.

    Raises
    ------
    ValueError
        If there is not one height for each sample.
    """
    if heights.size != flight.seconds.size:
        raise ValueError(
            f"{altimeter.name}: {heights.size} heights for {flight.seconds.size} samples; restore its data"
        )
    mdt = np.rint(mean(np.stack([flight.lat, flight.lon], axis=-1)) / COUNT).astype(np.int64)
    columns = _columns(altimeter, flight, heights - mdt) | {"mdt": mdt}
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.createDimension("time", flight.seconds.size)
        dataset.title = f"{design.NAME}: synthetic level-3 observations, {altimeter.name}"
        _write_positions(dataset, altimeter, flight)
        for name in _HEIGHTS:
            _write_height(dataset, name, columns.get(name, np.zeros_like(mdt)))


def _columns(altimeter: Altimeter, flight: Flight, anomaly: Counts) -> dict[str, Counts]:
    """Anomalies and errors of all passes, in counts, from the error-free anomaly."""
    lwe, rest = (np.concatenate(parts) for parts in zip(*_errors(altimeter, flight.passes), strict=True))
    unfiltered = anomaly + lwe + rest
    cuts = np.cumsum([part.seconds.size for part in flight.passes])[:-1]
    filtered = [
        np.rint(low_pass(values.astype(np.float64), spacing, cutoff_km=FILTER_KM)).astype(np.int64)
        for values, spacing in zip(np.split(unfiltered, cuts), _spacings_km(altimeter, flight), strict=True)
    ]
    return {"sla_unfiltered": unfiltered, "sla_filtered": np.concatenate(filtered), "lwe": lwe}


def _spacings_km(altimeter: Altimeter, flight: Flight) -> list[float]:
    """Mean distance between the samples of each pass; that of the satellite where a pass has only one."""
    usual = along_track_distance(flight.lon[:2], flight.lat[:2])[-1]
    spacings = []
    for part in flight.passes:
        lon, lat = altimeter.orbit.position(part.seconds)
        steps = part.seconds.size - 1
        spacings.append(float(along_track_distance(lon, lat)[-1] / steps if steps else usual))
    return spacings


def _errors(altimeter: Altimeter, passes: list[Pass]) -> list[tuple[Counts, Counts]]:
    """Estimated part and rest of the error of each pass, in counts."""
    step, white = altimeter.sampling_seconds, WHITE_LEFT * altimeter.white_1hz
    errors = []
    for part in passes:
        seed, count = [OBSERVATION_SEED, altimeter.number, *part.seed_words], part.seconds.size
        estimated, remaining = (
            correlated_error(count, step, std=std, correlation_seconds=CORRELATION_SECONDS, seed=[*seed, n])
            for n, std in enumerate((ESTIMATED_STD, REMAINING_STD))
        )
        rest = remaining + white * standard_normal([*seed, 2], (count,))
        errors.append(tuple(np.rint(values / COUNT).astype(np.int64) for values in (estimated, rest)))
    return [(lwe, rest) for lwe, rest in errors]


def _write_positions(dataset: netCDF4.Dataset, altimeter: Altimeter, flight: Flight) -> None:
    time = dataset.createVariable("time", "f8", ("time",), compression="zlib", complevel=9, shuffle=True)
    time.setncatts({"units": "days since 1950-01-01 00:00:00", "standard_name": "time"})
    time[:] = _DAYS_TO_EPOCH + np.rint(flight.seconds * 1e3) / 86400e3
    east = np.rint(flight.lon / DEGREE_COUNT) % 360e6
    for name, counts, unit in (
        ("longitude", east, "degrees_east"),
        ("latitude", np.rint(flight.lat / DEGREE_COUNT), "degrees_north"),
    ):
        attributes = {"scale_factor": DEGREE_COUNT, "units": unit, "standard_name": name}
        _write_counts(dataset, name, "i4", counts, attributes)
    cycle, track = altimeter.orbit.cycle_and_pass(flight.seconds)
    for name, values in (("cycle", cycle), ("track", track)):
        variable = dataset.createVariable(
            name, "f4", ("time",), compression="zlib", complevel=9, shuffle=True
        )
        variable.long_name = {"cycle": "repeat cycle, 0 with the first node", "track": "pass in the cycle"}[
            name
        ]
        variable[:] = values


def _write_height(dataset: netCDF4.Dataset, name: str, counts: Counts) -> None:
    # a 32-bit factor: what is read is 32-bit too, as in the real files
    attributes = {"scale_factor": np.float32(COUNT), "units": "m", "long_name": _HEIGHTS[name]}
    _write_counts(dataset, name, "i2", counts, attributes)


def _write_counts(
    dataset: netCDF4.Dataset, name: str, kind: str, counts: NDArray[Any], attributes: dict[str, Any]
) -> None:
    variable = dataset.createVariable(name, kind, ("time",), compression="zlib", complevel=9, shuffle=True)
    variable.setncatts(attributes)
    variable.set_auto_maskandscale(False)
    variable[:] = counts.astype(kind)
