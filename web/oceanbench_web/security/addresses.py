"""Who is calling: the address of the client, also behind proxies that are trusted."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from oceanbench_web.settings import Network

__all__ = ["address_key", "client_address", "is_loopback", "is_trusted"]

_NOBODY = "unknown"


def client_address(scope: Scope, trusted: Sequence[Network] = ()) -> str:
    """Give the address of the client.

    ``X-Forwarded-For`` is read from its end, as far as the proxies that wrote it are trusted: what a client
    puts there itself stands further left and is never reached.

    Parameters
    ----------
    scope : dict
        Of the request.
    trusted : sequence of networks
        Proxies whose word is taken.
    """
    peer = scope.get("client")
    address = str(peer[0]) if peer else _NOBODY
    told = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    for further in reversed([word.strip() for word in told if word.strip()]):
        if not is_trusted(address, trusted) or _read(further) is None:
            break
        address = further
    return address


def is_loopback(scope: Scope, trusted: Sequence[Network] = ()) -> bool:
    """Tell whether the caller sits on this machine.

    One that was forwarded by a proxy which is not trusted does not count, wherever that proxy sits.
    """
    address = client_address(scope, trusted)
    parsed = _read(address)
    told = {name.lower() for name, _ in scope.get("headers", ())}
    hidden = bool(told & {b"x-forwarded-for", b"forwarded"}) and not is_trusted(_peer(scope), trusted)
    return parsed is not None and parsed.is_loopback and not hidden


def address_key(address: str) -> str:
    """Give what limits are counted by: the address; of IPv6 the /64 network, which one host fills."""
    parsed = _read(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Tell whether an address is that of a trusted proxy."""
    parsed = _read(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _peer(scope: Scope) -> str:
    peer = scope.get("client")
    return str(peer[0]) if peer else _NOBODY


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
