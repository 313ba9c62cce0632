"""Serve an app on a socket of this machine, in a thread."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from oceanbench_web.serving import configured, listening
from oceanbench_web.settings import WebSettings


@contextmanager
def served(app: Any, settings: WebSettings | None = None) -> Iterator[int]:
    """Serve an app as ``oceanbench serve`` does; gives the port."""
    listener = listening("127.0.0.1", 0)
    config = configured(app, settings or WebSettings(), grace=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def converse(
    port: int, *pieces: bytes, seconds: float = 10.0, pause: float = 0.0, shut: bool = False
) -> bytes:
    """Send bytes as they are, and give all that comes back until the server ends the connection.

    Parameters
    ----------
    pieces : bytes
        Sent one after the other, with a ``pause`` between, until the server answers.
    seconds : float
        How long to wait for the server.
    shut : bool
        Whether to tell the server that nothing more comes.
    """
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        for piece in pieces:
            connection.sendall(piece)
            if pause and select.select([connection], [], [], pause)[0]:
                break  # the server has answered
        if shut:
            connection.shutdown(socket.SHUT_WR)
        try:
            while part := connection.recv(65536):
                got += part
        except (TimeoutError, ConnectionResetError):
            pass
    return got
