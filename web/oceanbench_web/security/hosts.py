"""Only requests for the address under which people reach the service."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from oceanbench_web.refusals import answer_http_error

__all__ = ["KnownHosts"]


class KnownHosts:
    """Refuse requests whose ``Host`` is not one of ours.

    Parameters
    ----------
    app : ASGI application
    hosts : collection of str
        Names without ports; empty: all.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] == "http" and self.hosts and _host(scope) not in self.hosts:
            refused = HTTPException(
                400, f"the host of the request is not one of {', '.join(sorted(self.hosts))}"
            )
            answer = await answer_http_error(Request(scope, receive), refused)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _host(scope: Scope) -> str:
    host = Headers(scope=scope).get("host", "").lower()
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
