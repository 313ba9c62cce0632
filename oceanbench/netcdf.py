"""Opening and writing of local files of data, with errors that say what is wrong.

A file is NetCDF, a folder is Zarr. Opening reads no values of data variables.
"""

import os
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr

from oceanbench._netcdf_classic import declared_bytes

_CLASSIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_OFFSETS = (0, 512, 1024, 2048)
_OPEN_ERRORS = (
    OSError, ValueError, TypeError, RuntimeError, KeyError, AttributeError, OverflowError, IndexError,
)  # fmt: skip
_DEFAULT_FILL = {
    "i1": -127,
    "i2": -32767,
    "i4": -2147483647,
    "f4": 9.969209968386869e36,
    "f8": 9.969209968386869e36,
}


def open_data(
    path: str | os.PathLike[str],
    *,
    decode_times: bool = True,
    group: str = "",
    indexes: bool = True,
    chunks: Mapping[str, int] | None = None,
) -> xr.Dataset:
    """Open a NetCDF file or a Zarr folder of this machine; see :func:`open_netcdf` for the arguments.

    Raises
    ------
    FileNotFoundError
        Where there is no such file or folder.
    ValueError
        Where it cannot be opened; the message says why.
    """
    folder = Path(path)
    if not folder.is_dir():
        return open_netcdf(path, decode_times=decode_times, group=group, indexes=indexes, chunks=chunks)
    if not any((folder / name).exists() for name in ("zarr.json", ".zgroup")):
        raise ValueError(
            f"{str(folder)!r} is a folder without zarr.json or .zgroup; give a NetCDF file or a Zarr folder"
        )
    with _refusing(folder, "Zarr"):
        return xr.open_dataset(
            folder,
            engine="zarr",
            consolidated=False,
            chunks=chunks,
            group=group or None,
            decode_times=decode_times,
            decode_timedelta=False,
            create_default_indexes=indexes,
        )


def open_netcdf(
    path: str | os.PathLike[str],
    *,
    decode_times: bool = True,
    group: str = "",
    indexes: bool = True,
    chunks: Mapping[str, int] | None = None,
) -> xr.Dataset:
    """Open a NetCDF file (classic, 64-bit, NetCDF-4, plain HDF5) of this machine; values are read when used.

    Parameters
    ----------
    path : path of a local file
        Never an address: what is not a file here is refused before any library sees it.
    decode_times : bool
        Whether CF times become datetime64. Packed values and fill values are decoded in any case.
    group : str
        Path of a group inside the file, such as ``data_01/ku``; the root unless given.
    indexes : bool
        Whether coordinates become indexes, for which they are read whole.
    chunks : mapping of dimension to length, optional
        Make dask arrays of chunks of these lengths, -1 for the whole; dimensions that are not named are cut
        as they are stored.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is empty, of another format, cut short, cannot be decoded, or lacks the group.
    """
    file = Path(path)
    check_netcdf(file)
    with _refusing(file, "NetCDF"):
        if group:
            _check_group(file, group)
        return xr.open_dataset(
            file,
            engine="netcdf4",
            chunks=chunks,
            group=group or None,
            decode_times=decode_times,
            decode_timedelta=False,
            create_default_indexes=indexes,
        )


@contextmanager
def _refusing(path: Path, form: str) -> Iterator[None]:
    """Turn what libraries raise over a file into a refusal of that file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)  # odd dates are told where they are used
            warnings.filterwarnings("ignore", "The specified chunks separate the stored chunks", UserWarning)
            yield
    except _MissingGroupError as error:
        raise ValueError(str(error)) from error
    except _OPEN_ERRORS as error:
        cure = "write or copy the file again"
        if "decode" in str(error) and "time" in str(error):
            cure = "correct the attribute units of the times, such as 'seconds since 2000-01-01'"
        raise ValueError(f"{str(path)!r} cannot be opened as {form}: {error}; {cure}") from error


class _MissingGroupError(LookupError):
    """A file lacks a group."""


def _check_group(file: Path, group: str) -> None:
    with netCDF4.Dataset(file) as root:
        inside = root
        for name in group.strip("/").split("/"):
            if name not in inside.groups:
                held = ", ".join(sorted(inside.groups)) or "no group"
                raise _MissingGroupError(f"{str(file)!r} has no group {group!r}; it holds {held}")
            inside = inside.groups[name]


def default_fill(variable: xr.Variable) -> float | None:
    """Give what a missing value reads as where the file declares no fill value; None where it does.

    The netCDF library fills what is never written with a default of the type stored, packed or not.
    """
    stored = np.dtype(variable.encoding.get("dtype", variable.dtype)).str[1:]
    if "_FillValue" in variable.encoding or "missing_value" in variable.encoding:
        return None
    if stored not in _DEFAULT_FILL:
        return None
    scale = float(variable.encoding.get("scale_factor", 1.0))
    return _DEFAULT_FILL[stored] * scale + float(variable.encoding.get("add_offset", 0.0))


def check_netcdf(file: Path) -> None:
    """Raise where ``file`` is missing, empty, of another format by its first bytes, or cut short."""
    if not file.exists():
        raise FileNotFoundError(f"there is no file {str(file)!r}; check the path")
    if not file.is_file():
        raise ValueError(f"{str(file)!r} is a folder; expected a NetCDF file")
    if file.stat().st_size == 0:
        raise ValueError(f"{str(file)!r} is empty (0 bytes); expected a NetCDF file; write or copy it again")
    with file.open("rb") as stream:
        first = stream.read(8)
    if first[:4] in _CLASSIC:
        _check_length(file)
    elif not _is_hdf5(file):
        raise ValueError(
            f"{str(file)!r} is not NetCDF: it begins with {first!r}; save the map with to_netcdf()"
        )


def _check_length(file: Path) -> None:
    with file.open("rb") as stream:
        try:
            declared = declared_bytes(stream)
        except ValueError as error:
            raise ValueError(f"{str(file)!r} is cut short or damaged: {error}; copy it again") from error
    stored = file.stat().st_size
    if stored < declared:
        raise ValueError(f"{str(file)!r} is cut short: {stored} bytes of {declared}; copy it again")


def _is_hdf5(file: Path) -> bool:
    with file.open("rb") as stream:
        for offset in _HDF5_OFFSETS:
            stream.seek(offset)
            if stream.read(8) == _HDF5:
                return True
    return False


def write_whole(dataset: xr.Dataset, target: Path, encoding: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write a NetCDF-4 file that is complete or not there at all; one that exists is replaced.

    The file is written under another name in the same folder, then renamed: a run that is stopped leaves no
    half file behind, and a reader never sees one.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        dataset.to_netcdf(part, engine="netcdf4", format="NETCDF4", encoding=encoding)
        os.replace(part, target)
    except RuntimeError as error:  # what the library says of a full disk, and of every other trouble
        raise OSError(f"{target} could not be written ({error}); is there room in its folder?") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def refuse_absent_folder(target: Path) -> None:
    """Refuse to write a file into a folder that is not there.

    Raises
    ------
    FileNotFoundError
        It does not exist.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {str(target.parent)!r} to write {target.name!r} into; make it first"
        )
