"""Files by http and https: ranges, redirects, refusals and cut connections."""

import http.client
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit, urlunsplit

from oceanbench.download.artefact import Candidate
from oceanbench.download.certificates import Certificates
from oceanbench.download.connection import Asked, Connection, failure, proxy_login
from oceanbench.download.credentials import Login, find_login, netrc_path, sent_in_clear
from oceanbench.download.errors import CandidateFailed, Interrupted, RangeRefused
from oceanbench.download.patience import Patience
from oceanbench.download.stopping import Stop
from oceanbench.download.streams import Found, Resume

__all__ = ["HttpSource", "HttpStream"]

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 10
_PASSING = (408, 425, 429, 500, 502, 503, 504)  # may be gone with the next attempt
_DATA_SUFFIXES = (".nc", ".nc4", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zip", ".h5", ".grib", ".npy")
_PAGE_BEGINS = (b"<!doctype html", b"<html")


class HttpSource:
    """Opens files by http and https.

    The standard library speaks, in the thread of the transfer, and not the event loop of fsspec: bytes go
    from the socket to the disk through one small buffer, which costs less (``benchmarks/README.md``), and are
    kept to the last one when a connection is cut.

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
        self._patience = patience
        self._stop = stop

    def open(self, candidate: Candidate, name: str, login: Login | None, resume: Resume) -> "HttpStream":
        """Open a file; see ``Source``."""
        asked = self._request("GET", candidate, login, _range_headers(resume))
        stream = HttpStream(asked, self._stop, name, resume)
        with ExitStack() as undo:
            undo.callback(stream.close)
            stream.accept()
            undo.pop_all()
        return stream

    def find(self, candidate: Candidate, login: Login | None) -> Found:
        """Ask for the head of a file; a server that gives none leaves it open whether the file is there."""
        with closing(self._request("HEAD", candidate, login, {})) as asked:
            if asked.response.status in (405, 501):
                told = f"the server does not answer HEAD ({_told(asked.response)})"
                return Found(told, None, None, self._certificate(asked), known=False)
            _check_status(asked)
            _refuse_page(asked.response, urlsplit(candidate.url).path)
            return self._found(asked)

    def _found(self, asked: Asked) -> Found:
        headers = asked.response.headers
        ranges: bool | None = {"bytes": True, "none": False}.get(headers.get("Accept-Ranges", ""))
        return Found(_told(asked.response), _length(asked.response), ranges, self._certificate(asked))

    def _certificate(self, asked: Asked) -> str:
        if not asked.url.startswith("https:"):
            return "none"
        host = urlsplit(asked.url).hostname or ""
        return "accepted by you without a check" if self._certificates.is_accepted(host) else "valid"

    def _request(
        self, method: str, candidate: Candidate, login: Login | None, headers: Mapping[str, str]
    ) -> Asked:
        """Ask, and follow redirects: a login stays with its own host, encryption is never given up."""
        url = start = _without_user(candidate.url)
        for _ in range(_MOST_REDIRECTS + 1):
            hop_login = login if _same_origin(start, url) else _netrc_login(url)
            connection = Connection(url, self._certificates, self._patience, self._stop)
            asked = connection.ask(method, headers, hop_login)
            if asked.response.status not in _REDIRECTS:
                return asked
            location = asked.response.headers.get("Location", "")
            asked.close()
            url = _next_hop(url, location)
        raise CandidateFailed(f"it redirects more than {_MOST_REDIRECTS} times")


class HttpStream:
    """An answer whose body is read; see ``Stream``."""

    def __init__(self, asked: Asked, stop: Stop, name: str, resume: Resume) -> None:
        self._asked = asked
        self._stop = stop
        self._name = name
        self._resume = resume
        self.offset = 0
        self.size: int | None = None
        self.validator = _validator(asked.response.headers)
        self.framed = True
        self._nothing_left = False
        self._begins = True

    def accept(self) -> None:
        """Judge status and headers before any byte of the body."""
        response = self._asked.response
        if response.status == 416 and self._resume.offset:
            return self._accept_end(response.headers)
        _check_status(self._asked)
        _refuse_page(response, self._name)
        if response.status == 206:
            return self._accept_rest(response.headers)
        if response.status != 200:
            raise CandidateFailed(f"it answers {_told(response)}, which is not a file")
        self.size = _length(response)
        self.framed = self.size is not None or _is_chunked(response)
        return None

    def _accept_rest(self, headers: Message) -> None:
        """Take a range only if it is the one asked for, of the version asked for."""
        span = _content_range(headers.get("Content-Range", ""))
        asked = self._resume
        if span is None or span[0] != asked.offset or not asked.offset:
            told = headers.get("Content-Range", "nothing")
            raise RangeRefused(f"it was asked for the bytes from {asked.offset} on and sends {told!r}")
        if _names_another(headers, asked.validator):
            raise RangeRefused("the file changed there meanwhile")
        self.offset, self.size, self._begins = span[0], span[2], False
        self.validator = asked.validator

    def _accept_end(self, headers: Message) -> None:
        """Nothing is left to send: the part is whole where its length is that of the file."""
        told = headers.get("Content-Range", "").partition("*/")[2]
        other = _names_another(headers, self._resume.validator)
        if other or not told.isdecimal() or int(told) != self._resume.offset:
            raise RangeRefused(f"it has nothing after byte {self._resume.offset}")
        self.offset = self.size = self._resume.offset
        self.validator, self._nothing_left = self._resume.validator, True

    def readinto(self, buffer: memoryview) -> int:
        """Read what has come, up to the length of the buffer; 0 at the end."""
        if self._nothing_left:
            return 0
        try:
            count = self._asked.response.readinto1(buffer)
        except (http.client.HTTPException, OSError) as error:
            self._stop.check()
            raise failure(error, self._asked.url) from error
        self._stop.check()
        self._refuse_page_in(buffer[:count])
        return count

    def _refuse_page_in(self, chunk: memoryview) -> None:
        begins, self._begins = self._begins, False
        page = begins and bytes(chunk[:100]).lstrip()[:20].lower().startswith(_PAGE_BEGINS)
        if page and self._name.lower().endswith(_DATA_SUFFIXES):
            raise _web_page(self._name)

    def close(self) -> None:
        """Let go of the connection."""
        self._asked.close()


def _range_headers(resume: Resume) -> dict[str, str]:
    if not resume.offset:
        return {}
    condition = {"If-Range": resume.validator} if resume.validator else {}
    return {"Range": f"bytes={resume.offset}-", **condition}


def _validator(headers: Message) -> str | None:
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


def _names_another(headers: Message, validator: str | None) -> bool:
    """Whether an answer names another version than the one asked for.

    A part that was asked for on condition of its version may leave the name out: RFC 9110, section 15.3.7.
    """
    if validator is None:
        return False
    told = headers.get("ETag" if validator.startswith('"') else "Last-Modified")
    return told is not None and told != validator


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _length(response: http.client.HTTPResponse) -> int | None:
    """Give the length that the answer announces: that of the whole file, whether or not it is sent."""
    told = response.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() and not _is_chunked(response) else None


def _is_chunked(response: http.client.HTTPResponse) -> bool:
    return "chunked" in response.headers.get("Transfer-Encoding", "").lower()


def _content_range(text: str) -> tuple[int, int, int | None] | None:
    """Give first and last byte and length of ``bytes 5-9/10``; the length may be ``*``."""
    unit, _, span = text.partition(" ")
    ends, _, length = span.partition("/")
    first, _, last = ends.partition("-")
    if unit != "bytes" or not first.isdecimal() or not last.isdecimal():
        return None
    return int(first), int(last), int(length) if length.isdecimal() else None


def _told(response: http.client.HTTPResponse) -> str:
    return f"{response.status} {response.reason or ''}".strip()


def _check_status(asked: Asked) -> None:
    status, told = asked.response.status, _told(asked.response)
    if status in (200, 206):
        return
    if status in (401, 403, 407):
        raise _denied(asked, told)
    if status in _PASSING:
        raise Interrupted(f"it answers {told}", _retry_after(asked.response.headers))
    raise CandidateFailed(f"{told}, it is not there" if status in (404, 410) else f"it answers {told}")


def _denied(asked: Asked, told: str) -> CandidateFailed:
    if asked.response.status == 407:
        return proxy_login(told, "HTTP_PROXY")
    if asked.with_login:
        cure = "Check user and password, and that the account may read these data."
        return CandidateFailed(f"account refused ({told})", cure)
    if sent_in_clear(asked.url):
        cure = "No login is sent without encryption: name an address that begins with https:."
        return CandidateFailed(f"{told}, it asks for an account", cure)
    entry = f"machine {urlsplit(asked.url).hostname} login USER password PASSWORD"
    cure = f"If you have an account there, put '{entry}' into {netrc_path()}."
    return CandidateFailed(f"{told}, it asks for an account", cure)


def _retry_after(headers: Message) -> float | None:
    told = headers.get("Retry-After", "")
    if told.isdecimal():
        return float(told)
    moment = _date(told)
    return None if moment is None else max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def _refuse_page(response: http.client.HTTPResponse, name: str) -> None:
    """Refuse a web page in place of data, and a compressed copy in place of the file."""
    coding = response.headers.get("Content-Encoding", "identity")
    if coding != "identity" and not name.lower().endswith((".gz", ".tgz")):
        raise CandidateFailed(f"it sends the file compressed ({coding}) though asked not to")
    page = response.headers.get_content_type() in ("text/html", "application/xhtml+xml")
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
