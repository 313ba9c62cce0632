"""A browser without a window, driven through a pipe: for what only a browser can show."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Browser", "browser", "installed"]

_NAMES = ("chromium", "google-chrome", "chromium-browser")
_SECONDS = 60.0


def installed() -> str | None:
    """Give the path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Browser:
    """One page of a browser.

    Messages of the DevTools protocol go through two pipes, each ended by a zero byte.
    """

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._rest = b""
        self._number = 0
        self._session = ""
        self.told: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "DOM", "Log", "Network"):
            self._call(f"{domain}.enable")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") != self._number:
                self._note(answer)
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            result: dict[str, Any] = answer["result"]
            return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._read, 1 << 16)
            if not data:
                raise RuntimeError("the browser is gone")
            self._rest += data
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def _note(self, event: dict[str, Any]) -> None:
        """Keep what the page complains of: refused by the policy, errors of scripts."""
        params = event.get("params", {})
        if event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.told.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        if event.get("method") == "Runtime.exceptionThrown":
            self.told.append(params["exceptionDetails"]["text"])

    def open(self, url: str) -> None:
        """Go to a page, and wait until it is there."""
        self._call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def look(self, expression: str) -> Any:
        """Give the value of an expression in the page."""
        asked = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in asked:
            raise RuntimeError(f"{expression}: {asked['exceptionDetails']}")
        return asked["result"].get("value")

    def wait_for(self, expression: str, seconds: float = _SECONDS) -> None:
        """Wait until an expression in the page is true; between two pages there may be none."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.look(f"Boolean({expression})"):
                    return
            except RuntimeError:
                pass
            time.sleep(0.05)
        raise TimeoutError(f"{expression} did not come true on {self.look('location.href')}")

    def choose_file(self, selector: str, path: Path) -> None:
        """Put a file into a field of a form."""
        root = self._call("DOM.getDocument")["root"]["nodeId"]
        node = self._call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self._call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def resize(self, width: int, height: int = 900) -> None:
        """Give the window a size."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def picture(self, path: Path) -> None:
        """Draw the whole page into a PNG file."""
        data = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))


@contextmanager
def browser(program: str | None = None) -> Iterator[Browser]:
    """Start a browser with nothing of the user's."""
    command = program or installed()
    if command is None:
        raise RuntimeError("no browser is installed")
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # the browser reads commands from 3 and writes answers to 4; a shell puts the pipes there
        script = f'exec "$0" "$@" 3<&{to_read} 4>&{from_write}'
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]
        process = subprocess.Popen(
            ["bash", "-c", script, command, *options],
            pass_fds=(to_read, from_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(from_write)
        try:
            yield Browser(to_write, from_read)
        finally:
            _end(process, [lambda: os.close(to_write), lambda: os.close(from_read)])


def _end(process: subprocess.Popen[bytes], closing: list[Callable[[], None]]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for close in closing:
        close()
