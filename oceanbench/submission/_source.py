"""Opening what a map is given as: a NetCDF file, a Zarr folder, an xarray object."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.netcdf import open_netcdf
from oceanbench.submission._problems import Findings, Problem, SubmissionError

type MapSource = str | os.PathLike[str] | xr.Dataset | xr.DataArray

READ_ERRORS = (OSError, RuntimeError)
OPEN_ERRORS = (*READ_ERRORS, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
_IN_MEMORY = "map in memory"
_PIECE_BYTES = 1 << 24


@dataclass(frozen=True)
class Source:
    """A dataset with undecoded times, and where it came from.

    ``variable`` is the name of the height where the source leaves no choice; ``path`` is None in memory.
    """

    dataset: xr.Dataset
    variable: str | None
    path: Path | None

    def sha256(self) -> str | None:
        """Give the digest of the bytes of the file or folder; None in memory."""
        if self.path is None:
            return None
        return _folder_sha256(self.path) if self.path.is_dir() else _file_sha256(self.path)


def source_name(source: MapSource) -> str:
    """Give the path of ``source`` as it was given, or words for an object in memory."""
    return _IN_MEMORY if isinstance(source, xr.Dataset | xr.DataArray) else repr(os.fspath(source))


def open_source(source: MapSource) -> Source:
    """Open ``source`` without reading values.

    Raises
    ------
    FileNotFoundError
        Where there is no such path.
    SubmissionError
        Where it cannot be opened.
    TypeError
        Where it is neither a path nor an xarray object.
    """
    if isinstance(source, xr.Dataset):
        return Source(source, None, None)
    if isinstance(source, xr.DataArray):
        name = "ssh" if source.name is None or source.name in source.coords else str(source.name)
        return Source(source.to_dataset(name=name), name, None)
    if not isinstance(source, str | os.PathLike):
        raise TypeError(
            f"a map cannot be opened from {type(source).__name__}; give a path or an xarray object"
        )
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {os.fspath(source)!r}; check the path")
    with reading(source_name(source), OPEN_ERRORS):
        dataset = _open_zarr(path) if path.is_dir() else open_netcdf(path, decode_times=False)
    return Source(dataset, None, path)


@contextmanager
def reading(name: str, errors: tuple[type[Exception], ...] = READ_ERRORS) -> Iterator[None]:
    """Turn what libraries raise over a broken file into a refusal of the source called ``name``."""
    try:
        yield
    except errors as error:
        message = " ".join(str(error).split())
        problem = Problem(
            f"it cannot be read: {message}", "a whole NetCDF file or Zarr folder", "write it again"
        )
        raise SubmissionError(name, [problem]) from error


def values_of(array: xr.DataArray) -> NDArray[Any]:
    """Read values; whatever a decoder of broken bytes raises becomes an OSError."""
    try:
        return np.asarray(array.values)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise OSError(f"values of {array.name!r} cannot be decoded: {error}") from error


def _open_zarr(path: Path) -> xr.Dataset:
    if not any((path / name).exists() for name in ("zarr.json", ".zgroup")):
        raise ValueError(f"{str(path)!r} is a folder without zarr.json or .zgroup")
    return xr.open_dataset(path, engine="zarr", consolidated=False, decode_times=False, chunks=None)


def note_absent_chunks(source: Source, variable: str, findings: Findings) -> None:
    """Note how many chunks of a Zarr folder are not there: they read as the fill value."""
    if source.path is None or not source.path.is_dir():
        return
    import zarr

    array = zarr.open_group(source.path, mode="r")[variable]
    if isinstance(array, zarr.Array) and array.nchunks_initialized < array.nchunks:
        absent = array.nchunks - array.nchunks_initialized
        findings.note(f"{absent} of {array.nchunks} chunks are not stored and read as {array.fill_value}.")


def _file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder_sha256(path: Path) -> str:
    """Digest names and digests of all files, in order of name."""
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        name = file.relative_to(path).as_posix()
        digest.update(f"{name}\0{_file_sha256(file)}\n".encode())
    return digest.hexdigest()


def canonical_sha256(ssh: xr.DataArray) -> str:
    """Give the digest of a canonical map: equal maps have equal digests, however they were stored.

    Parameters
    ----------
    ssh : xr.DataArray, dims (time, lat, lon), in metres
        Read piece by piece where it is lazy.
    """
    digest = hashlib.sha256(repr(dict(ssh.sizes)).encode())
    digest.update(ssh["time"].values.astype("datetime64[ns]").astype("<i8").tobytes())
    for name in ("lat", "lon"):
        digest.update(ssh[name].values.astype("<f8").tobytes())
    for piece in slabs(ssh):
        # one NaN and one zero, whatever their bits
        digest.update(np.where(np.isnan(piece), np.nan, piece + 0.0).astype("<f8").tobytes())
    return digest.hexdigest()


def slabs(ssh: xr.DataArray) -> Iterator[NDArray[np.float64]]:
    """Give the values of ``ssh`` in float64, some time steps at once."""
    step_bytes = max(1, 8 * int(np.prod(ssh.shape[1:], dtype=np.int64)))
    count = max(1, _PIECE_BYTES // step_bytes)
    for first in range(0, ssh.sizes["time"], count):
        yield values_of(ssh.isel(time=slice(first, first + count))).astype(np.float64, copy=False)
