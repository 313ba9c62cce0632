"""A service that is none: it keeps uploads in memory, and does the harm that it is told to do."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from oceanbench_web.client import Connection, Patience

TOKEN = "ob_abcd_0123456789"


@dataclass
class Pretender:
    """What the pretended service has, and how it misbehaves.

    ``cuts`` gives, for each ``PUT`` in turn, after how many bytes the connection is cut; ``answers`` what is
    answered, by method and path, before anything else: status, content, headers.
    """

    url: str = ""
    size: int | None = None
    kept: bytearray = field(default_factory=bytearray)
    cuts: list[int] = field(default_factory=list)
    answers: dict[tuple[str, str], list[tuple[int, Any, dict[str, str]]]] = field(default_factory=dict)
    states: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    version: str = "1.0"

    def will(self, method: str, path: str, status: int, content: Any, **headers: str) -> None:
        """Answer so, once."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault((method, path), []).append((status, content, named))

    def connect(self, **what: Any) -> Connection:
        """Give a connection that sleeps no time at all."""
        patience = what.pop("patience", Patience(seconds=5.0, first=0.5))
        return Connection(self.url, TOKEN, sleep=self.slept.append, patience=patience, **what)

    def asked(self, method: str) -> int:
        """Count the requests of one method."""
        return sum(of == method for of, _ in self.requests)


def _error(kind: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"kind": kind, "message": message, **more}}


class _Handler(BaseHTTPRequestHandler):
    service: Pretender

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._handle(self._get)

    def do_POST(self) -> None:
        self._handle(self._post)

    def do_PUT(self) -> None:
        self._handle(self._put)

    def _handle(self, answer: Callable[[str], None]) -> None:
        path = self.path.removeprefix("/api/v1")
        self.service.requests.append((self.command, path))
        planned = self.service.answers.get((self.command, path), [])
        if planned:
            status, content, headers = planned.pop(0)
            return self._say(status, content, headers)
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self._say(401, _error("unauthorised", "the token is not known"))
        return answer(path)

    def _say(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        kind = "text/html" if isinstance(content, str) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def _get(self, path: str) -> None:
        if path == "/me":
            return self._say(200, {"team": "Tides"})
        if path.startswith("/challenges/"):
            return self._say(200, {"id": path.rpartition("/")[2], "version": self.service.version})
        if path.startswith("/uploads/"):
            return self._say(200, self._state())
        states = self.service.states
        return self._say(200, states.pop(0) if len(states) > 1 else states[0])

    def _state(self) -> dict[str, Any]:
        service = self.service
        offset = len(service.kept)
        return {
            "sha256": "",
            "size": service.size,
            "offset": offset,
            "complete": offset == service.size,
        }

    def _put(self, path: str) -> None:
        service = self.service
        told = self.headers["Content-Range"]
        start, end, size = map(int, re.findall(r"\d+", told))
        service.ranges.append(told)
        if start != len(service.kept):
            return self._say(409, _error("conflict", "go on elsewhere", offset=len(service.kept)))
        wanted = int(self.headers["Content-Length"])
        assert wanted == end - start + 1
        service.size = size
        take = min(service.cuts.pop(0), wanted) if service.cuts else wanted
        service.kept += self.rfile.read(take)
        if take < wanted:
            self.close_connection = True
            return None
        if len(service.kept) == size and sha256(service.kept).hexdigest() != path.rpartition("/")[2]:
            service.kept.clear()
            return self._say(422, _error("digest", "the bytes are others than was told"))
        return self._say(200, self._state())

    def _post(self, path: str) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.service.entries.append(json.loads(body))
        self._say(202, {"id": "abc123", "state": "queued", "position": 1})


@pytest.fixture
def pretender() -> Iterator[Pretender]:
    """A service on this machine that does what the test tells it to."""
    service = Pretender()
    handler = type("Handler", (_Handler,), {"service": service})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield service
        server.shutdown()
        thread.join()
