"""Giving up, for good, all that a process does not need to read one file."""

import ctypes
import os
import resource
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from oceanbench_leaderboard.intake._job import Bounds
from oceanbench_leaderboard.intake._kernel import prctl, raw_call, which_machine
from oceanbench_leaderboard.intake._landlock import allow_reading
from oceanbench_leaderboard.intake._places import library_folders, library_places
from oceanbench_leaderboard.intake._seccomp import filter_calls

__all__ = ["confine"]

_OPEN_FILES = 64
_SET_DEATH_SIGNAL, _SET_DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38
_CAPABILITIES = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION = 0x20080522


def confine(bounds: Bounds, readable: Iterable[Path]) -> dict[str, str]:
    """Give up the network, other files, other processes, privileges, and resources beyond ``bounds``.

    Parameters
    ----------
    bounds : Bounds
    readable : paths
        What may be read beside the libraries.

    Returns
    -------
    dict of str to str
        By what each was given up; ``none: …`` with the cause where the kernel has no way.
    """
    _limit(bounds)
    _be_the_first_to_go()
    memory = _outcome(lambda: _limit_memory(bounds.memory), f"{bounds.memory} bytes of address space")
    return {"memory": memory, **_apart(readable)}


def _limit(bounds: Bounds) -> None:
    for kind, most in (
        (resource.RLIMIT_CPU, bounds.seconds),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _at_most(kind, most)


def _be_the_first_to_go() -> None:
    """Have this process ended, and no other, where the machine runs out of memory."""
    with suppress(OSError):  # a system without this file has no such choice
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit_memory(most: int) -> None:
    try:
        _at_most(resource.RLIMIT_AS, most)
    except ValueError as error:  # what systems say that have no such limit
        raise OSError("this system does not limit address space") from error


def _at_most(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (least, least))


def _apart(readable: Iterable[Path]) -> dict[str, str]:
    allowed, listed = [*library_places(), *readable], [*library_folders()]
    namespace = _outcome(_leave_network, "namespace")
    privileges = _outcome(_give_up_privileges, "no new ones")
    files = _outcome(lambda: _only_read(allowed, listed), "")
    calls = _outcome(filter_calls, "seccomp")
    network = [way for way in (namespace, calls) if not way.startswith("none")]
    return {
        "network": ", ".join(network) or f"{namespace}; {calls}",
        "files": files,
        "privileges": privileges,
        "system calls": calls,
    }


def _outcome(deed: Callable[[], str | None], way: str) -> str:
    try:
        return deed() or way
    except OSError as error:
        return f"none: {error.strerror or error}"


def _leave_network() -> None:
    if not which_machine():
        raise OSError("this system has no namespaces")
    os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET | os.CLONE_NEWIPC)


def _give_up_privileges() -> None:
    if not which_machine():
        raise OSError("this system cannot give up new privileges")
    prctl(_NO_NEW_PRIVILEGES, 1)
    prctl(_SET_DUMPABLE, 0)
    _drop_capabilities()
    prctl(_SET_DEATH_SIGNAL, int(signal.SIGKILL))  # a change of rights forgets it, so it comes last


def _drop_capabilities() -> None:
    number = _CAPABILITIES.get(which_machine())
    if number is not None:
        head = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
        raw_call(number, ctypes.byref(head), ctypes.byref((ctypes.c_uint32 * 6)()))


def _only_read(allowed: Iterable[Path], listed: Iterable[Path]) -> str:
    if not which_machine():
        raise OSError("this system has no Landlock")
    return f"landlock {allow_reading(allowed, listed)}"
