"""The passes as KaRIn sees them, in the exact layout of 2022a: made from the shipped truth, with their noise.

Heights are whole multiples of 0.1 mm, coordinates of 1e-6 degree. The noise of a pass depends on its cycle
and number only, whatever else is made.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.karin_noise import karin_noise_std
from oceanbench.physics.random_signal import standard_normal
from oceanbench.progress import Progress, silent
from oceanbench.twin.derived_files import announce, announced_digest, values_digest, write_checked
from oceanbench.twin.karin2022 import design
from oceanbench.twin.karin2022.design import ACROSS_KM, HEIGHT_COUNT
from oceanbench.twin.karin2022.swaths import MEASURED, Swath
from oceanbench.twin.karin2022.truth_files import (
    EPOCH,
    PassTruth,
    read_truths,
    seconds_since_2000,
    truth_paths,
)

__all__ = [
    "announced_digest",
    "derive",
    "noise_of",
    "noise_std",
    "passes_digest",
    "write_digest",
    "write_pass",
]

Array = NDArray[np.float64]

_NOISE_SEED: Final = 2022
_MISSING: Final = 2147483647
_MISSING_TIME: Final = 9.969209968386869e36
_COORDINATES: Final = "longitude latitude"

# Coarse enough that the last bit of a sine, which differs between machines, never shows.
_DIGEST_UNITS: Final = {
    "latitude": 1e-3,
    "longitude": 1e-3,
    "time": 0.1,
    "ssh_true": HEIGHT_COUNT,
    "ssh_karin": HEIGHT_COUNT,
    "mask_coastline_200km": 1.0,
    "mask_ssh_var_over200cm2": 1.0,
}

_HEIGHT_ATTRS: Final = {
    "standard_name": "sea surface height above reference ellipsoid",
    "units": "m",
    "valid_min": np.int32(-15000000),
    "valid_max": np.int32(150000000),
}
_ATTRIBUTES: Final[Mapping[str, Mapping[str, object]]] = {
    "latitude": {
        "long_name": "latitude (positive N, negative S)",
        "standard_name": "latitude",
        "units": "degrees_north",
        "valid_min": np.int32(-80000000),
        "valid_max": np.int32(80000000),
    },
    "longitude": {
        "long_name": "longitude (degrees East)",
        "standard_name": "longitude",
        "units": "degrees_east",
        "valid_min": np.int32(0),
        "valid_max": np.int32(359999999),
    },
    "ssh_true": {
        "long_name": "sea surface height",
        **_HEIGHT_ATTRS,
        "comment": "Truth: height of the synthetic ocean.",
        "coordinates": _COORDINATES,
    },
    "ssh_karin": {
        "long_name": "sea surface height with noise of KaRIn",
        "units": "m",
        "comment": "Truth and white noise by distance from nadir and wave height.",
        "coordinates": _COORDINATES,
    },
    "mask_coastline_200km": {
        "comment": "1 farther than 200 km from the coast, missing nearer.",
        "coordinates": _COORDINATES,
    },
    "mask_ssh_var_over200cm2": {
        "comment": "1 where heights vary by LESS than 200 cm2 in time, missing where by more.",
        "coordinates": _COORDINATES,
    },
}


def derive(root: Path, out: Path, *, progress: Progress | None = None) -> None:
    """Write every pass of both cycles into ``out/dc_inputs``; the same truth gives the same values.

    Parameters
    ----------
    root : Path
        Data folder of the twin.
    out : Path
        Where ``dc_inputs`` goes, made if missing; files of the same names are replaced.
    progress : callable, optional
        Called with a sentence and how much is done, 0..1.

    Raises
    ------
    FileNotFoundError
        If truth or digest is missing.
    DigestError
        If the values differ from the published ones; nothing is left in ``out`` then.
    """
    tell = progress or silent
    write_checked(
        root,
        out / design.INPUT_FOLDER,
        make=lambda made: _write_passes(root, made, tell),
        digest=passes_digest,
    )


def write_digest(folder: Path) -> str:
    """Make the passes of the truth in ``folder``, write their digest beside it and return it."""
    return announce(folder, make=lambda made: _write_passes(folder, made, silent), digest=passes_digest)


def passes_digest(folder: Path) -> str:
    """SHA-256 of the rounded values in a folder of passes, whatever the bytes of the files."""
    return values_digest({path.name: path for path in sorted(folder.glob("*.nc"))}, _DIGEST_UNITS)


def _write_passes(root: Path, out: Path, progress: Progress) -> None:
    total = sum(len(truth_paths(root, cycle)) for cycle in design.CYCLES)
    done = 0
    for cycle in design.CYCLES:
        for truth in read_truths(root, cycle):
            progress("observing the twin", done / total)
            write_pass(truth, out)
            done += 1
    progress("observing the twin", 1.0)


def noise_std(swath: Swath) -> Array:
    """Standard deviation (lines, 71) in metres of the noise at the pixels; NaN where KaRIn measures none."""
    std = np.full((swath.seconds.size, ACROSS_KM.size), np.nan)
    std[:, MEASURED] = karin_noise_std(
        ACROSS_KM[MEASURED], wave_height=swath.waves[:, MEASURED], pixel_area_km2=design.LINE_KM**2
    )
    return std


def noise_of(swath: Swath) -> Array:
    """Noise (lines, 71) in metres of a pass; NaN where KaRIn does not measure."""
    draws = np.zeros((swath.seconds.size, ACROSS_KM.size))
    seed = [_NOISE_SEED, swath.cycle, swath.number]
    draws[:, MEASURED] = standard_normal(seed, (swath.seconds.size, int(MEASURED.sum())))
    return np.asarray(draws * noise_std(swath))


def write_pass(truth: PassTruth, folder: Path) -> Path:
    """Write one pass in the layout of 2022a and return its path."""
    swath = truth.swath
    lon, lat = swath.position
    true = np.rint(truth.heights / HEIGHT_COUNT)
    columns = {
        "latitude": lat / design.DEGREE_COUNT,
        "longitude": np.rint(lon / design.DEGREE_COUNT) % 360e6,
        "ssh_true": true,
        "ssh_karin": true + np.rint(noise_of(swath) / HEIGHT_COUNT),
        "mask_coastline_200km": _flags(swath.offshore),
        "mask_ssh_var_over200cm2": _flags(truth.low_variance),
    }
    path = folder / design.input_file(swath.cycle, swath.number)
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.createDimension("num_lines", lon.shape[0])
        dataset.createDimension("num_pixels", lon.shape[1])
        dataset.setncatts(_global_attributes(truth))
        _write_time(dataset, seconds_since_2000(truth.cycle, swath.seconds))
        for name, counts in columns.items():
            _write_counts(dataset, name, counts)
    return path


def _flags(where: NDArray[np.bool_]) -> Array:
    """Counts of a mask: 1.0 in units of the heights' count where true, NaN elsewhere."""
    return np.where(where, np.rint(1 / HEIGHT_COUNT), np.nan)


def _write_time(dataset: netCDF4.Dataset, seconds: Array) -> None:
    time = dataset.createVariable("time", "f8", ("num_lines",), compression="zlib", fill_value=_MISSING_TIME)
    time.setncatts(
        {
            "long_name": "time in UTC",
            "standard_name": "time",
            "units": "seconds since 2000-01-01",
            "calendar": "gregorian",
        }
    )
    time[:] = seconds


def _write_counts(dataset: netCDF4.Dataset, name: str, counts: Array) -> None:
    variable = dataset.createVariable(
        name, "i4", ("num_lines", "num_pixels"), compression="zlib", complevel=1, fill_value=_MISSING
    )
    unit = design.DEGREE_COUNT if name in ("latitude", "longitude") else HEIGHT_COUNT
    variable.setncatts({**_ATTRIBUTES[name], "scale_factor": unit})
    variable.set_auto_maskandscale(False)
    variable[:] = np.where(np.isfinite(counts), np.rint(counts), _MISSING).astype(np.int32)


def _global_attributes(truth: PassTruth) -> dict[str, object]:
    swath = truth.swath
    lon, lat = swath.position
    east = lon % 360
    equator_seconds, equator_longitude = swath.equator()
    corners = {
        f"{side}_{end}_{axis}": float(values[line, pixel])
        for side, pixel in (("left", 0), ("right", -1))
        for end, line in (("first", 0), ("last", -1))
        for axis, values in (("longitude", east), ("latitude", lat))
    }
    return {
        "Conventions": "CF-1.7",
        "title": f"{design.NAME}: KaRIn over a synthetic ocean, in the layout of 2022a",
        "institution": "oceanbench",
        "source": "Simulated",
        "platform": "SWOT",
        "cycle_number": np.int16(swath.cycle),
        "pass_number": np.int16(swath.number),
        "equator_time": _instant(truth, equator_seconds),
        "equator_longitude": equator_longitude,
        "time_coverage_start": _instant(truth, float(swath.seconds[0])),
        "time_coverage_end": _instant(truth, float(swath.seconds[-1])),
        "geospatial_lon_min": float(east.min()),
        "geospatial_lon_max": float(east.max()),
        "geospatial_lat_min": float(lat.min()),
        "geospatial_lat_max": float(lat.max()),
        **corners,
    }


def _instant(truth: PassTruth, seconds: float) -> str:
    """UTC of a moment of the cycle, to the microsecond."""
    since = round(float(seconds_since_2000(truth.cycle, np.array([seconds]))[0]) * 1e6)
    return f"{EPOCH.astype('datetime64[us]') + np.timedelta64(since, 'us')}Z"
