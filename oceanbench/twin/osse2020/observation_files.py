"""Fly the fleet over the truth and write what it sees, in the layout of the real 2020a archive.

The observations are not shipped: they follow from the truth, the orbits and the seeds, and a digest of
their rounded values proves it. Heights are rounded to 0.1 mm, coordinates to 1e-6 degree, times to 1 ms.
"""

from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.karin_noise import karin_noise_std
from oceanbench.physics.nadir_noise import nadir_noise
from oceanbench.physics.orbit import along_track_distance
from oceanbench.physics.random_signal import standard_normal
from oceanbench.physics.swath_errors import SwathErrors
from oceanbench.physics.wet_troposphere import residual_path_delay
from oceanbench.progress import Progress, silent
from oceanbench.twin.derived_files import announce, announced_digest, values_digest, write_checked
from oceanbench.twin.osse2020 import design
from oceanbench.twin.osse2020.fleet import FLEET, OBSERVATION_SEED, Altimeter
from oceanbench.twin.osse2020.truth_files import read_truth
from oceanbench.twin.sampling import Truth
from oceanbench.twin.tracks import Pass, distance_in_cycle, nadir_passes, swath_passes

__all__ = [
    "announced_digest",
    "derive",
    "observations_digest",
    "observe_nadir",
    "observe_swath",
    "swath_error_heights",
    "write_digest",
    "write_observations",
]

Array = NDArray[np.float64]
Columns = dict[str, NDArray[np.generic]]

OBSERVATIONS_FOLDER: Final = "dc_obs"
LINE_KM: Final = 2.0
ACROSS_KM: Final = np.concatenate([np.arange(-60.0, -9.0, 2.0), np.arange(10.0, 61.0, 2.0)])
WAVE_HEIGHT: Final = 2.0  # metres, everywhere
HEIGHT_COUNT: Final = 1e-4  # metres
DEGREE_COUNT: Final = 1e-6  # degrees

_HEIGHTS: Final = {
    "ssh_model": "sea surface height of the truth",
    "ssh_obs": "observed sea surface height: truth and errors",
    "nadir_err": "error of the nadir altimeter: white and red noise",
    "karin_err": "uncorrelated noise of KaRIn, waves of 2 m",
    "roll_err": "roll, wavelengths below 1000 km",
    "phase_err": "phase of the interferometer, wavelengths below 1000 km",
    "bd_err": "baseline dilation, wavelengths below 1000 km",
    "timing_err": "timing, wavelengths below 1000 km",
    "pd_err_2b": "wet troposphere left by a two-beam radiometer",
}

# Coarse enough that the last bit of a sine, which differs between machines, never shows.
_DIGEST_UNITS: Final = {"lon": 1e-3, "lat": 1e-3, "time": 100.0} | dict.fromkeys(_HEIGHTS, HEIGHT_COUNT)


def derive(root: Path, out: Path, *, progress: Progress | None = None) -> None:
    """Write the observations at their paths below ``out``; see :func:`write_observations`."""
    write_observations(root, out / OBSERVATIONS_FOLDER, progress=progress)


def write_observations(truth_folder: Path, out_folder: Path, *, progress: Progress | None = None) -> None:
    """Write the observations of every mission over the twin's truth; the same truth gives the same values.

    Parameters
    ----------
    truth_folder : Path
        Data folder of the twin, which holds ``dc_ref`` and ``OBSERVATIONS.sha256``, or its ``dc_ref``.
    out_folder : Path
        Where the files go, made if missing; files of the same names are replaced.
    progress : callable, optional
        Called with a sentence and how much is done, 0..1.

    Raises
    ------
    FileNotFoundError
        If truth or digest is missing.
    DigestError
        If the values differ from the published ones; nothing is left in ``out_folder`` then.
    """
    data = truth_folder.parent if truth_folder.name == design.TRUTH_FOLDER else truth_folder
    tell = progress or silent
    write_checked(
        data, out_folder, make=lambda made: _write_fleet(data, made, tell), digest=observations_digest
    )


def write_digest(folder: Path) -> str:
    """Make the observations of the truth in ``folder``, write their digest beside it and return it."""
    return announce(folder, make=lambda made: _write_fleet(folder, made, silent), digest=observations_digest)


def observations_digest(folder: Path) -> str:
    """SHA-256 of the rounded values in a folder of observations, whatever the bytes of the files."""
    files = {altimeter.name: folder / altimeter.file_name for altimeter in FLEET}
    return values_digest(files, _DIGEST_UNITS)


def _write_fleet(data: Path, out_folder: Path, progress: Progress) -> None:
    truth = Truth(read_truth(data), design.EPOCH)
    for done, altimeter in enumerate(FLEET):
        progress("observing the twin", done / len(FLEET))
        observe = observe_swath if altimeter.swath else observe_nadir
        _write(out_folder / altimeter.file_name, altimeter, observe(altimeter, truth))
    progress("observing the twin", 1.0)


def _seed(altimeter: Altimeter, flight: Pass) -> list[int]:
    return [OBSERVATION_SEED, altimeter.number, *flight.seed_words]


def _along(altimeter: Altimeter, flight: Pass, truth: Truth) -> Columns:
    """Columns of one value per sample or line that both kinds of file have."""
    return {
        "time": np.rint(flight.seconds * 1e3).astype(np.int64),
        "model_index": truth.time_index(flight.seconds).astype(np.float32),
        "x_al": distance_in_cycle(altimeter.orbit, flight.seconds).astype(np.float32),
    }


def observe_nadir(altimeter: Altimeter, truth: Truth) -> Columns:
    """Columns (time,) of a nadir altimeter: heights and errors in metres, longitudes in -180..180."""
    passes, orbit = [], altimeter.orbit
    for flight in nadir_passes(orbit, altimeter.sampling_seconds, truth.region, design.observed_seconds()):
        lon, lat = orbit.position(flight.seconds)
        count = flight.seconds.size
        spacing = along_track_distance(lon, lat)[-1] / (count - 1) if count > 1 else 6.0
        error = nadir_noise(count, float(spacing), altimeter.white_std, _seed(altimeter, flight))
        heights = {"ssh_model": truth.sample(flight.seconds, lon, lat), "nadir_err": error}
        passes.append(_along(altimeter, flight, truth) | {"lon": lon, "lat": lat} | _observed(heights))
    return _concatenate(passes)


def observe_swath(altimeter: Altimeter, truth: Truth) -> Columns:
    """Columns (time,) and (time, nC) of KaRIn: heights and errors in metres, longitudes in -180..180."""
    passes, orbit = [], altimeter.orbit
    for flight in swath_passes(
        orbit, truth.region, design.observed_seconds(), across_km=ACROSS_KM, spacing_km=LINE_KM
    ):
        lon, lat = orbit.swath(flight.seconds, ACROSS_KM)
        heights = {"ssh_model": truth.sample(flight.seconds[:, None], lon, lat)}
        heights |= swath_error_heights(flight.seconds.size, _seed(altimeter, flight))
        along = _along(altimeter, flight, truth)
        first = float(distance_in_cycle(orbit, flight.seconds[:1])[0])
        along["x_al"] = (first + LINE_KM * np.arange(flight.seconds.size)).astype(np.float32)
        passes.append(along | {"lon": lon, "lat": lat} | _observed(heights))
    return _concatenate(passes) | {"x_ac": ACROSS_KM}


def swath_error_heights(lines: int, seed: list[int]) -> dict[str, Array]:
    """Every error (lines, nC) of a KaRIn pass in metres, by the archive's names."""
    correlated = SwathErrors(spacing_km=LINE_KM)
    angles = correlated.heights(correlated.angles(lines, [*seed, 0]), ACROSS_KM)
    names = {"roll": "roll_err", "phase": "phase_err", "dilation": "bd_err", "timing": "timing_err"}
    std = karin_noise_std(ACROSS_KM, wave_height=WAVE_HEIGHT, pixel_area_km2=LINE_KM**2)
    white = std * standard_normal([*seed, 1], (lines, ACROSS_KM.size))
    wet = residual_path_delay(lines, ACROSS_KM, [*seed, 2], spacing_km=LINE_KM)
    return {names[name]: height for name, height in angles.items()} | {"karin_err": white, "pd_err_2b": wet}


def _observed(heights: dict[str, Array]) -> dict[str, Array]:
    """Round truth and errors to counts, so that the observed height is exactly their sum."""
    counts = {name: np.rint(values / HEIGHT_COUNT) for name, values in heights.items()}
    counts["ssh_obs"] = np.sum(list(counts.values()), axis=0)
    return {name: values * HEIGHT_COUNT for name, values in counts.items()}


def _concatenate(passes: list[Columns]) -> Columns:
    columns = {name: np.concatenate([one[name] for one in passes]) for name in passes[0]}
    order = np.argsort(columns["time"], kind="stable")
    return {name: values[order] for name, values in columns.items()}


def _write(path: Path, altimeter: Altimeter, columns: Columns) -> None:
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.createDimension("time", columns["time"].size)
        across = ("nC", columns["x_ac"].size) if altimeter.swath else ("cycle", 1)
        dataset.createDimension(*across)
        dataset.title = f"{design.NAME}: synthetic observations, {altimeter.name}"
        dataset.errors = ", ".join(
            f"{name}: {_HEIGHTS[name]}" for name in sorted(columns) if name.endswith(("err", "2b"))
        )
        for name, values in columns.items():
            _write_variable(dataset, name, values)
        if not altimeter.swath:
            days = dataset.createVariable("ncycle", "f4", ("cycle",))
            days.setncatts({"units": "days", "long_name": "length of a repeat cycle"})
            days[:] = altimeter.orbit.cycle_days


def _write_variable(dataset: netCDF4.Dataset, name: str, values: NDArray[np.generic]) -> None:
    """Write one column: KaRIn's as packed whole numbers, for size; all others as they are."""
    if name in ("lon", "lat"):
        values = _rounded_degrees(values.astype(np.float64), east=name == "lon")
    if values.ndim == 2:
        _write_packed(dataset, name, values.astype(np.float64))
        return
    variable = dataset.createVariable(name, values.dtype.str[1:], ("nC",) if name == "x_ac" else ("time",))
    variable.setncatts(_attributes(name))
    variable[:] = values


def _write_packed(dataset: netCDF4.Dataset, name: str, values: Array) -> None:
    """Write values (time, nC) as 32-bit counts; what is not finite is missing."""
    unit = DEGREE_COUNT if name in ("lon", "lat") else HEIGHT_COUNT
    missing = np.iinfo(np.int32).min
    variable = dataset.createVariable(
        name, "i4", ("time", "nC"), compression="zlib", complevel=1, fill_value=missing
    )
    variable.setncatts({"scale_factor": unit, **_attributes(name)})
    variable.set_auto_maskandscale(False)
    variable[:] = np.where(np.isfinite(values), np.rint(values / unit), missing).astype(np.int32)


def _rounded_degrees(values: Array, *, east: bool) -> Array:
    """Degrees rounded to their count; longitudes go to 0..360, as in the archive."""
    counts = np.rint(values / DEGREE_COUNT)
    if east:
        counts = counts % 360e6
    return np.asarray(counts * DEGREE_COUNT)


def _attributes(name: str) -> dict[str, str]:
    fixed = {
        "time": {"units": f"milliseconds since {str(design.EPOCH)[:10]} 00:00:00", "standard_name": "time"},
        "lon": {"units": "degrees_east", "standard_name": "longitude"},
        "lat": {"units": "degrees_north", "standard_name": "latitude"},
        "x_al": {
            "units": "km",
            "long_name": "distance since the start of the cycle, at the mean ground speed",
        },
        "x_ac": {"units": "km", "long_name": "distance from nadir, positive to the right of the flight"},
        "model_index": {"long_name": "fractional index among the six-hourly fields of the truth"},
    }
    return fixed.get(name) or {"units": "m", "long_name": _HEIGHTS[name]}
