"""What is to be fetched: a file, the places it may come from, and what is promised of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from oceanbench.download.credentials import Account, scrubbed

__all__ = ["Artefact", "Candidate", "Failure", "How", "Outcome", "Promise"]

type How = Literal["downloaded", "already here", "found here"]


@dataclass(frozen=True)
class Candidate:
    """One place an artefact may come from.

    Parameters
    ----------
    url : str
        Anything fsspec opens: https, http, ftp, s3, file, memory, or a plain path.
    source : str
        Short name for messages, such as ``"meom"`` or ``"mirror"``.
    account : Account, optional
        The account this place asks for. Without one, an entry of the host in ``.netrc`` is used all the same.
    """

    url: str = field(repr=False)  # may hold a password
    source: str
    account: Account | None = None

    @property
    def place(self) -> str:
        """The address without user, password and query: what may be shown and stored."""
        return scrubbed(self.url)


@dataclass(frozen=True)
class Promise:
    """What is known of a file before it is fetched: size in bytes and digests in hexadecimal, or None."""

    size: int | None = None
    md5: str | None = None
    sha256: str | None = None

    @property
    def digest_known(self) -> bool:
        """Whether the content is pinned, not only its length."""
        return bool(self.md5 or self.sha256)

    @property
    def complete(self) -> bool:
        """Whether size and content are pinned, so that bytes of several places may be joined."""
        return self.size is not None and self.digest_known

    def broken_by(self, size: int, sha256: str, md5: str | None) -> str | None:
        """Say how a file differs from the promise; None where it does not."""
        if self.size is not None and size != self.size:
            return f"it has {size} bytes, {self.size} are expected"
        if self.sha256 is not None and sha256 != self.sha256.lower():
            return f"its sha256 is {sha256}, {self.sha256.lower()} is expected"
        if self.md5 is not None and md5 != self.md5.lower():
            return f"its md5 is {md5}, {self.md5.lower()} is expected"
        return None


@dataclass(frozen=True)
class Artefact:
    """A file to fetch.

    Parameters
    ----------
    name : str
        Name for messages, usually the file name.
    target : Path
        Where it is put, below the folder of the lock.
    candidates : tuple of Candidate
        Tried in this order.
    size, md5, sha256
        What the definition promises: bytes, and digests in hexadecimal. None where it promises nothing.
    """

    name: str
    target: Path
    candidates: tuple[Candidate, ...]
    size: int | None = None
    md5: str | None = None
    sha256: str | None = None

    @property
    def promise(self) -> Promise:
        """Size and digests that the definition gives."""
        return Promise(self.size, self.md5, self.sha256)


@dataclass(frozen=True)
class Failure:
    """Why one candidate did not give the file, and what can be done (None: nothing from here)."""

    source: str
    place: str
    reason: str
    cure: str | None = None

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(frozen=True)
class Outcome:
    """An artefact that is now in its place.

    ``resumed_at`` is the number of bytes that earlier attempts had left; ``failures`` are the candidates that
    were tried before the one that gave the file.
    """

    artefact: Artefact
    how: How
    size: int
    sha256: str
    source: str
    place: str
    resumed_at: int = 0
    failures: tuple[Failure, ...] = ()
