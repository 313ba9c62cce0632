"""One connection to a host, through a proxy where there is one, and one question."""

import base64
import errno
import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from oceanbench.download.certificates import Certificates, refusal
from oceanbench.download.credentials import Login
from oceanbench.download.errors import CandidateFailed, Interrupted
from oceanbench.download.patience import Patience
from oceanbench.download.stopping import Stop

__all__ = ["Asked", "Connection", "failure", "proxy_login"]

_SAFE = "/%:;=&?@!$'()*+,~[]"  # what is escaped already stays as it is: signatures survive no other spelling

_NO_TUNNEL = "Tunnel connection failed:"  # how http.client tells it
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)


@dataclass(frozen=True)
class Asked:
    """A question that was answered: the address, the answer, whether a login was sent."""

    url: str
    response: http.client.HTTPResponse
    with_login: bool
    _undo: ExitStack

    def close(self) -> None:
        """Let go of the connection."""
        self._undo.close()


class Connection:
    """A connection for one address.

    Parameters
    ----------
    url : str
        http or https, without user and password.
    certificates : Certificates
        How its certificate is checked.
    patience : Patience
        How long is waited for the connection, and for the next byte.
    stop : Stop
        Breaks the connection off.
    """

    def __init__(self, url: str, certificates: Certificates, patience: Patience, stop: Stop) -> None:
        self._url = url
        self._parts = urlsplit(url)
        self._certificates = certificates
        self._patience = patience
        self._stop = stop

    def ask(self, method: str, headers: Mapping[str, str], login: Login | None) -> Asked:
        """Send one question and wait for the head of the answer.

        Raises
        ------
        CandidateFailed
            If the host cannot be reached or its certificate is refused; ``Interrupted`` if it falls silent.
        """
        self._stop.check()
        sent = {"Accept-Encoding": "identity", "User-Agent": "oceanbench", **headers, **_basic("", login)}
        with ExitStack() as undo:
            try:
                connection, target, greeting = self._way()
                undo.callback(connection.close)
                connection.connect()
                connection.sock.settimeout(self._patience.stall)
                undo.enter_context(self._stop.breaking(partial(_break, connection.sock)))
                connection.request(method, target, headers={**sent, **greeting})
                response = connection.getresponse()
                undo.callback(response.close)
            except (http.client.HTTPException, OSError, ValueError) as error:
                self._stop.check()
                raise failure(error, self._url) from error
            return Asked(self._url, response, login is not None, undo.pop_all())

    def _way(self) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
        """Give a connection that is not made yet, what to ask it for, and what else its proxy is told."""
        parts, wait = self._parts, self._patience.connect
        host, port = parts.hostname or "", parts.port
        target = quote(parts.path or "/", _SAFE) + (f"?{quote(parts.query, _SAFE)}" if parts.query else "")
        proxy = _proxy(parts)
        greeting = {} if proxy is None else _basic("Proxy-", _login_of(proxy))
        if parts.scheme == "https":
            context = self._certificates.context(host)
            if proxy is None:
                return http.client.HTTPSConnection(host, port, timeout=wait, context=context), target, {}
            to = proxy.hostname or ""
            tunnel = http.client.HTTPSConnection(to, proxy.port, timeout=wait, context=context)
            tunnel.set_tunnel(host, port or 443, headers=greeting)
            return tunnel, target, {}
        if proxy is None:
            return http.client.HTTPConnection(host, port, timeout=wait), target, {}
        by_proxy = http.client.HTTPConnection(proxy.hostname or "", proxy.port, timeout=wait)
        return by_proxy, f"http://{parts.netloc}{target}", greeting


def _proxy(parts: SplitResult) -> SplitResult | None:
    """Find the proxy for an address, as other programs do: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``."""
    named = None if proxy_bypass(parts.netloc.rpartition("@")[2]) else getproxies().get(parts.scheme)
    if not named:
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    if proxy.scheme != "http":
        raise CandidateFailed(
            f"a proxy that speaks {proxy.scheme} is not supported; name one that speaks http"
        )
    return proxy


def _login_of(proxy: SplitResult) -> Login | None:
    if proxy.username is None:
        return None
    return Login(unquote(proxy.username), unquote(proxy.password or ""))


def _basic(prefix: str, login: Login | None) -> dict[str, str]:
    """Give the header that says who asks."""
    if login is None:
        return {}
    pair = base64.b64encode(f"{login.user}:{login.password}".encode()).decode("ascii")
    return {f"{prefix}Authorization": f"Basic {pair}"}


def _break(connected: socket.socket) -> None:
    with suppress(OSError):
        # of the bare socket: its own method would take the encryption off first, while another thread reads
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def proxy_login(answer: str, variable: str) -> CandidateFailed:
    """Tell of a proxy that wants to know who asks, or does not take what it was told."""
    return CandidateFailed(
        f"{answer}: the proxy asks for a login",
        f"Put user and password of the proxy into {variable}: http://USER:PASSWORD@HOST:PORT.",
    )


def _no_tunnel(error: OSError) -> CandidateFailed:
    return CandidateFailed(f"the proxy refuses: {error}")


def failure(error: Exception, url: str) -> CandidateFailed:
    """Tell why no answer came, or why it ended."""
    host = urlsplit(url).hostname or ""
    if isinstance(error, ssl.SSLCertVerificationError):
        return refusal(host, error)
    if isinstance(error, socket.gaierror):
        return CandidateFailed(f"the name {host} is not known; is this machine on the network?")
    if isinstance(error, ConnectionRefusedError) or getattr(error, "errno", None) in _UNREACHABLE:
        return CandidateFailed(f"no connection to {host}: {getattr(error, 'strerror', None) or error}")
    if isinstance(error, TimeoutError):
        return Interrupted(f"{host} does not answer any more")
    if isinstance(error, http.client.InvalidURL | ValueError) and not isinstance(error, OSError):
        return CandidateFailed(f"its address cannot be asked for: {error}")
    if isinstance(error, OSError) and str(error).startswith(_NO_TUNNEL):
        answer = str(error).removeprefix(_NO_TUNNEL).strip()
        return proxy_login(answer, "HTTPS_PROXY") if answer.startswith("407") else _no_tunnel(error)
    why = f": {error.reason}" if isinstance(error, ssl.SSLError) and error.reason else ""
    return Interrupted(f"the connection was cut ({type(error).__name__}{why})")
