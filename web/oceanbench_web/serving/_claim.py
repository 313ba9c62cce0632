"""One ``serve`` for one folder: a second is refused while the first lives."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

__all__ = ["claimed"]


@contextmanager
def claimed(folder: Path, address: str) -> Iterator[None]:
    """Keep a folder to this process; the claim ends with the process, however that ends.

    Parameters
    ----------
    folder : pathlib.Path
        Data of the service; made if it does not exist.
    address : str
        Where this process listens: whoever is refused is told.

    Raises
    ------
    ValueError
        If another process has claimed it.
    OSError
        If the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / "serve.lock")
    note = folder / "serve.json"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ValueError(
            f"{folder} is served already{_by_whom(note)}; stop that, or give another folder with --data"
        ) from None
    try:
        note.write_text(json.dumps({"process": os.getpid(), "address": address}), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _by_whom(note: Path) -> str:
    try:
        said: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        return f" at {said['address']} by process {said['process']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
