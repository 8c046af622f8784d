"""The system call filter: which calls an attempt loses, assembled by hand into BPF for x86_64 and aarch64.

Most of the kernel stays reachable, since torch and numpy need it; what goes are the calls that change the
machine, look into other processes, open namespaces, or put bytes where no limit counts them.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import struct
from dataclasses import dataclass

from dlex.sandbox import kernel

# (x86_64, aarch64); -1 where the architecture has no such call.
DENIED: dict[str, tuple[int, int]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "perf_event_open": (298, 241),
    # mounts and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    # files by inode number: the way around every path rule
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    # memory that belongs to no file system and no process
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # keys
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # large attack surface that no exercise needs
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "modify_ldt": (154, -1),
    "uselib": (134, -1),
    "ustat": (136, -1),
    "_sysctl": (156, -1),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # the machine
    "create_module": (174, -1),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "syslog": (103, 116),
    "vhangup": (153, 58),
}

# Path rules know nothing of modes, owners and times: where the host's files are still in view, these calls
# report success and do nothing, since shutil.copy and its like must work.
_METADATA: dict[str, tuple[int, int]] = {
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
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
}

# The ways to signal a process, and those whose first argument is not a process.
_SIGNALS = ((62, 129), (234, 131), (129, 138), (297, 240))  # kill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
_OTHER_SIGNALS = ((200, 130), (424, 424))  # tkill, pidfd_send_signal

_CLONE = (56, 220)
_CLONE3 = (435, 435)
_SOCKET = (41, 198)
_SOCKETPAIR = (53, 199)
_CONNECT = (42, 203)
_BIND = (49, 200)
_PERSONALITY = (135, 92)
_PRCTL = (157, 167)
_IOCTL = (16, 29)
_SETSID = (112, 157)

_AUDIT_ARCH = (0xC000003E, 0xC00000B7)
_X32_BIT = 0x40000000  # the second, 32-bit numbering of calls on x86_64

# Every CLONE_NEW* flag that clone(2) takes; the low byte is the signal to the parent.
_NEW_NAMESPACE = 0x7E020000
_AF_UNIX = 1
_SOCK_DGRAM = 2
_SOCK_TYPE_MASK = 0xF
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

_LOAD, _AND, _JEQ, _JSET, _RET = 0x20, 0x54, 0x15, 0x45, 0x06
_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_NUMBER_OFFSET, _ARCH_OFFSET = 0, 4

_SET_MODE_FILTER, _FILTER_FLAG_TSYNC = 1, 1

_Instruction = tuple[int, int, int, int]
# Call numbers, and what to run for that call; every body ends in a return on each of its ways.
_Rule = tuple[tuple[int, int], list[_Instruction]]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What lies around the attempt, and so what its calls could reach.

    `own_root`: neither files nor sockets of the host are in view.  `signals_held`: a PID namespace or a path
    rule's scope holds signals; where none does, the filter lets the attempt signal nobody but `process`,
    which is itself.  `gpu`: its driver is in use, which gives up where it may not create a memfd.
    """

    own_root: bool
    signals_held: bool
    process: int = 0
    gpu: bool = False


def apply(surroundings: Surroundings) -> None:
    """Puts every thread of this process under the filter.  It cannot be taken off."""
    code = program(kernel.machine(), surroundings)
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: the number of instructions, then the pointer to them
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    kernel.syscall("seccomp", _SET_MODE_FILTER, _FILTER_FLAG_TSYNC, header)


@functools.lru_cache(maxsize=8)
def program(machine: int, surroundings: Surroundings) -> bytes:
    """The filter for one column of the table, as the bytes of `struct sock_filter`."""
    code: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCH_OFFSET),
        (_JEQ, 1, 0, _AUDIT_ARCH[machine]),
        (_RET, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER_OFFSET),
    ]
    if machine == 0:
        code += [(_JSET, 0, 1, _X32_BIT), _refuse(errno.ENOSYS)]
    for numbers, body in _rules(surroundings):
        if numbers[machine] >= 0:
            code += [(_JEQ, 0, len(body), numbers[machine]), *body]
    code.append((_RET, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def _rules(surroundings: Surroundings) -> list[_Rule]:
    denied = [_refuse(errno.EPERM)]
    needed = {"memfd_create"} if surroundings.gpu else set()
    rules: list[_Rule] = [(numbers, denied) for name, numbers in DENIED.items() if name not in needed]
    rules += _rules_on_arguments(_only_unix(datagrams=surroundings.own_root))
    if not surroundings.own_root:
        # A Unix socket of the host may be the session bus, a container daemon or an ssh agent.
        rules += [(_CONNECT, denied), (_BIND, denied)]
        rules += [(numbers, [_refuse(0)]) for numbers in _METADATA.values()]
    if not surroundings.signals_held:
        to_itself = [_argument(0), (_JEQ, 1, 0, surroundings.process), *denied, _allow()]
        rules += [(numbers, to_itself) for numbers in _SIGNALS]
        rules += [(numbers, denied) for numbers in _OTHER_SIGNALS]
    return rules


def _rules_on_arguments(sockets: list[_Instruction]) -> list[_Rule]:
    """The calls of which some uses go and others stay."""
    denied = _refuse(errno.EPERM)
    return [
        (_CLONE, [_argument(0), (_JSET, 0, 1, _NEW_NAMESPACE), denied, _allow()]),
        # Its flags lie in memory that a filter cannot read; with ENOSYS the C library falls back to clone.
        (_CLONE3, [_refuse(errno.ENOSYS)]),
        (_SOCKET, sockets),
        (_SOCKETPAIR, sockets),
        (_PERSONALITY, [_argument(0), (_JEQ, 1, 0, 0xFFFFFFFF), denied, _allow()]),
        # "Done", but not done: each session would get a share of the processor of its own (see `priority`).  Nothing of
        # an attempt has a terminal that it could leave.
        (_SETSID, [_refuse(0)]),
        # "Done", but not done: the guard's hold on its child must stay, and torch's own workers set this too.
        (_PRCTL, [_argument(0), (_JEQ, 0, 1, kernel.PR_SET_PDEATHSIG), _refuse(0), _allow()]),
        # Typing into the terminal of whoever started the grading.
        (_IOCTL, [_argument(1), (_JEQ, 1, 0, _TIOCSTI), (_JEQ, 0, 1, _TIOCLINUX), denied, _allow()]),
    ]


def _only_unix(*, datagrams: bool) -> list[_Instruction]:
    """Allows AF_UNIX; without `datagrams` only connected kinds: a datagram can name any receiver."""
    denied = _refuse(errno.EPERM)
    body = [_argument(0), (_JEQ, 1, 0, _AF_UNIX), denied]
    if not datagrams:
        body += [_argument(1), (_AND, 0, 0, _SOCK_TYPE_MASK), (_JEQ, 0, 1, _SOCK_DGRAM), denied]
    return [*body, _allow()]


def _argument(index: int) -> _Instruction:
    """Loads the low word of an argument; all arguments looked at here are 32-bit ints to the kernel."""
    return (_LOAD, 0, 0, 16 + 8 * index)


def _refuse(error: int) -> _Instruction:
    return (_RET, 0, 0, 0x00050000 | error)


def _allow() -> _Instruction:
    return (_RET, 0, 0, _ALLOW)
