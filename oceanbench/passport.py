"""The score passport: what is needed to compute a score again, and to see whether it is the same."""

import hashlib
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["file_digest", "files_digest", "machine", "metric_code_digest", "software", "verified"]

_SUMS = "SHA256SUMS"
_PACKAGES = ("oceanbench", "numpy", "scipy", "xarray", "pyinterp", "contourpy", "dask", "pandas")


def file_digest(path: Path) -> str:
    """Give the SHA-256 of the bytes of a file, as lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_digest(paths: Sequence[Path]) -> str:
    """Give one SHA-256 for several files: of their names and digests, in the order of the names.

    A folder (a Zarr store) stands for all the files below it.
    """
    named = [(path.name, path) for path in paths if not path.is_dir()]
    for folder in (path for path in paths if path.is_dir()):
        inside = (file for file in folder.rglob("*") if file.is_file())
        named += [(file.relative_to(folder.parent).as_posix(), file) for file in inside]
    lines = sorted(f"{name} {file_digest(file)}" for name, file in named)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def verified(paths: Iterable[Path]) -> bool | None:
    """Tell whether files have the digests of the ``SHA256SUMS`` of their folder, or of one above it.

    Returns
    -------
    bool or None
        None where no such list names the files.

    Raises
    ------
    ValueError
        If a file has another digest than its list says.
    """
    listed = {path: _listed_digest(path) for path in paths}
    if None in listed.values():
        return None
    changed = [path for path, digest in listed.items() if file_digest(path) != digest]
    if changed:
        raise ValueError(f"{changed[0]} is not the file that {_SUMS} lists; restore it, or download it again")
    return True


def _listed_digest(path: Path) -> str | None:
    for folder in list(path.parents)[:3]:
        if (folder / _SUMS).is_file():
            return _read_sums(folder / _SUMS).get(path.relative_to(folder).as_posix())
    return None


@cache
def _read_sums(path: Path) -> Mapping[str, str]:
    rows = (line.split(maxsplit=1) for line in path.read_text().splitlines() if line.strip())
    return {name.lstrip("*"): digest for digest, name in rows}


@cache
def metric_code_digest() -> str:
    """Give one SHA-256 for the code that computes scores, so that a change of it shows."""
    package = Path(__file__).parent
    rooms = [path for room in ("metrics", "evaluation") for path in (package / room).glob("*.py")]
    return files_digest([*rooms, package / "interpolation.py"])


def software() -> Mapping[str, str]:
    """Give the versions of Python and of the packages that a score depends on."""
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def machine() -> Mapping[str, Any]:
    """Give the class of this machine: system, processor and number of cores; never its name."""
    return {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()}
