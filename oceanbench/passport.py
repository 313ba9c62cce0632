"""The score passport: what is needed to compute a score again, and to see whether it is the same."""

import hashlib
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from oceanbench.download.lock import LOCK_NAME, Entry, Lock

__all__ = [
    "file_digest",
    "files_digest",
    "machine",
    "metric_code_digest",
    "refuse_changed",
    "software",
    "verified",
]

_SUMS = "SHA256SUMS"
_DEPTH = 4  # folders above a file in which a list of digests is looked for
_PACKAGES = ("oceanbench", "numpy", "scipy", "xarray", "pyinterp", "contourpy", "dask", "pandas")


def file_digest(path: Path) -> str:
    """Give the SHA-256 of the bytes of a file, as lower-case hexadecimal.

    A downloaded file whose size and time of change are as its lock file says is not read again.
    """
    entry = _recorded(path)
    if entry is not None:
        return entry.sha256
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
    """Tell whether files are the ones that are listed: in the lock file of a download, or in ``SHA256SUMS``.

    Either lies in their folder or in one above it. Downloaded files are held against the size and the time of
    change that the lock records, and read again only where these differ.

    Returns
    -------
    bool or None
        None where no such list names the files.

    Raises
    ------
    ValueError
        If a file is not the one that is listed.
    """
    return all(verdicts) if None not in (verdicts := [_is_listed(path) for path in paths]) else None


def refuse_changed(paths: Iterable[Path]) -> None:
    """Refuse files that were downloaded and are not any more what they were.

    Raises
    ------
    ValueError
        If a file has another size, or another time of change and another digest, than the lock file says.
    """
    for path in paths:
        lock = _lock_of(path)
        if lock is not None and lock.check(path) == "changed":
            raise ValueError(
                f"{path} is not the file that was downloaded ({lock.path} says so); move it away and "
                "download it again"
            )


def _is_listed(path: Path) -> bool | None:
    refuse_changed([path])
    lock = _lock_of(path)
    if lock is not None and lock.entry(path) is not None:
        return True
    digest = _listed_digest(path)
    if digest is None:
        return None
    if file_digest(path) != digest:
        raise ValueError(f"{path} is not the file that {_SUMS} lists; restore it, or download it again")
    return True


def _lock_of(path: Path) -> Lock | None:
    folders = list(path.absolute().parents)[:_DEPTH]
    return next((_lock(folder) for folder in folders if (folder / LOCK_NAME).is_file()), None)


@cache
def _lock(folder: Path) -> Lock:
    """Give one lock for all files of a folder: it reads its file again only when that has changed."""
    return Lock(folder)


def _recorded(path: Path) -> Entry | None:
    lock = _lock_of(path)
    return lock.entry(path) if lock is not None and lock.check(path) == "ok" else None


def _listed_digest(path: Path) -> str | None:
    for folder in list(path.parents)[:_DEPTH]:
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
    rooms = [path for room in ("metrics", "evaluation") for path in (package / room).rglob("*.py")]
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
