"""Sending a file in pieces, on from where the service has it, whatever is cut on the way."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oceanbench.progress import Progress, silent
from oceanbench_web.client._connection import Connection, Refused, Unreachable

__all__ = ["sha256_of", "upload"]

PIECE = 16 << 20
_READ = 1 << 18


def sha256_of(path: Path, progress: Progress = silent) -> str:
    """Give the SHA-256 of the bytes of a file, in hexadecimal digits."""
    digest, size, done = hashlib.sha256(), max(path.stat().st_size, 1), 0
    with path.open("rb") as stream:
        while data := stream.read(4 * _READ):
            digest.update(data)
            done += len(data)
            progress("digest", done / size)
    return digest.hexdigest()


def upload(
    connection: Connection,
    path: Path,
    sha256: str,
    progress: Progress = silent,
    *,
    piece: int = PIECE,
) -> None:
    """Bring a file to the service, piece by piece; what is there already is not sent again.

    Parameters
    ----------
    connection : Connection
    path : pathlib.Path
        The file; it must not change meanwhile.
    sha256 : str
        Digest of its bytes, see :func:`sha256_of`.
    progress : callable
    piece : int
        Bytes of one request.

    Raises
    ------
    Refused
        If the service refuses it, or found other bytes than the digest promises.
    Unreachable
        If the service stayed away longer than the patience of the connection.
    ValueError
        If the file is empty, or changed while it was sent.
    """
    size = path.stat().st_size
    if not size:
        raise ValueError(f"{path} is empty (0 bytes); there is nothing to send")
    state = connection.ask("GET", f"/uploads/{sha256}")
    pauses = connection.patience.pauses()
    while not state["complete"]:
        start = int(state["offset"])
        progress("sending", start / size)
        try:
            state = _send(connection, path, sha256, start, min(piece, size - start), size, progress)
        except (Unreachable, Refused) as trouble:
            state = _after(trouble, connection, sha256, next(pauses, None))
        if int(state["offset"]) > start:
            pauses = connection.patience.pauses()
        _check_unchanged(path, size)
    progress("sending", 1.0)


def _send(
    connection: Connection, path: Path, sha256: str, start: int, count: int, size: int, progress: Progress
) -> dict[str, Any]:
    """Send one stretch."""
    told = {"Content-Length": str(count), "Content-Type": "application/octet-stream"}
    told["Content-Range"] = f"bytes {start}-{start + count - 1}/{size}"
    content = _stretch(path, start, count, size, progress)
    return connection.once("PUT", f"/uploads/{sha256}", headers=told, content=content)


def _stretch(path: Path, start: int, count: int, size: int, progress: Progress) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(start)
        left = count
        while left:
            data = stream.read(min(_READ, left))
            if not data:
                raise ValueError(f"{path} became shorter while it was sent; send it when it is written")
            yield data
            left -= len(data)
            progress("sending", (start + count - left) / size)


def _after(
    trouble: Unreachable | Refused, connection: Connection, sha256: str, pause: float | None
) -> dict[str, Any]:
    """Find out where to go on after a request that did not do, or raise what it said."""
    if pause is None:
        raise trouble
    if isinstance(trouble, Unreachable):
        connection.wait_for_answer(pause)
    elif trouble.status == 409 and trouble.offset is not None:
        connection.sleep(pause if pause > connection.patience.first else 0.0)
    else:
        connection.wait_out(trouble, pause)
    return connection.ask("GET", f"/uploads/{sha256}")


def _check_unchanged(path: Path, size: int) -> None:
    now = path.stat().st_size
    if now != size:
        raise ValueError(f"{path} had {size} bytes and has {now} now; send it when it is written")
