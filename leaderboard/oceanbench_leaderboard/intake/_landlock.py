"""Which files a process may open, by Landlock: nothing but what is named, whatever its user may read.

Data structures and numbers are those of the kernel's documentation "Landlock: unprivileged access control".
"""

import ctypes
import errno
import os
from collections.abc import Iterable
from pathlib import Path

from oceanbench_leaderboard.intake._kernel import raw_call

__all__ = ["allow_reading", "landlock_version"]

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_RIGHTS_OF_FILES = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights each version of Landlock knows
_NEWEST_RIGHTS = 16
_TCP, _SCOPES = 0b11, 0b11
_NETWORK_VERSION, _SCOPE_VERSION = 4, 6


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("handle", ctypes.c_int32)]


def landlock_version() -> int:
    """Give the version of Landlock that the kernel has.

    Raises
    ------
    OSError
        If it has none, or was started without it.
    """
    return raw_call(_CREATE, 0, 0, _ASK_VERSION)


def allow_reading(readable: Iterable[Path], listed: Iterable[Path]) -> int:
    """Deny this process, for good, to open, make or remove any file but to read those named.

    Parameters
    ----------
    readable : paths
        Files, and folders with all that is below them; those that do not exist are left out.
    listed : paths
        Folders whose names, and those of the folders below, may be read, but no file.

    Returns
    -------
    int
        Version of Landlock that enforces it.

    Raises
    ------
    OSError
        If the kernel cannot.
    """
    version = landlock_version()
    rights = (1 << _RIGHTS_OF_FILES.get(version, _NEWEST_RIGHTS)) - 1
    network = _TCP if version >= _NETWORK_VERSION else 0
    scoped = _SCOPES if version >= _SCOPE_VERSION else 0
    size = 24 if scoped else 16 if network else 8  # what older kernels do not know must not be given
    rules = raw_call(_CREATE, ctypes.byref(_Ruleset(rights, network, scoped)), size, 0)
    try:
        for path in readable:
            _allow(rules, path, _READ_FILE | _READ_FOLDER)
        for path in listed:
            _allow(rules, path, _READ_FOLDER)
        raw_call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)
    return version


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
            return  # what cannot be reached need not be allowed
        raise
    try:
        allowed = rights if path.is_dir() else rights & _READ_FILE
        raw_call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(_Beneath(allowed, handle)), 0)
    finally:
        os.close(handle)
