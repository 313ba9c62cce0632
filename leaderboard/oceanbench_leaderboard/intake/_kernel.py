"""Calls of the Linux kernel that Python has no function for."""

import ctypes
import os
import platform
from functools import cache

__all__ = ["prctl", "raw_call", "which_machine"]


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def which_machine() -> str:
    """Give the name of the processor's family, as the kernel has it; empty where this is no Linux."""
    return platform.machine() if platform.system() == "Linux" else ""


def raw_call(number: int, *arguments: object) -> int:
    """Make the system call of that number, and give what it gives.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    wide = [ctypes.c_long(part) if isinstance(part, int) else part for part in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *wide))


def prctl(option: int, *arguments: object) -> int:
    """Change something about this process.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    wide = [ctypes.c_ulong(part) if isinstance(part, int) else part for part in arguments]
    padded = wide + [ctypes.c_ulong(0)] * (4 - len(wide))
    return _checked(_libc().prctl(ctypes.c_int(option), *padded))


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
