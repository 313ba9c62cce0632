"""What every kind of source gives: the bytes of a file from some offset on."""

from dataclasses import dataclass
from typing import Protocol

from oceanbench.download.artefact import Candidate
from oceanbench.download.credentials import Login

__all__ = ["Found", "Resume", "Source", "Stream"]


@dataclass(frozen=True)
class Resume:
    """Where to continue: after ``offset`` bytes, of the version called ``validator`` (None: of any)."""

    offset: int = 0
    validator: str | None = None


@dataclass(frozen=True)
class Found:
    """What a place says of a file without sending it.

    Parameters
    ----------
    status : str
        In words, such as ``"200 OK"``.
    size : int or None
        Bytes.
    ranges : bool or None
        Whether an interrupted transfer can be continued; None where it is not told.
    certificate : str
        ``"valid"``, ``"accepted by you without a check"``, or ``"none"`` where nothing is encrypted.
    known : bool
        Whether it is known that the file is there; a server that gives no heads leaves it open.
    """

    status: str
    size: int | None
    ranges: bool | None
    certificate: str = "none"
    known: bool = True


class Stream(Protocol):
    """An open transfer.

    Attributes
    ----------
    offset : int
        Where its bytes begin in the file: what was asked for, or 0 if the source begins anew.
    size : int or None
        Bytes of the whole file.
    validator : str or None
        What the source calls this version; None where it tells nothing that can be relied on.
    framed : bool
        Whether the end of the file can be told from a cut connection.
    """

    offset: int
    size: int | None
    validator: str | None
    framed: bool

    def readinto(self, buffer: memoryview, /) -> int:
        """Read the next bytes, as many as have come; 0 at the end, ``Interrupted`` where they end early."""

    def close(self) -> None:
        """Let go of the connection."""


class Source(Protocol):
    """Opens the files of some kinds of URL.

    Attributes
    ----------
    one_version : bool
        Whether all bytes of one transfer are of one version of the file.
    """

    one_version: bool

    def open(self, candidate: Candidate, name: str, login: Login | None, resume: Resume) -> Stream:
        """Open a file; raises ``CandidateFailed``, or ``Interrupted`` where another try may help."""

    def find(self, candidate: Candidate, login: Login | None) -> Found:
        """Ask about a file without fetching it; raises as ``open`` does."""
