"""NetCDF files of every format, and damaged copies of them, each known by its number."""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import netCDF4  # noqa: F401  before h5py opens a file: the first of two HDF5 libraries names the plugins
import numpy as np

from tests.toy_sea import map_of

__all__ = ["damaged", "whole_files"]

type Damage = Callable[[bytearray, np.random.Generator], None]

_HEADER_BYTES = 4096
_ODD_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 64) - 1)
_FORMATS = ("NETCDF3_CLASSIC", "NETCDF3_64BIT", "NETCDF3_64BIT_DATA", "NETCDF4", "NETCDF4_CLASSIC")


def whole_files(folder: Path) -> dict[str, bytes]:
    """Write the map of the toy challenge in every way, and give the bytes of each."""
    made = {}
    for name in _FORMATS:
        path = folder / f"{name}.nc"
        map_of().to_netcdf(path, engine="netcdf4", format=name)
        made[name] = path.read_bytes()
    packed = {"zlib": True, "shuffle": True, "fletcher32": True, "chunksizes": (7, 13, 7)}
    map_of().astype("f4").to_netcdf(folder / "packed.nc", engine="netcdf4", encoding={"ssh": packed})
    made["packed"] = (folder / "packed.nc").read_bytes()
    _write_newest(folder / "newest.nc")
    made["newest"] = (folder / "newest.nc").read_bytes()
    return made


def _write_newest(path: Path) -> None:
    """Write the structures that HDF5 uses only where it need not be read by old versions."""
    dataset = map_of()
    days = (dataset.time.values - dataset.time.values[0]) / np.timedelta64(1, "D")
    with h5py.File(path, "w", libver="latest", track_order=True) as file:
        for name, values in (("time", days), ("lat", dataset.lat.values), ("lon", dataset.lon.values)):
            file[name] = values
            file[name].make_scale(name)
        file["time"].attrs["units"] = "days since 2015-06-01"
        made = file.create_dataset("ssh", data=dataset.ssh.values, chunks=(5, 13, 21), compression=4)
        made.attrs["units"] = "m"
        for axis, name in enumerate(("time", "lat", "lon")):
            made.dims[axis].attach_scale(file[name])


def damaged(whole: Mapping[str, bytes], number: int) -> tuple[str, bytes]:
    """Give the damaged file of that number, the same at each call, and what it was made from and how."""
    rng = np.random.default_rng(number)
    names = sorted(whole)
    name = names[number % len(names)]
    kind = sorted(_DAMAGES)[(number // len(names)) % len(_DAMAGES)]
    content = bytearray(whole[name])
    _DAMAGES[kind](content, rng)
    return f"{name}, {kind}", bytes(content)


def _flip_anywhere(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(len(content), size=rng.integers(1, 17)):
        content[place] ^= int(rng.integers(1, 256))


def _flip_in_header(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(min(_HEADER_BYTES, len(content)), size=rng.integers(1, 9)):
        content[place] ^= 1 << int(rng.integers(8))


def _truncate(content: bytearray, rng: np.random.Generator) -> None:
    del content[int(rng.integers(len(content))) :]


def _swap_blocks(content: bytearray, rng: np.random.Generator) -> None:
    size = int(rng.choice([8, 64, 512, 2048]))
    one, other = (int(place) * size for place in rng.integers(len(content) // size, size=2))
    kept = content[one : one + size]
    content[one : one + size] = content[other : other + size]
    content[other : other + size] = kept


def _odd_number(content: bytearray, rng: np.random.Generator) -> None:
    """Write a number that is a border of some type over one of the header, in either order of bytes."""
    form = str(rng.choice(["<Q", ">Q", "<I", ">I", "<H", ">H"]))
    size = struct.calcsize(form)
    value = int(_ODD_NUMBERS[rng.integers(len(_ODD_NUMBERS))]) % (1 << (8 * size))
    place = int(rng.integers(8, min(_HEADER_BYTES, len(content) - size) // 2) * 2)
    struct.pack_into(form, content, min(place, len(content) - size), value)


def _insert_or_remove(content: bytearray, rng: np.random.Generator) -> None:
    place, size = int(rng.integers(len(content))), int(rng.integers(1, 64))
    if rng.integers(2):
        del content[place : place + size]
    else:
        content[place:place] = rng.bytes(size)


def _repeat_a_block(content: bytearray, rng: np.random.Generator) -> None:
    size = int(rng.choice([16, 256, 4096]))
    source, target = (int(place) for place in rng.integers(max(1, len(content) - size), size=2))
    content[target : target + size] = content[source : source + size]


_DAMAGES: dict[str, Damage] = {
    "bytes flipped": _flip_anywhere,
    "bits of the header flipped": _flip_in_header,
    "cut short": _truncate,
    "blocks swapped": _swap_blocks,
    "odd number in the header": _odd_number,
    "bytes inserted or removed": _insert_or_remove,
    "block repeated": _repeat_a_block,
}
