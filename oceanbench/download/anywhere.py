"""Files by everything else that fsspec opens: ftp, s3, file, memory, a plain path."""

import ftplib
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
from fsspec.core import split_protocol, url_to_fs
from fsspec.implementations.ftp import FTPFileSystem

from oceanbench.download.artefact import Candidate
from oceanbench.download.credentials import Login
from oceanbench.download.errors import CandidateFailed, Interrupted, RangeRefused, Stopped
from oceanbench.download.patience import Patience
from oceanbench.download.stopping import Stop
from oceanbench.download.streams import Found, Resume, Stream

__all__ = ["FileSource"]

_BLOCK = 1 << 22
# what the file systems of fsspec call the version of a file
_VERSION_KEYS = (
    "ETag",
    "etag",
    "mtime",
    "LastModified",
    "last_modified",
    "modify",
    "modified",
    "updated",
    "created",
)


class FileSource:
    """Opens files by fsspec; what is read may change meanwhile, so it is looked at once more at the end.

    Parameters
    ----------
    patience : Patience
        How long is waited.
    stop : Stop
        Breaks off what is waited for.
    """

    one_version = False

    def __init__(self, patience: Patience, stop: Stop) -> None:
        self._patience = patience
        self._stop = stop

    def open(self, candidate: Candidate, name: str, login: Login | None, resume: Resume) -> Stream:
        """Open a file; see ``Source``."""
        try:
            system, path = self._connect(candidate, login)
            facts = _facts(system, path)
            offset = resume.offset
            if offset > facts["size"] or resume.validator not in (None, _version(facts)):
                offset = 0
            kind = FtpStream if isinstance(system, FTPFileSystem) else FileStream
            return kind(system, path, facts, offset, self._stop)
        except (CandidateFailed, Stopped):
            raise
        except Exception as error:  # every kind of address has errors of its own library
            raise _failure(error) from error

    def find(self, candidate: Candidate, login: Login | None) -> Found:
        """Ask for size and existence of a file."""
        try:
            return Found("it is there", _facts(*self._connect(candidate, login))["size"], True)
        except (CandidateFailed, Stopped):
            raise
        except Exception as error:  # every kind of address has errors of its own library
            raise _failure(error) from error

    def _connect(self, candidate: Candidate, login: Login | None) -> tuple[Any, str]:
        protocol = split_protocol(candidate.url)[0] or "file"
        options: dict[str, Any] = {}
        if protocol == "ftp":
            options = _ftp_login(candidate.url, login) | {"timeout": self._patience.stall}
        elif protocol in ("s3", "s3a"):
            options = _s3_login(login)
        system, path = url_to_fs(candidate.url, **options)
        return system, path


def _ftp_login(url: str, login: Login | None) -> dict[str, Any]:
    if login is not None:
        return {"username": login.user, "password": login.password}
    return {} if urlsplit(url).username else {"username": "anonymous", "password": "anonymous@"}


def _s3_login(login: Login | None) -> dict[str, Any]:
    """Give the login, else what is configured for AWS, else come as nobody: most data are public."""
    if login is not None:
        return {"key": login.user, "secret": login.password}
    configured = any(variable in os.environ for variable in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"))
    configured = configured or (Path.home() / ".aws" / "credentials").exists()
    configured = configured or bool({"anon", "key"} & fsspec.config.conf.get("s3", {}).keys())
    return {} if configured else {"anon": True}


def _facts(system: Any, path: str) -> Mapping[str, Any]:
    system.invalidate_cache()
    facts: Mapping[str, Any] = system.info(path)
    if facts["type"] != "file":
        raise CandidateFailed("it is a folder there")
    if facts["size"] is None:
        raise CandidateFailed("it does not tell the size of the file")
    return facts


def _version(facts: Mapping[str, Any]) -> str | None:
    told = [f"{key} {facts[key]}" for key in _VERSION_KEYS if facts.get(key) is not None]
    return f"{told[0]}, {facts['size']} bytes" if told else None


class FileStream:
    """A file of fsspec, read from an offset on; see ``Stream``."""

    framed: bool = True

    def __init__(self, system: Any, path: str, facts: Mapping[str, Any], offset: int, stop: Stop) -> None:
        self._system, self._path, self._stop = system, path, stop
        self.offset = offset
        self.size: int | None = facts["size"]
        self.validator = _version(facts)
        self._begin()

    def _begin(self) -> None:
        self._file = self._system.open(self._path, "rb", block_size=_BLOCK)
        self._file.seek(self.offset)

    def readinto(self, buffer: memoryview) -> int:
        """Read the next bytes, and make sure at the end that it was one version all the way."""
        try:
            count = self._readinto(buffer)
            self._stop.check()
            if count:
                return count
            self._end()
            changed = _version(_facts(self._system, self._path)) != self.validator
        except (CandidateFailed, Stopped):
            raise
        except Exception as error:  # every kind of address has errors of its own library
            self._stop.check()
            raise _failure(error) from error
        if changed:
            raise RangeRefused("the file changed there while it was read")
        return 0

    def _readinto(self, buffer: memoryview) -> int:
        count: int = self._file.readinto(buffer)
        return count

    def _end(self) -> None:
        """Say that all bytes have been read."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class FtpStream(FileStream):
    """A file by ftp in one transfer; fsspec's own file would ask anew for every block."""

    _socket: socket.socket

    def _begin(self) -> None:
        self._system.ftp.voidcmd("TYPE I")
        self._socket = self._system.ftp.transfercmd(f"RETR {self._path}", rest=self.offset or None)

    def _readinto(self, buffer: memoryview) -> int:
        with self._stop.breaking(self._break):
            return self._socket.recv_into(buffer)

    def _end(self) -> None:
        self._socket.close()
        self._system.ftp.voidresp()

    def _break(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close both connections."""
        self._socket.close()
        self._system.ftp.close()


def _failure(error: Exception) -> CandidateFailed:
    """Tell why a file could not be opened or read."""
    told = str(error) or type(error).__name__
    if isinstance(error, FileNotFoundError):
        return CandidateFailed("it is not there")
    if isinstance(error, ImportError):
        return CandidateFailed(f"this kind of address needs a package that is not installed: {told}")
    if isinstance(error, PermissionError) or told.startswith("530"):
        return CandidateFailed(f"access refused ({told})")
    if isinstance(error, ftplib.error_perm):
        return CandidateFailed(f"it is not there ({told})" if told.startswith("550") else told)
    if isinstance(error, ConnectionRefusedError | socket.gaierror | ValueError):
        return CandidateFailed(f"no connection: {told}")
    if not isinstance(error, OSError | EOFError | ftplib.Error):  # of a library for this kind of address
        return CandidateFailed(f"no connection: {told.splitlines()[0][:200]}")
    return Interrupted(f"the transfer broke off ({told})")
