"""Connections that cost nothing to whoever opens them: not for ever, and not too many of one address."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from oceanbench_web.security.addresses import address_key, is_trusted
from oceanbench_web.settings import Network

__all__ = ["Door", "protocol_for"]

_SLOW = "408 Request Timeout", "too_slow", "the head of the request did not come in time; send it again"
_MANY = "429 Too Many Requests", "rate_limited", "too many connections from your address; close some of them"


@dataclass
class Door:
    """What is asked of connections, and how many each address has.

    Attributes
    ----------
    head_seconds : float
        How long a client may take for the head of a request, from its connection or its first byte on.
    per_address : int
        Connections that one address may have; of IPv6, one /64 network.
    trusted : tuple of networks
        Proxies, which may have as many as they like.
    """

    head_seconds: float
    per_address: int
    trusted: tuple[Network, ...] = ()
    open: Counter[str] = field(default_factory=Counter)

    def enter(self, address: str) -> bool:
        """Count a connection, and tell whether it may stay."""
        self.open[address] += 1
        return self.open[address] <= self.per_address

    def leave(self, address: str) -> None:
        """Count it no longer."""
        self.open[address] -= 1
        if self.open[address] <= 0:
            del self.open[address]


def protocol_for(door: Door) -> type[asyncio.Protocol]:
    """Give the class of the connections that come in by a door."""

    class Connection(_Connection):
        pass

    Connection.door = door
    return Connection


class _Connection(H11Protocol):
    """A connection that is closed where no whole head comes in time; uvicorn waits for ever."""

    door: Door

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._waiting: asyncio.TimerHandle | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = self.client[0] if self.client else ""
        if peer and not is_trusted(peer, self.door.trusted):
            self._address = address_key(peer)
            if not self.door.enter(self._address):
                self._refuse(*_MANY)
                return
        self._wait_for_a_head()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for_a_head()
        else:
            self._wait_no_longer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        if self._address:
            self.door.leave(self._address)
            self._address = ""
        super().connection_lost(exc)

    def _wait_for_a_head(self) -> None:
        if self._waiting is None and not self.transport.is_closing():
            self._waiting = self.loop.call_later(self.door.head_seconds, self._give_up)

    def _wait_no_longer(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        # a browser that has opened a connection in advance expects no answer to nothing
        if self.conn.trailing_data[0]:
            self._refuse(*_SLOW)
        else:
            self.transport.close()

    def _refuse(self, status: str, kind: str, message: str) -> None:
        body = f'{{"error":{{"kind":"{kind}","message":"{message}"}}}}'
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write((head + body).encode("ascii"))
        self.transport.close()
