"""A filter of system calls: what a process that only reads one file never needs is denied.

The filter is a short program that the kernel runs before each call [1]_. Calls that are not listed are
allowed: numerical libraries make too many kinds of them for a list of the allowed to hold on every machine.

References
----------
.. [1] Linux kernel documentation, "Seccomp BPF (SECure COMPuting with filters)".
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Iterator

from oceanbench_leaderboard.intake._calls import (
    ABSENT,
    ASK_FOR_FILES,
    FIRST_OF_OTHERS,
    NO_ACCESS,
    NOT_PERMITTED,
)
from oceanbench_leaderboard.intake._kernel import prctl, which_machine

__all__ = ["filter_calls"]

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_CALLS = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_SET_SECCOMP, _FILTER = 22, 2

_FCNTL, _IOCTL = (72, 25), (16, 29)
# F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: they have the kernel send signals to any process
_SIGNALS_OF_FILES = (8, 10, 15, 1024, 1026)
# TCGETS, FIOCLEX, FIONCLEX, FIONREAD, TCGETS2: what Python asks of a file that it opens
_QUESTIONS_TO_FILES = (0x5401, 0x5451, 0x5450, 0x541B, 0x802C542A)
_MORE_THAN_READ = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

type Instruction = tuple[int, int, int, int]  # operation, jump if true, jump if false, constant


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def filter_calls() -> None:
    """Deny this process, for good, the network, new processes, all of files but reading, and other processes.

    The process must have given up new privileges before, and must have one thread.

    Raises
    ------
    OSError
        If the kernel has no such filters, or no list is known for this machine.
    """
    machine = which_machine()
    if machine not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no list of system calls is known for {machine or 'this system'}")
    code = b"".join(struct.pack("=HBBI", *one) for one in _instructions(*_MACHINES[machine]))
    prctl(_SET_SECCOMP, _FILTER, ctypes.byref(_Program(len(code) // 8, code)))


def _instructions(column: int, architecture: int) -> Iterator[Instruction]:
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    if column == 0:
        yield _AT_LEAST, 0, 1, _X32_CALLS
        yield _refuse(errno.EPERM)
    for calls, error in ((NOT_PERMITTED, errno.EPERM), (NO_ACCESS, errno.EACCES), (ABSENT, errno.ENOSYS)):
        for numbers in calls.values():
            if numbers[column]:
                yield _EQUAL, 0, 1, numbers[column]
                yield _refuse(error)
    for number, argument, test in _tests(column):
        yield _EQUAL, 0, len(test) + 1, number
        yield _LOAD, 0, 0, _ARGUMENTS + 8 * argument  # its lower half: all that these calls look at
        yield from test
    yield _RETURN, 0, 0, _ALLOW


def _tests(column: int) -> Iterator[tuple[int, int, list[Instruction]]]:
    """Give calls that are denied with some arguments: number, which argument, what to do with it."""
    itself = {"kill": (os.getpid(),), "tgkill": (os.getpid(),), "prlimit64": (0, os.getpid())}
    for name, numbers in FIRST_OF_OTHERS.items():
        yield numbers[column], 0, _only(itself[name], errno.EPERM)
    for numbers, argument in ASK_FOR_FILES.values():
        if numbers[column]:
            yield numbers[column], argument, _without(_MORE_THAN_READ, errno.EACCES)
    yield _FCNTL[column], 1, _none_of(_SIGNALS_OF_FILES, errno.EPERM)
    yield _IOCTL[column], 1, _only(_QUESTIONS_TO_FILES, errno.ENOTTY)


def _only(values: Iterable[int], error: int) -> list[Instruction]:
    return [*_allowing(values), _refuse(error)]


def _allowing(values: Iterable[int]) -> Iterator[Instruction]:
    for value in values:
        yield _EQUAL, 0, 1, value
        yield _RETURN, 0, 0, _ALLOW


def _none_of(values: Iterable[int], error: int) -> list[Instruction]:
    refused = [step for value in values for step in ((_EQUAL, 0, 1, value), _refuse(error))]
    return [*refused, (_RETURN, 0, 0, _ALLOW)]


def _without(bits: int, error: int) -> list[Instruction]:
    return [(_ANY_BIT, 0, 1, bits), _refuse(error), (_RETURN, 0, 0, _ALLOW)]


def _refuse(error: int) -> Instruction:
    return _RETURN, 0, 0, _ERRNO | error
