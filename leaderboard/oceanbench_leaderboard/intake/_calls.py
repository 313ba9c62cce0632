"""The system calls that a process which only reads one file never needs, by their numbers.

Numbers are those of the kernel's tables for x86_64 and for the processors that share the generic table.
"""

__all__ = ["ABSENT", "ASK_FOR_FILES", "FIRST_OF_OTHERS", "NOT_PERMITTED", "NO_ACCESS"]

type Numbers = dict[str, tuple[int, int]]  # on x86_64 and on aarch64; 0: there is none

_NETWORK: Numbers = {
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
}
_PROCESSES: Numbers = {
    "clone": (56, 220),
    "fork": (57, 0),
    "vfork": (58, 0),
    "execve": (59, 221),
    "execveat": (322, 281),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "kcmp": (312, 272),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
}
_KERNEL: Numbers = {
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
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "personality": (135, 92),
    "sync": (162, 81),
}
_MOUNTS: Numbers = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "quotactl": (179, 60),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
}
_WATCHES: Numbers = {
    "inotify_init": (253, 0),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
}
# memory of these is no address space of the process, so no limit of it holds
_MEMORY: Numbers = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
NOT_PERMITTED: Numbers = _NETWORK | _PROCESSES | _KERNEL | _MOUNTS | _WATCHES | _MEMORY

# what Landlock does not deny, whatever its version, and what its first versions do not
NO_ACCESS: Numbers = {
    "creat": (85, 0),
    "truncate": (76, 45),
    "chmod": (90, 0),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, 0),
    "lchown": (94, 0),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, 0),
    "utimes": (235, 0),
    "futimesat": (261, 0),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "mkdir": (83, 0),
    "mkdirat": (258, 34),
    "rmdir": (84, 0),
    "mknod": (133, 0),
    "mknodat": (259, 33),
    "link": (86, 0),
    "linkat": (265, 37),
    "symlink": (88, 0),
    "symlinkat": (266, 36),
    "rename": (82, 0),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "unlink": (87, 0),
    "unlinkat": (263, 35),
}

# ENOSYS makes the C library fall back to an older call, whose refusal it tells
ABSENT: Numbers = {"clone3": (435, 435), "openat2": (437, 437)}

# whose first argument is the process that they reach
FIRST_OF_OTHERS: Numbers = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261)}

# with the place of the argument that says whether to read, to write or to make the file
ASK_FOR_FILES: dict[str, tuple[tuple[int, int], int]] = {"open": ((2, 0), 1), "openat": ((257, 56), 2)}
