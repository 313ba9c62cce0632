"""Files by http and https: ranges, redirects, refusals and cut connections."""

import asyncio
import base64
import ssl
import time
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from fsspec.asyn import get_loop
from fsspec.implementations.http import HTTPFileSystem
from yarl import URL

from oceanbench.download.artefact import Candidate
from oceanbench.download.certificates import Certificates, refusal
from oceanbench.download.credentials import Login, find_login, netrc_path
from oceanbench.download.errors import CandidateFailed, Interrupted, RangeRefused
from oceanbench.download.patience import Patience
from oceanbench.download.stopping import Stop
from oceanbench.download.streams import Found, Resume

__all__ = ["HttpSource"]

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 10
_PASSING = (408, 425, 429, 500, 502, 503, 504)  # may be gone with the next attempt
_READ = 1 << 21  # bytes handed over at a time
_READ_SECONDS = 0.1  # or what came in that time: a slow transfer is written and shown as it comes
_DATA_SUFFIXES = (".nc", ".nc4", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zip", ".h5", ".grib", ".npy")
_PAGE_BEGINS = (b"<!doctype html", b"<html")


class HttpSource:
    """Opens files by http and https, with the event loop and the session of fsspec.

    Parameters
    ----------
    certificates : Certificates
        How certificates are checked.
    patience : Patience
        How long is waited.
    stop : Stop
        Breaks off what is waited for.
    """

    one_version = True

    def __init__(self, certificates: Certificates, patience: Patience, stop: Stop) -> None:
        self._certificates = certificates
        self._stop = stop
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=patience.connect, sock_read=patience.stall)
        self._loop: asyncio.AbstractEventLoop = get_loop()
        self._system = HTTPFileSystem(
            loop=self._loop,
            skip_instance_cache=True,
            # the bytes of the file are wanted, not what a server that compresses them means by them
            client_kwargs={"auto_decompress": False, "timeout": timeout, "read_bufsize": _READ},
        )

    def submit[T](self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine in the loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _wait[T](self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._stop.result(self.submit(coroutine))

    def close(self) -> None:
        """Close all connections."""

        async def close() -> None:
            session = await self._system.set_session()
            await session.close()

        self.submit(close()).result()

    def open(self, candidate: Candidate, name: str, login: Login | None, resume: Resume) -> "HttpStream":
        """Open a file; see ``Source``."""
        response = self._wait(self._request("GET", candidate, login, _range_headers(resume)))
        stream = HttpStream(self, self._stop, response, name, resume)
        try:
            stream.accept()
        except BaseException:
            stream.close()
            raise
        return stream

    def find(self, candidate: Candidate, login: Login | None) -> Found:
        """Ask for the head of a file, and for its first byte only where a server refuses to give the head."""
        return self._wait(self._find(candidate, login))

    async def _find(self, candidate: Candidate, login: Login | None) -> Found:
        response = await self._request("HEAD", candidate, login, {})
        if response.status in (405, 501):
            response.close()
            response = await self._request("GET", candidate, login, {"Range": "bytes=0-0"})
        try:
            _check_status(response)
            _refuse_page(response, urlsplit(candidate.url).path)
            return self._found(response)
        finally:
            response.close()

    def _found(self, response: aiohttp.ClientResponse) -> Found:
        ranges: bool | None = {"bytes": True, "none": False}.get(response.headers.get("Accept-Ranges", ""))
        size = response.content_length
        if response.status == 206:
            span = _content_range(response.headers.get("Content-Range", ""))
            size, ranges = (None if span is None else span[2]), True
        host = response.url.host or ""
        checked = "accepted by you without a check" if self._certificates.is_accepted(host) else "valid"
        certificate = checked if response.url.scheme == "https" else "none"
        return Found(f"{response.status} {response.reason}", size, ranges, certificate)

    async def _request(
        self, method: str, candidate: Candidate, login: Login | None, headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        """Ask, and follow redirects: a login stays with its own host, encryption is never given up."""
        url = start = _without_user(candidate.url)
        for _ in range(_MOST_REDIRECTS + 1):
            hop_login = login if _same_origin(start, url) else _netrc_login(url)
            response = await self._ask(method, url, {**headers, **_authorization(hop_login)})
            if response.status not in _REDIRECTS:
                return response
            location = response.headers.get("Location", "")
            response.close()
            url = _next_hop(url, location)
        raise CandidateFailed(f"it redirects more than {_MOST_REDIRECTS} times")

    async def _ask(self, method: str, url: str, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        host = urlsplit(url).hostname or ""
        session: aiohttp.ClientSession = await self._system.set_session()
        try:
            return await session.request(
                method,
                _as_it_is(url),
                headers={"Accept-Encoding": "identity", "User-Agent": "oceanbench", **headers},
                allow_redirects=False,
                ssl=self._certificates.context(host),
                proxy=_proxy(url),
            )
        except (aiohttp.ClientError, TimeoutError, ssl.SSLError, ValueError, OSError) as error:
            raise _failure(error, host) from error


class HttpStream:
    """An answer whose body is read; see ``Stream``."""

    def __init__(
        self, source: HttpSource, stop: Stop, response: aiohttp.ClientResponse, name: str, resume: Resume
    ) -> None:
        self._source = source
        self._stop = stop
        self._response = response
        self._name = name
        self._resume = resume
        self.offset = 0
        self.size: int | None = None
        self.validator = _validator(response.headers)
        self.framed = True
        self._nothing_left = False
        self._begins = True

    def accept(self) -> None:
        """Judge status and headers before any byte of the body."""
        response = self._response
        if response.status == 416 and self._resume.offset:
            return self._accept_end()
        _check_status(response)
        _refuse_page(response, self._name)
        if response.status == 206:
            return self._accept_rest()
        if response.status != 200:
            raise CandidateFailed(f"it answers {response.status} {response.reason}, which is not a file")
        self.size = response.content_length
        self.framed = self.size is not None or "chunked" in response.headers.get("Transfer-Encoding", "")
        return None

    def _accept_rest(self) -> None:
        """Take a range only if it is the one asked for, of the version asked for."""
        span = _content_range(self._response.headers.get("Content-Range", ""))
        asked = self._resume
        if span is None or span[0] != asked.offset or not asked.offset:
            told = self._response.headers.get("Content-Range", "nothing")
            raise RangeRefused(f"it was asked for the bytes from {asked.offset} on and sends {told!r}")
        if asked.validator is not None and self.validator != asked.validator:
            raise RangeRefused("the file changed there meanwhile")
        self.offset, self.size, self._begins = span[0], span[2], False

    def _accept_end(self) -> None:
        """Nothing is left to send: the part is whole where its length is that of the file."""
        told = self._response.headers.get("Content-Range", "").partition("*/")[2]
        other = self._resume.validator is not None and self.validator not in (None, self._resume.validator)
        if other or not told.isdecimal() or int(told) != self._resume.offset:
            raise RangeRefused(f"it has nothing after byte {self._resume.offset}")
        self.offset = self.size = self._resume.offset
        self.validator, self._nothing_left = self._resume.validator, True

    def chunks(self) -> Iterator[bytes]:
        """Give the body; the next piece is read while the last one is written."""
        if self._nothing_left:
            return
        pending = self._source.submit(self._read())
        try:
            while pieces := self._stop.result(pending):
                self._refuse_page_in(pieces[0])
                pending = self._source.submit(self._read())
                yield from pieces
        finally:
            pending.cancel()

    def _refuse_page_in(self, chunk: bytes) -> None:
        begins, self._begins = self._begins, False
        page = begins and chunk.lstrip()[:20].lower().startswith(_PAGE_BEGINS)
        if page and self._name.lower().endswith(_DATA_SUFFIXES):
            raise _web_page(self._name)

    async def _read(self) -> list[bytes]:
        pieces: list[bytes] = []
        length, until = 0, time.monotonic() + _READ_SECONDS
        try:
            while length < _READ and (piece := await self._response.content.readany()):
                pieces.append(piece)
                length += len(piece)
                if time.monotonic() >= until:
                    break
        except (aiohttp.ClientError, TimeoutError, ssl.SSLError, OSError) as error:
            if left_over := _left_over(self._response.content):
                pieces.append(left_over)
            if not pieces:  # else these are kept, and the error comes again with the next reading
                raise _cut(error) from error
        return pieces

    def close(self) -> None:
        """Let go of the connection."""

        async def close() -> None:
            self._response.close()

        with suppress(RuntimeError):  # the loop is gone at the end of the interpreter
            self._source.submit(close()).result()


def _left_over(content: aiohttp.StreamReader) -> bytes:
    """Give what came before a connection was cut; once there is an error aiohttp has no way to ask for it."""
    # without it a transfer that is cut again and again within one reading would never grow
    try:
        return content._read_nowait(-1)
    except (AttributeError, TimeoutError):
        return b""


def _range_headers(resume: Resume) -> dict[str, str]:
    if not resume.offset:
        return {}
    condition = {"If-Range": resume.validator} if resume.validator else {}
    return {"Range": f"bytes={resume.offset}-", **condition}


def _validator(headers: Mapping[str, str]) -> str | None:
    """Give what ``If-Range`` may hold: a strong ETag, or a time of change that was over when the answer left.

    RFC 9110, sections 8.8.2.2 and 13.1.5.
    """
    etag = headers.get("ETag", "")
    if etag.startswith('"'):
        return etag
    changed = headers.get("Last-Modified", "")
    changed_at, sent_at = _date(changed), _date(headers.get("Date", ""))
    if changed_at is None or sent_at is None or sent_at - changed_at < timedelta(seconds=1):
        return None
    return changed


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _content_range(text: str) -> tuple[int, int, int | None] | None:
    """Give first and last byte and length of ``bytes 5-9/10``; the length may be ``*``."""
    unit, _, span = text.partition(" ")
    ends, _, length = span.partition("/")
    first, _, last = ends.partition("-")
    if unit != "bytes" or not first.isdecimal() or not last.isdecimal():
        return None
    return int(first), int(last), int(length) if length.isdecimal() else None


def _check_status(response: aiohttp.ClientResponse) -> None:
    status, told = response.status, f"{response.status} {response.reason or ''}".strip()
    if status in (200, 206):
        return
    if status in (401, 403, 407):
        raise _denied(response, told)
    if status in _PASSING:
        raise Interrupted(f"it answers {told}", _retry_after(response.headers))
    raise CandidateFailed(f"{told}, it is not there" if status in (404, 410) else f"it answers {told}")


def _denied(response: aiohttp.ClientResponse, told: str) -> CandidateFailed:
    if response.status == 407:
        return CandidateFailed(f"{told}: the proxy asks for a login; put it into HTTPS_PROXY")
    if "Authorization" in response.request_info.headers:
        cure = "Check user and password, and that the account may read these data."
        return CandidateFailed(f"account refused ({told})", cure)
    host = response.url.host
    cure = (
        f"Put 'machine {host} login USER password PASSWORD' into {netrc_path()} if you have an account there."
    )
    return CandidateFailed(f"{told}, it asks for an account", cure)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    told = headers.get("Retry-After", "")
    if told.isdecimal():
        return float(told)
    moment = _date(told)
    return None if moment is None else max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def _refuse_page(response: aiohttp.ClientResponse, name: str) -> None:
    """Refuse a web page in place of data, and a compressed copy in place of the file."""
    coding = response.headers.get("Content-Encoding", "identity")
    if coding != "identity" and not name.lower().endswith((".gz", ".tgz")):
        raise CandidateFailed(f"it sends the file compressed ({coding}) though asked not to")
    page = response.content_type in ("text/html", "application/xhtml+xml")
    if page and name.lower().endswith(_DATA_SUFFIXES):
        raise _web_page(name)


def _web_page(name: str) -> CandidateFailed:
    return CandidateFailed(
        f"the server answered with a web page in place of {PurePosixPath(name).name}; "
        "it may ask for a login, or the file has moved"
    )


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _as_it_is(url: str) -> URL:
    """Keep what is escaped as it is: signatures in addresses do not survive another spelling."""
    return URL(url, encoded=url.isascii() and " " not in url)


def _next_hop(url: str, location: str) -> str:
    if not location:
        raise CandidateFailed("it redirects without saying where to")
    there = _without_user(urljoin(url, location))
    scheme = urlsplit(there).scheme
    if scheme not in ("http", "https"):
        raise CandidateFailed(f"it redirects to {scheme}:, which is not followed")
    if urlsplit(url).scheme == "https" and scheme == "http":
        raise CandidateFailed("it redirects from https to http, which would give up encryption")
    return there


def _same_origin(start: str, url: str) -> bool:
    """Whether a login for one address may go to the other: same host and port, encryption may be gained."""
    first, second = urlsplit(start), urlsplit(url)
    if first.hostname != second.hostname:
        return False
    gained = (first.scheme, second.scheme) == ("http", "https") and first.port in (None, 80)
    same = first.scheme == second.scheme and _port(start) == _port(url)
    return same or (gained and _port(url) == 443)


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _netrc_login(url: str) -> Login | None:
    try:
        return find_login(url, None)
    except ValueError as error:
        raise CandidateFailed(str(error)) from error


def _authorization(login: Login | None) -> dict[str, str]:
    if login is None:
        return {}
    pair = f"{login.user}:{login.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def _proxy(url: str) -> str | None:
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


def _failure(error: Exception, host: str) -> CandidateFailed:
    """Tell why no answer came."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return refusal(host, cause)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return CandidateFailed(f"the name {host} is not known; is this machine on the network?")
    if isinstance(error, aiohttp.ClientConnectorError):
        return CandidateFailed(f"no connection to {host}: {error.os_error.strerror or error.os_error}")
    if isinstance(error, aiohttp.InvalidURL):
        return CandidateFailed("its address is not a URL")
    if isinstance(error, ValueError):
        return CandidateFailed(f"it cannot be asked: {error}")
    return _cut(error)


def _cut(error: Exception) -> Interrupted:
    if isinstance(error, TimeoutError):
        return Interrupted("it does not answer any more")
    return Interrupted(f"the connection was cut ({type(error).__name__})")
