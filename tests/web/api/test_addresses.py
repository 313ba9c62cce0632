"""Whose address counts, also where proxies stand between."""

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench_web.security.addresses import address_key, client_address, is_loopback

OURS = (ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8"))


def scope(peer: str | None, *forwarded: str, header: bytes = b"x-forwarded-for") -> dict[str, Any]:
    headers = [(header, word.encode()) for word in forwarded]
    return {"type": "http", "client": peer and (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("8.8.8.8",), "192.0.2.1"),  # nobody told us to believe it
        ("10.0.0.1", ("192.0.2.9",), "192.0.2.9"),
        ("10.0.0.1", ("6.6.6.6, 192.0.2.9",), "192.0.2.9"),  # what the client wrote stands further left
        ("10.0.0.1", ("6.6.6.6", "192.0.2.9, 10.0.0.2"), "192.0.2.9"),
        ("10.0.0.1", ("10.0.0.3",), "10.0.0.3"),
        ("10.0.0.1", ("nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        (None, (), "unknown"),
    ],
)
def test_the_last_address_that_a_trusted_proxy_saw_counts(
    peer: str | None, forwarded: tuple[str, ...], address: str
) -> None:
    assert client_address(scope(peer, *forwarded), OURS) == address


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n")))
def test_no_header_moves_an_address_that_came_through_no_proxy(text: str) -> None:
    told = {
        "type": "http",
        "client": ("192.0.2.1", 1),
        "headers": [(b"x-forwarded-for", text.encode("latin-1"))],
    }
    assert client_address(told, OURS) == "192.0.2.1"


def test_a_caller_of_this_machine_is_known_unless_a_proxy_hides_another() -> None:
    assert is_loopback(scope("127.0.0.1"))
    assert is_loopback(scope("::1"))
    assert is_loopback(scope("::ffff:127.0.0.1"))
    assert not is_loopback(scope("192.0.2.1"))
    assert not is_loopback(scope("127.0.0.1", "192.0.2.1"))
    assert not is_loopback(scope("127.0.0.1", "127.0.0.1"))
    assert not is_loopback(scope("127.0.0.1", "for=192.0.2.1", header=b"forwarded"))
    assert not is_loopback(scope("127.0.0.1", "192.0.2.1"), OURS)
    assert is_loopback(scope("127.0.0.1", "127.0.0.1"), OURS)


def test_a_host_with_many_addresses_is_counted_once() -> None:
    assert address_key("2001:db8:1:2:3::4") == address_key("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert address_key("2001:db8:1:3::4") != address_key("2001:db8:1:2::9")
    assert address_key("192.0.2.1") == "192.0.2.1"
    assert address_key("unknown") == "unknown"
