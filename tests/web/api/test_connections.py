"""Connections over real sockets: half heads are closed, one address does not keep others out."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from typing import Any

import pytest

from oceanbench_web.serving._protocol import Door
from oceanbench_web.settings import WebSettings
from tests.web.api.serving import converse, served

WHOLE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Answer everything."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})


@contextmanager
def opened(port: int, number: int, address: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Open connections that send half a head."""
    with ExitStack() as stack:
        found = []
        for _ in range(number):
            one = socket.create_connection(("127.0.0.1", port), 10, source_address=(address, 0))
            found.append(stack.enter_context(one))
            one.sendall(HALF)
        yield found


def rest(connection: socket.socket) -> bytes:
    got = b""
    try:
        while part := connection.recv(4096):
            got += part
    except ConnectionResetError:
        pass
    return got


def test_half_heads_keep_nobody_out_and_are_closed() -> None:
    settings = WebSettings(head_seconds=1.0, connections=60)
    with served(hello, settings) as port, opened(port, 60, "127.0.0.2") as attackers:
        begun = time.monotonic()
        assert converse(port, WHOLE).endswith(b"hello")  # from another address
        ends = [rest(one) for one in attackers]
        assert time.monotonic() - begun < 6
        assert {end.split(b"\r\n")[0] for end in ends[:50]} == {b"HTTP/1.1 408 Request Timeout"}
        assert all(end == b"" or end.startswith(b"HTTP/1.1 429 ") for end in ends[50:])
        assert converse(port, WHOLE).endswith(b"hello")


def test_a_head_that_drips_is_not_waited_for_longer() -> None:
    with served(hello, WebSettings(head_seconds=0.5)) as port:
        begun = time.monotonic()
        answer = converse(port, HALF, *[b"x"] * 50, pause=0.1)
        assert time.monotonic() - begun < 4
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"kind":"too_slow"' in answer


def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    with served(hello, WebSettings(head_seconds=0.3)) as port:
        begun = time.monotonic()
        assert converse(port) == b""
        assert time.monotonic() - begun < 4


def test_a_second_head_on_a_connection_must_come_in_time_too() -> None:
    again = WHOLE.replace(b"Connection: close\r\n", b"")
    with served(hello, WebSettings(head_seconds=0.5)) as port:
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(again)
            got = b""
            while not got.endswith(b"hello"):
                got += connection.recv(4096)
            connection.sendall(HALF)
            assert rest(connection).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - begun < 4


def test_a_request_that_takes_longer_than_its_head_may_is_answered() -> None:
    import asyncio

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.6 if scope["type"] == "http" else 0)
        await hello(scope, receive, send)

    with served(slow, WebSettings(head_seconds=0.2)) as port:
        assert converse(port, WHOLE).endswith(b"hello")


def test_one_address_has_so_many_connections_and_gets_its_places_back() -> None:
    settings = WebSettings(connections_per_address=3)
    with served(hello, settings) as port:
        with opened(port, 3):
            refused = converse(port)
            assert refused.startswith(b"HTTP/1.1 429 ")
            assert b"too many connections from your address" in refused
        deadline = time.monotonic() + 5
        while not (answer := converse(port, WHOLE)).endswith(b"hello"):
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)


def test_a_trusted_proxy_has_as_many_as_it_likes() -> None:
    trusting = WebSettings(connections_per_address=3, trusted_proxies=(ip_network("127.0.0.0/8"),))
    with served(hello, trusting) as port, opened(port, 10):
        assert converse(port, WHOLE).endswith(b"hello")


@pytest.mark.parametrize("number", [1, 7])
def test_a_door_forgets_who_has_left(number: int) -> None:
    door = Door(10.0, 3)
    assert [door.enter("a") for _ in range(number)] == [index < 3 for index in range(number)]
    for _ in range(number):
        door.leave("a")
    assert not door.open
