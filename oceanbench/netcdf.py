"""Opening of local NetCDF files, with errors that say what is wrong with the file."""

import os
from pathlib import Path

import xarray as xr

from oceanbench._netcdf_classic import declared_bytes

_CLASSIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_OFFSETS = (0, 512, 1024, 2048)


def open_netcdf(path: str | os.PathLike[str], *, decode_times: bool = True) -> xr.Dataset:
    """Open a NetCDF file (classic, 64-bit, NetCDF-4, plain HDF5) of this machine; values are read when used.

    Parameters
    ----------
    path : path of a local file
        Never an address: what is not a file here is refused before any library sees it.
    decode_times : bool
        Whether CF times become datetime64. Packed values and fill values are decoded in any case.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is empty, of another format, cut short, or cannot be decoded.
    """
    file = Path(path)
    check_netcdf(file)
    try:
        return xr.open_dataset(file, engine="netcdf4", decode_times=decode_times)
    except (OSError, ValueError, TypeError, RuntimeError, KeyError, AttributeError, OverflowError) as error:
        raise ValueError(
            f"{str(file)!r} cannot be opened as NetCDF: {error}; write or copy the file again"
        ) from error


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
