"""Writing of passes, one file each or joined, in the form in which filtered swaths are submitted."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from oceanbench.netcdf import refuse_absent_folder, write_whole
from oceanbench.swaths._fields import DIMS, LINES
from oceanbench.swaths._opening import NUMBERS
from oceanbench.swaths._sources import PathLike

_PLACES = ("time", "lon", "lat")
_MISSING_COUNT = np.int32(2147483647)
_DEGREES = {
    "dtype": "int32",
    "scale_factor": 1e-6,
    "_FillValue": _MISSING_COUNT,
    "zlib": True,
    "complevel": 1,
}
_JOINED_LINES = 4096
_ATTRIBUTES: Mapping[str, Mapping[str, Any]] = {
    "time": {"standard_name": "time", "long_name": "time in UTC"},
    "latitude": {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north"},
    "longitude": {"standard_name": "longitude", "long_name": "longitude, 0 to 360", "units": "degrees_east"},
}
_HEIGHT = {"long_name": "filtered sea surface height", "units": "m", "coordinates": "longitude latitude"}


def pass_file_name(swath: xr.Dataset, variable: str = "ssh_karin_filt") -> str:
    """Give the name of the file of a pass, with the numbers of cycle and pass as the inputs have them.

    Examples
    --------
    >>> pass_file_name(xr.Dataset(attrs={"cycle_number": 13, "pass_number": 5}))
    'ssh_karin_filt_013_005.nc'
    """
    numbers = _numbers(swath)
    return "_".join([variable, *(f"{numbers[name]:03d}" for name in NUMBERS if name in numbers)]) + ".nc"


def write_pass(
    swath: xr.Dataset,
    path: PathLike,
    *,
    attributes: Mapping[str, Any],
    variable: str = "ssh_karin_filt",
) -> Path:
    """Write a filtered pass as NetCDF-4, as 2022a wants it; it is complete or not there at all.

    Heights are float32, which moves those below 16 m by less than 5e-7 m. Longitudes (0..360) and latitudes
    are whole multiples of 1e-6 degree, times float64 in seconds since 2000-01-01: those of the inputs come
    back as they were.

    Parameters
    ----------
    swath : xr.Dataset, dims (num_lines, num_pixels)
        ``ssh`` in metres; coordinates ``time(num_lines)``, ``lon`` and ``lat``; attributes ``pass_number``
        and, if it has one, ``cycle_number``.
    path : path of the file; one that exists is replaced.
    attributes : mapping
        Further global attributes (title, method, ...). What NetCDF has no type for is written as JSON text.
    variable : str
        Name of the height in the file.

    Raises
    ------
    ValueError
        The swath lacks its heights, a coordinate or its number.
    FileNotFoundError
        The folder does not exist.
    OSError
        The file cannot be written.
    """
    target = Path(path)
    written = _in_submitted_form(swath, variable, attributes)
    refuse_absent_folder(target)
    return write_whole(written, target, _encoding(variable))


def joined[K: (int, tuple[int, int])](
    passes: Mapping[K, xr.Dataset], *, variable: str = "ssh_karin_filt"
) -> xr.Dataset:
    """Put passes end to end, with their numbers along the lines: the form of a single file or Zarr folder.

    ``open_passes`` takes such a file apart again. Write it with ``to_netcdf`` or ``to_zarr``.

    Parameters
    ----------
    passes : mapping of pass number, or of (cycle number, pass number), to xr.Dataset
        As :func:`write_pass` takes them, all with the same pixels. Lazy heights stay lazy.
    variable : str
        Name of the height in the result.

    Returns
    -------
    xr.Dataset, dims (num_lines, num_pixels)
        ``variable`` in metres, ``pass_number(num_lines)`` and, where all passes tell it,
        ``cycle_number(num_lines)``; coordinates as those of the passes.

    Raises
    ------
    ValueError
        There is no pass, one lacks its heights, a coordinate or its number, or the numbers of pixels differ.
    """
    if not passes:
        raise ValueError("there is no pass to join; give at least one")
    _check_same_pixels(passes)
    told = [swath.assign_attrs(_told_by(key)) for key, swath in sorted(passes.items())]
    names = NUMBERS if all("cycle_number" in swath.attrs for swath in told) else NUMBERS[1:]
    parts = [_numbered(swath, variable, names) for swath in told]
    whole = xr.concat(parts, LINES, data_vars="minimal", coords="minimal", compat="override", join="override")
    whole = whole.drop_attrs(deep=False).drop_encoding()
    return whole.chunk({LINES: _JOINED_LINES}) if whole[variable].chunks is not None else whole


def _told_by(key: int | tuple[int, int]) -> dict[str, int]:
    return {"pass_number": key} if isinstance(key, int) else dict(zip(NUMBERS, key, strict=True))


def _check_same_pixels[K](passes: Mapping[K, xr.Dataset]) -> None:
    pixels = {key: _checked(swath).sizes[DIMS[1]] for key, swath in passes.items()}
    first = next(iter(pixels))
    for key, count in pixels.items():
        if count != pixels[first]:
            raise ValueError(
                f"pass {key} has {count} pixels across and pass {first} has {pixels[first]}; "
                "join passes of the same width"
            )


def _numbered(swath: xr.Dataset, variable: str, names: tuple[str, ...]) -> xr.Dataset:
    lines = swath.sizes[LINES]
    numbers = _numbers(swath)
    kept = [name for name in (*_PLACES, "cross_track_km") if name in swath.coords]
    return xr.Dataset(
        {
            variable: swath["ssh"]
            .transpose(*DIMS)
            .drop_vars(list(swath["ssh"].coords))
            .assign_attrs(units="m"),
            **{name: (LINES, np.full(lines, numbers[name], dtype=np.int32)) for name in names},
        },
        coords={name: swath[name].variable for name in kept},
    )


def _checked(swath: xr.Dataset) -> xr.Dataset:
    if "ssh" not in swath or set(swath["ssh"].dims) != set(DIMS):
        raise ValueError(f"a pass has ssh(num_lines, num_pixels); this one holds {sorted(map(str, swath))}")
    missing = [name for name in _PLACES if name not in swath.coords]
    if missing:
        raise ValueError(
            f"the pass has no coordinate {', '.join(missing)}; take it over from the swath that was filtered"
        )
    return swath


def _numbers(swath: xr.Dataset) -> dict[str, int]:
    if "pass_number" not in swath.attrs:
        raise ValueError(
            "the pass has no attribute pass_number; take it over from the swath that was filtered"
        )
    return {name: int(swath.attrs[name]) for name in NUMBERS if name in swath.attrs}


def _in_submitted_form(swath: xr.Dataset, variable: str, attributes: Mapping[str, Any]) -> xr.Dataset:
    swath = _checked(swath)
    fields = {
        "time": swath["time"].variable,
        "latitude": swath["lat"].transpose(*DIMS).variable,
        # rounded before it is wrapped: what lies just west of Greenwich must not become 360
        "longitude": (swath["lon"].transpose(*DIMS).round(6) % 360.0).round(6).variable,
        variable: swath["ssh"].transpose(*DIMS).variable,
    }
    described = {
        name: xr.Variable(field.dims, field.data, _HEIGHT if name == variable else _ATTRIBUTES[name])
        for name, field in fields.items()
    }
    merged = {**swath.attrs, **attributes, "Conventions": "CF-1.11"}
    plain = {key: _attribute(value) for key, value in merged.items() if value is not None}
    return xr.Dataset(
        described, attrs=plain | {key: np.int16(number) for key, number in _numbers(swath).items()}
    )


def _attribute(value: Any) -> Any:
    if isinstance(value, str | int | float | np.number | np.ndarray) and not isinstance(value, bool):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _encoding(variable: str) -> dict[str, dict[str, Any]]:
    height = {
        "dtype": "float32",
        "zlib": True,
        "complevel": 4,
        "shuffle": True,
        "_FillValue": np.float32(np.nan),
    }
    time = {
        "units": "seconds since 2000-01-01",
        "calendar": "standard",
        "dtype": "float64",
        "_FillValue": 9.969209968386869e36,
    }
    return {"time": time, "latitude": _DEGREES, "longitude": _DEGREES, variable: height}
