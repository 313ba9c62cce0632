"""A connection to a service: one request at a time, asked again while nobody answers, refusals in words."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

__all__ = ["Connection", "Patience", "Refused", "Unreachable"]

_API = "/api/v1"
_BUSY = (429, 502, 503, 504)
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class Refused(ValueError):
    """The service answered that it will not.

    Attributes
    ----------
    status : int
        Of HTTP.
    offset : int or None
        Of an upload: how many bytes of it are safe.
    retry_after : float or None
        Seconds after which asking again makes sense.
    """

    def __init__(
        self, message: str, status: int, offset: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.offset = offset
        self.retry_after = retry_after


class Unreachable(OSError):
    """Nobody answers, or somebody who is no service of this kind."""


@dataclass(frozen=True)
class Patience:
    """How long to go on while nobody answers.

    Attributes
    ----------
    seconds : float
        In all, without any progress.
    first, longest : float
        Seconds between the first two tries, and at most; each pause is twice the one before.
    """

    seconds: float = 300.0
    first: float = 0.5
    longest: float = 20.0

    def pauses(self) -> Iterator[float]:
        """Give the pauses one after another; the end of them is the end of patience."""
        waited, pause = 0.0, self.first
        while waited < self.seconds:
            yield pause
            waited += pause
            pause = min(2.0 * pause, self.longest)


class Connection:
    """A service, by its address, asked with a token.

    Parameters
    ----------
    url : str
        Address of the service, ``https://board.example.org``.
    token : str
        As the administrator, or the page of the team, gave it.
    insecure : bool
        Send the token also where anybody on the way can read it.
    patience : Patience
        How long to go on while the service does not answer.
    sleep : callable
        Waits so many seconds.
    tell : callable
        Is told once, in words, when nobody answers and it is tried again.

    Raises
    ------
    ValueError
        If the address is none, or is not encrypted and leads off this machine.

    Examples
    --------
    >>> Connection("http://board.example.org", "ob_secret")
    Traceback (most recent call last):
    ValueError: http://board.example.org is not encrypted, and a token would be sent in the clear; ...
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        insecure: bool = False,
        patience: Patience = Patience(),
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.url = _checked(url, insecure)
        self.patience = patience
        self.sleep = sleep
        self._tell = tell
        self._told = False
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"}, timeout=_TIMEOUT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def once(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        """Ask once.

        Parameters
        ----------
        method : str
        path : str
            Below ``/api/v1``, with a slash before it.
        what
            As :meth:`httpx.Client.request` takes it.

        Raises
        ------
        Refused
            With the words of the service.
        Unreachable
            If nobody answers, or what answers is no service of this kind.
        """
        try:
            response = self._client.request(method, f"{self.url}{_API}{path}", **what)
        except httpx.TransportError as error:
            raise Unreachable(
                f"nobody answers at {self.url} ({_words(error)}); is the address right, and the service up?"
            ) from error
        except httpx.InvalidURL as error:
            raise ValueError(f"{self.url} is no address: {error}") from error
        content = self._content(response)
        self._told = False
        return content

    def ask(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        """Ask, and again while the service is down or busy; only for what may be asked twice.

        Raises
        ------
        Refused, Unreachable
            As :meth:`once`, after the patience has run out.
        """
        for pause in self.patience.pauses():
            try:
                return self.once(method, path, **what)
            except Unreachable:
                self.wait_for_answer(pause)
            except Refused as refusal:
                self.wait_out(refusal, pause)
        return self.once(method, path, **what)

    def wait_for_answer(self, pause: float) -> None:
        """Wait where nobody answers; the first time say so, and how long it will be tried."""
        if not self._told:
            self._told = True
            end = time.strftime("%H:%M", time.localtime(time.time() + self.patience.seconds))
            self._tell(f"nobody answers at {self.url}; trying again until about {end}")
        self.sleep(pause)

    def wait_out(self, refusal: Refused, pause: float) -> None:
        """Wait where the service is busy for a moment; raise what it said otherwise."""
        wait = pause if refusal.retry_after is None else max(pause, refusal.retry_after)
        if refusal.status not in _BUSY or wait > self.patience.seconds:
            raise refusal
        self.sleep(wait)

    def _content(self, response: httpx.Response) -> dict[str, Any]:
        content = _json_of(response)
        if response.is_success and isinstance(content, dict):
            return content
        error = content.get("error") if isinstance(content, dict) else None
        if isinstance(error, dict) and "message" in error:
            raise _refusal(response, error, self.url)
        if response.status_code in _BUSY:
            raise Refused(
                f"{self.url} does not answer now ({response.status_code}); try again later",
                response.status_code,
                retry_after=_seconds(response.headers.get("Retry-After")),
            )
        raise Unreachable(
            f"{self.url} is no service of oceanbench: it answered {response.status_code} with "
            f"{response.headers.get('Content-Type', 'nothing')}; give the address of the "
            "service itself, that of its front page"
        )


def _checked(url: str, insecure: bool) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a service; {_likely(url)}")
    if parts.username or parts.password:
        raise ValueError("the address holds a name or a password; give the token by itself")
    if parts.scheme == "http" and not insecure and not _on_this_machine(parts.hostname):
        raise ValueError(
            f"{url} is not encrypted, and a token would be sent in the clear; "
            "give the https address, or --insecure if you know the way there"
        )
    return url.split("?")[0].split("#")[0].rstrip("/").removesuffix(_API)


def _likely(url: str) -> str:
    """Say what may have been meant by an address that is none.

    Examples
    --------
    >>> _likely("localhost:8000"), _likely("board.example.org"), _likely("ftp://x")
    ('did you mean http://localhost:8000?', 'did you mean https://board.example.org?', 'give one like ...')
    """
    try:
        host = "" if "//" in url or "@" in url else urlsplit(f"//{url}").hostname or ""
    except ValueError:
        host = ""
    if not host:
        return "give one like https://board.example.org"
    return f"did you mean {'http' if _on_this_machine(host) else 'https'}://{url}?"


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _json_of(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _refusal(response: httpx.Response, error: dict[str, Any], url: str) -> Refused:
    status = response.status_code
    after = error.get("retry_after")
    after = _seconds(response.headers.get("Retry-After")) if after is None else float(after)
    message = str(error["message"])
    if status == 404 and message == "Not Found":  # no thing that is missing, but a path that no service has
        message = f"{url} has none of the addresses of a service; give that of its front page, without more"
    elif status == 401:
        message += f"; make a new token on {url}/team, or ask an administrator of the service"
    elif status == 429 and after:
        message += f"; try again in {_duration(after)}"
    return Refused(message, status, error.get("offset"), after)


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.strip().isdigit() else None


def _duration(seconds: float) -> str:
    """Say how long, roughly.

    Examples
    --------
    >>> [_duration(seconds) for seconds in (7, 90, 7300, 200000)]
    ['7 s', '2 min', '2 h 2 min', '56 h']
    """
    minutes = -int(-seconds // 60)
    if seconds < 60:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours < 24 else f"{hours + (rest >= 30)} h"


def _words(error: httpx.TransportError) -> str:
    return " ".join(str(error).split()) or type(error).__name__
