"""Which files a Python process needs in order to import what it imports, and no others."""

import sys
import sysconfig
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

__all__ = ["library_folders", "library_places"]

_OWN_PACKAGES = ("oceanbench", "oceanbench_leaderboard")
_DATA = "challenges"  # of the package: below it may lie the very truth that nobody may read
_OF_THE_SYSTEM = (
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/dev/null",
    "/dev/urandom",
)


def library_places() -> Iterator[Path]:
    """Give the files and folders of the interpreter, of its packages, and of our own without their data.

    Our packages are given by their parts: a challenge may have its truth beside its definition, which a wheel
    holds inside the package, and a checkout beside it.
    """
    yield from map(Path, _OF_THE_SYSTEM)
    yield from (Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
    yield Path(sys.base_prefix) / "lib"
    yield Path(sys.prefix) / "pyvenv.cfg"
    for folder in _folders_of_packages():
        yield from (part for part in folder.iterdir() if part.name not in _OWN_PACKAGES)
    for package in _own_folders():
        yield from (part for part in package.iterdir() if part.name != _DATA)


def library_folders() -> Iterator[Path]:
    """Give the folders in which Python looks for the names of modules."""
    yield from _folders_of_packages()
    yield from _own_folders()


def _folders_of_packages() -> Iterator[Path]:
    own = [Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")]
    others = [place for place in map(Path, sys.path) if place.name in ("site-packages", "dist-packages")]
    yield from (place for place in dict.fromkeys([*own, *others]) if place.is_dir())


def _own_folders() -> Iterator[Path]:
    for name in _OWN_PACKAGES:
        spec = find_spec(name)
        for place in (spec and spec.submodule_search_locations) or ():
            yield Path(place)
