"""The canonical form of a submission: a header in JSON beside plain little-endian numbers.

``values.f8`` holds, of a map, the heights: float64, dims (time, lat, lon), metres, NaN where there is none.
Of swaths it holds, pass after pass, heights (float64, lines x pixels, metres), times of the lines (int64,
nanoseconds), longitudes and latitudes (float64, lines x pixels, degrees). ``header.json`` says what they are.
No library of NetCDF is needed to read it, and nothing in it can do more than be a wrong number.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from oceanbench_leaderboard.intake._job import VALUES
from oceanbench_leaderboard.intake.header import Header, MapHeader, PassHeader, SwathHeader, read_header

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Header", "open_canonical", "read_canonical", "read_header", "write_passes"]

_PASSES = "passes"


def read_canonical(folder: Path) -> "xr.Dataset":
    """Read the canonical form of a map.

    Parameters
    ----------
    folder : pathlib.Path
        As :func:`~oceanbench_leaderboard.intake.run_intake` left it.

    Returns
    -------
    xr.Dataset
        ``ssh`` in metres, float64, dims (time, lat, lon), mapped from the file and not writable; the
        attributes are those that the submitted file had.

    Raises
    ------
    FileNotFoundError
        If the folder holds no canonical form.
    ValueError
        If header and values do not belong together, or are those of swaths.
    """
    import numpy as np
    import xarray as xr

    header = read_header(folder)
    if not isinstance(header, MapHeader):
        raise ValueError(f"{folder} holds {header.kind}, not a map; use open_canonical")
    values = np.memmap(folder / VALUES, dtype="<f8", mode="r", shape=header.shape, order="C")
    times = np.array(header.time_ns, dtype="<i8").astype("datetime64[ns]")
    coords = {"time": times, "lat": np.array(header.lat), "lon": np.array(header.lon)}
    ssh = xr.DataArray(np.asarray(values), coords, ("time", "lat", "lon"), attrs={"units": "m"})
    return xr.Dataset({"ssh": ssh}, attrs=dict(header.attributes))


def open_canonical(folder: Path) -> "xr.Dataset | Path":
    """Give a canonical form as :func:`oceanbench.evaluate` takes it; the height is called ``ssh``.

    Returns
    -------
    xr.Dataset or pathlib.Path
        A map, or the folder of passes, written below ``folder``.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`read_canonical`.
    """
    if isinstance(read_header(folder), MapHeader):
        return read_canonical(folder)
    return write_passes(folder, folder / _PASSES)


def write_passes(folder: Path, target: Path) -> Path:
    """Write the passes of a canonical form as NetCDF files, one for each, every number as it is.

    Returns
    -------
    pathlib.Path
        ``target``.

    Raises
    ------
    FileNotFoundError
        If the folder holds no canonical form.
    ValueError
        If header and values do not belong together, or are those of a map.
    OSError
        If they cannot be written.
    """
    from oceanbench.netcdf import write_whole
    from oceanbench.swaths import pass_file_name

    header = read_header(folder)
    if not isinstance(header, SwathHeader):
        raise ValueError(f"{folder} holds a map, not swaths; use read_canonical")
    target.mkdir(exist_ok=True)
    with (folder / VALUES).open("rb") as stream:
        for one in header.passes:
            swath = _pass(one, stream.read(one.stored_bytes), header)
            write_whole(swath, target / pass_file_name(swath, "ssh"), _PLAIN)
    return target


_PLAIN: dict[str, dict[str, Any]] = {
    "time": {"units": "nanoseconds since 1970-01-01", "dtype": "int64"},
    **{name: {"dtype": "float64", "_FillValue": float("nan")} for name in ("ssh", "longitude", "latitude")},
}


def _pass(one: PassHeader, stored: bytes, header: SwathHeader) -> "xr.Dataset":
    import numpy as np
    import xarray as xr

    shape, pixels = (one.lines, one.pixels), one.lines * one.pixels
    numbers = np.frombuffer(stored, dtype="<f8")
    times = np.frombuffer(stored, dtype="<i8", count=one.lines, offset=8 * pixels)
    dims = ("num_lines", "num_pixels")
    told = {"cycle_number": one.cycle, "pass_number": one.number}
    return xr.Dataset(
        {
            "ssh": (dims, numbers[:pixels].reshape(shape), {"units": "m"}),
            "time": ("num_lines", times.astype("datetime64[ns]")),
            "longitude": (dims, numbers[-2 * pixels : -pixels].reshape(shape)),
            "latitude": (dims, numbers[-pixels:].reshape(shape)),
        },
        attrs=header.attributes
        | {name: np.int32(number) for name, number in told.items() if number is not None},
    )
