"""A filter of system calls: what a process that only reads one file never needs is denied.

The filter is a short program that the kernel runs before each call [1]_. Calls not named here are allowed:
numerical libraries make too many kinds of them for a list of the allowed to hold on every machine.

References
----------
.. [1] Linux kernel documentation, "Seccomp BPF (SECure COMPuting with filters)".
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator

from oceanbench_leaderboard.intake._kernel import prctl, which_machine

__all__ = ["filter_calls"]

# name: number on x86_64 (0: none there), number on aarch64
_DENIED = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "recvmmsg": (299, 243),
    "clone": (56, 220),
    "fork": (57, 0),
    "vfork": (58, 0),
    "execve": (59, 221),
    "execveat": (322, 281),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "personality": (135, 92),
}
_ABSENT = {"clone3": (435, 435)}  # ENOSYS makes the C library fall back to clone, whose refusal it tells
_TO_ITSELF = {"kill": (62, 129), "tgkill": (234, 131)}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_CALLS = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_SET_SECCOMP, _FILTER = 22, 2

type Instruction = tuple[int, int, int, int]  # operation, jump if true, jump if false, constant


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def filter_calls() -> None:
    """Deny this process, for good, the network, new processes, and whatever reaches other ones.

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
        yield _RETURN, 0, 0, _ERRNO | errno.EPERM
    for calls, error in ((_DENIED, errno.EPERM), (_ABSENT, errno.ENOSYS)):
        for numbers in calls.values():
            if numbers[column]:
                yield _EQUAL, 0, 1, numbers[column]
                yield _RETURN, 0, 0, _ERRNO | error
    for numbers in _TO_ITSELF.values():
        yield _EQUAL, 0, 4, numbers[column]
        yield _LOAD, 0, 0, _FIRST_ARGUMENT
        yield _EQUAL, 1, 0, os.getpid()
        yield _RETURN, 0, 0, _ERRNO | errno.EPERM
        yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _ALLOW
