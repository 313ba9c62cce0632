"""A process that waits for jobs and lets a copy of itself do each, seen from the worker."""

import json
import select
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

__all__ = ["GoneError", "WaitingProcess"]

_START_SECONDS, ANSWER_SECONDS = 120.0, 30.0


class GoneError(Exception):
    """The process went away."""


class WaitingProcess:
    """Takes one job in JSON on each line of its standard input, and answers with lines of JSON.

    It is started when it is first spoken to, and again where it went away.

    Parameters
    ----------
    command : callable
        Gives what is started, asked at each start; it says a line when it is ready.
    environment : callable
        Gives all that it sees of the environment, asked at each start.
    failure : str
        What to tell where it does not start.
    grace : float
        Seconds that it may take to end by itself when its input is closed; then it is killed.
    """

    def __init__(
        self,
        command: Callable[[], Sequence[str]],
        environment: Callable[[], Mapping[str, str]],
        failure: str,
        *,
        grace: float = 0.0,
    ) -> None:
        self._command, self._environment = command, environment
        self._failure, self._grace = failure, grace
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int | None:
        """Its number, if it is there."""
        return None if self._process is None else self._process.pid

    def say(self, words: object) -> None:
        """Give it a job, after starting it where it is not there.

        Raises
        ------
        OSError
            If it cannot be started.
        GoneError
            If it went away.
        """
        process = self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(words).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise GoneError from error

    def hear(self, seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Give the next line that it says.

        Raises
        ------
        TimeoutError
            If it says nothing for so long.
        GoneError
            If it went away.
        """
        if self._process is None:
            raise GoneError
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], max(seconds, 0.0))
        if not ready:
            raise TimeoutError
        line = self._process.stdout.readline()
        if not line:
            raise GoneError
        said: dict[str, Any] = json.loads(line)
        return said

    def end(self) -> None:
        """End it, if it is there, and with it what it lets do."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with suppress(OSError):
                stream.close()
        try:
            process.wait(self._grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        self._process = process = subprocess.Popen(
            list(self._command()),
            cwd="/",
            env=dict(self._environment()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        try:
            self.hear(_START_SECONDS)
        except (GoneError, TimeoutError) as error:
            self.end()
            raise OSError(self._failure) from error
        return process
