"""Answers that were made once and are sent many times, plain and compressed."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

__all__ = ["Kept", "KeptBytes", "answer_kept"]

_WORTH_IT = 1000  # bytes below which compression gains nothing
_LEVEL = 6


@dataclass(frozen=True)
class Kept:
    """One answer.

    Attributes
    ----------
    plain : bytes
    packed : bytes
        The same by gzip; empty where it is not worth it.
    etag : str
    media_type : str
    """

    plain: bytes
    packed: bytes
    etag: str
    media_type: str

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.plain) + len(self.packed)


class KeptBytes:
    """The answers used last, up to a number of bytes.

    Parameters
    ----------
    capacity : int
        Bytes in all; an answer larger than a quarter of it is made anew each time.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], bytes], media_type: str) -> Kept:
        """Give the answer under ``key``; ``make`` makes it where it is not kept, once for all who wait.

        Parameters
        ----------
        key : hashable
            Names everything that the answer depends on: its revision too.
        make : callable
        media_type : str
        """
        found = self._find(key)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self._find(key)
            if found is None:
                found = _pack(make(), media_type)
                self._keep(key, found)
        with self._lock:
            self._making.pop(key, None)
        return found

    def _find(self, key: Hashable) -> Kept | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: Hashable, answer: Kept) -> None:
        if answer.size > self.capacity / 4:
            return
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += answer.size - (old.size if old else 0)
            self._kept[key] = answer
            while self._size > self.capacity:
                _, gone = self._kept.popitem(last=False)
                self._size -= gone.size


def _pack(plain: bytes, media_type: str) -> Kept:
    packed = gzip.compress(plain, _LEVEL, mtime=0) if len(plain) > _WORTH_IT else b""
    etag = f'W/"{hashlib.sha256(plain).hexdigest()[:24]}"'  # weak: the same for both encodings
    return Kept(plain, packed, etag, media_type)


def answer_kept(request: Request, kept: Kept, cache_control: str = "no-cache") -> Response:
    """Answer with what is kept: compressed where the client takes that, 304 where it has it already."""
    headers = {"etag": kept.etag, "cache-control": cache_control, "vary": "Accept-Encoding"}
    if kept.etag in [word.strip() for word in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    if kept.packed and _takes_gzip(request):
        headers["content-encoding"] = "gzip"
        return Response(kept.packed, headers=headers, media_type=kept.media_type)
    return Response(kept.plain, headers=headers, media_type=kept.media_type)


def _takes_gzip(request: Request) -> bool:
    for word in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = word.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
