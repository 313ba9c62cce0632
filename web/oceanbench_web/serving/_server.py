"""The web server: a socket that is bound before anything is said, and one process of uvicorn behind it."""

import socket
from typing import Any

import uvicorn

from oceanbench_web.serving._protocol import Door, protocol_for
from oceanbench_web.settings import WebSettings

__all__ = ["configured", "listening", "run_web"]

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


def run_web(app: Any, server: socket.socket, settings: WebSettings) -> None:
    """Serve an app on a socket until the process is told to end by SIGTERM or SIGINT.

    Parameters
    ----------
    app : ASGI application
    server : socket.socket
        See :func:`listening`.
    settings : WebSettings
        How many connections are served, and how long each may take to ask.
    """
    uvicorn.Server(configured(app, settings)).run(sockets=[server])


def configured(app: Any, settings: WebSettings, grace: int = _GRACE) -> uvicorn.Config:
    """Give how uvicorn serves an app.

    Parameters
    ----------
    app : ASGI application
    settings : WebSettings
    grace : int
        Seconds that open connections have when the server ends.
    """
    door = Door(settings.head_seconds, settings.connections_per_address, settings.trusted_proxies)
    return uvicorn.Config(
        app,
        http=protocol_for(door),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=settings.connections,
        timeout_graceful_shutdown=grace,
        ws="none",
    )
