"""A process that is started again whenever it dies, and ends with us."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

__all__ = ["Supervisor"]

_CHILD = "oceanbench_web.serving._child"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds
_LIVED = 60.0  # seconds after which a death counts as a first one


class Supervisor:
    """Keeps a command of ours alive.

    Parameters
    ----------
    words : sequence of str
        The command, without ``oceanbench``.
    tell : callable
        Called with a sentence when it dies.
    grace : float
        Seconds that it has to end when it is asked to.
    first_pause : float
        Seconds between a first death and the next start; each pause is twice the one before.
    """

    def __init__(
        self,
        words: Sequence[str],
        tell: Callable[[str], None] = print,
        *,
        grace: float = 15.0,
        first_pause: float = _FIRST_PAUSE,
    ) -> None:
        self.words = list(words)
        self.tell = tell
        self.grace = grace
        self.first_pause = first_pause
        self.process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep_alive, name="supervisor", daemon=True)

    def __enter__(self) -> "Supervisor":
        self._start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End the process: ask it first, kill it when the grace is over."""
        self._ending.set()
        with self._lock:
            process = self.process
        if process is not None:
            process.terminate()
            try:
                process.wait(self.grace)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        if self._thread.is_alive():
            self._thread.join()

    def _start(self) -> subprocess.Popen[bytes] | None:
        # the lock: no process is started behind the back of ``end``
        with self._lock:
            if self._ending.is_set():
                return None
            self.process = subprocess.Popen(
                [sys.executable, "-m", _CHILD, *self.words], stdin=subprocess.PIPE, start_new_session=True
            )
            return self.process

    def _keep_alive(self) -> None:
        pause, process, started = self.first_pause, self.process, time.monotonic()
        while process is not None:
            code = process.wait()
            if self._ending.is_set():
                return
            if process.stdin:
                process.stdin.close()
            if time.monotonic() - started > _LIVED:
                pause = self.first_pause
            self.tell(f"the {self.words[0]} ended{_how(code)}; another is started in {pause:g} s")
            if self._ending.wait(pause):
                return
            pause, started, process = min(2 * pause, _LONGEST_PAUSE), time.monotonic(), self._start()


def _how(code: int) -> str:
    return f" by signal {-code}" if code < 0 else f" with code {code}"
