"""The files in which filtered swaths come: what may be opened, and the digest of them all."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path

import netCDF4
import numpy as np

from oceanbench.netcdf import check_netcdf
from oceanbench.submission._problems import Findings

_MOST_VARIABLES = 500
_MOST_PIECES = 200_000
_MOST_PIECE_BYTES = 1 << 29


def refuse_links_out(files: Sequence[Path], root: Path | None, findings: Findings) -> None:
    """Keep a problem for each file that lies outside the folder ``root``, or is no plain file.

    Without ``root`` the files themselves were listed by hand: only what lies in folders is looked at.
    """
    for file, path in ((one, inner) for one in files for inner in _all_of(one)):
        # unlike Path.resolve, it follows a circle of links without an error
        home, place = (Path(os.path.realpath(one)) for one in (root or file, path))
        if not place.is_relative_to(home):
            findings.refuse(
                f"{str(path)!r} is a link that leads out of the folder", "files of the folder", "copy it"
            )
        elif not (path.is_file() or path.is_dir()):
            findings.refuse(f"{str(path)!r} is no plain file", "files and folders", "remove it")


def _all_of(file: Path) -> Iterator[Path]:
    yield file
    for folder, names, inside in os.walk(file):  # of a file, nothing
        yield from (Path(folder, name) for name in [*names, *inside])


def check_declared(path: Path, most_lines: int, pixels: int) -> None:
    """Refuse a file by what it declares, before any value is read.

    Raises
    ------
    ValueError
        It is not NetCDF, has too many variables, or one that is too large or stored in pieces of senseless
        size.
    OSError
        It cannot be read.
    """
    declared = _declared_in_zarr(path) if path.is_dir() else _declared(path)
    for place, (name, shape, chunks, bytes_each) in enumerate(declared):
        if place >= _MOST_VARIABLES:
            raise ValueError(
                f"{str(path)!r} has more than {_MOST_VARIABLES} variables; keep the filtered height"
            )
        if prod(shape) > most_lines * max(pixels, 1):
            raise ValueError(
                f"{name} of {str(path)!r} is declared with shape {shape}; the inputs have {pixels} pixels "
                f"across; at most {most_lines} lines are read"
            )
        pieces = prod(-(-size // max(chunk, 1)) for size, chunk in zip(shape, chunks, strict=True))
        if pieces > _MOST_PIECES or prod(chunks) * bytes_each > _MOST_PIECE_BYTES:
            raise ValueError(
                f"{name} of {str(path)!r} is stored in pieces of {chunks}; write it in larger or smaller"
            )


type _Declared = tuple[str, tuple[int, ...], tuple[int, ...], int]


def _declared(path: Path) -> Iterator[_Declared]:
    check_netcdf(path)
    with netCDF4.Dataset(path) as file:
        for name, variable in file.variables.items():
            chunks = variable.chunking()
            shape = tuple(int(size) for size in variable.shape)
            bytes_each = getattr(variable.dtype, "itemsize", np.dtype(object).itemsize)
            if isinstance(chunks, list):
                yield name, shape, tuple(chunks), bytes_each
            else:  # in one piece, of which any part can be read
                yield name, shape, shape, 0


def _declared_in_zarr(path: Path) -> Iterator[_Declared]:
    import zarr

    folders = sum(1 for entry in os.scandir(path) if entry.is_dir())
    if folders > _MOST_VARIABLES:  # each of them would be opened
        raise ValueError(f"{str(path)!r} has more than {_MOST_VARIABLES} variables; keep the filtered height")
    for name, array in zarr.open_group(path, mode="r", use_consolidated=False).arrays():
        chunks = array.shards or array.chunks
        yield name, array.shape, chunks, getattr(array.dtype, "itemsize", 8)


def digest_of(files: Sequence[Path]) -> str:
    """Give the digest of one file, or of the names and digests of several and of what Zarr folders hold."""
    if len(files) == 1 and files[0].is_file():
        return _digest(files[0])
    whole = hashlib.sha256()
    for file in files:
        inside = sorted(path for path in _all_of(file) if path.is_file())
        for path in inside:
            whole.update(f"{path.relative_to(file.parent).as_posix()}\0{_digest(path)}\n".encode())
    return whole.hexdigest()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
