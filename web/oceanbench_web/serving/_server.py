"""The web server: a socket that is bound before anything is said, and one process of uvicorn behind it."""

import socket
from typing import Any

import uvicorn

__all__ = ["listening", "run_web"]

_BACKLOG = 512
_GRACE = 5  # seconds that open connections have when the server ends


def listening(host: str, port: int) -> socket.socket:
    """Give a socket that listens; port 0 is one that is free.

    Raises
    ------
    OSError
        If the address is taken, is not of this machine, or needs more rights.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
        server.listen(_BACKLOG)
    except OSError as error:
        server.close()
        why = error.strerror or error
        raise OSError(f"cannot listen on {host} port {port}: {why}; give --port 0 for a free one") from error
    return server


def run_web(app: Any, server: socket.socket, connections: int) -> None:
    """Serve an app on a socket until the process is told to end by SIGTERM or SIGINT.

    Parameters
    ----------
    app : ASGI application
    server : socket.socket
        See :func:`listening`.
    connections : int
        More than so many at a time are answered 503.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=connections,
        timeout_graceful_shutdown=_GRACE,
        ws="none",
    )
    uvicorn.Server(config).run(sockets=[server])
