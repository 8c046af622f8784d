# attack: traces and reads the memory of its parent and its neighbours, and answers rightly if it can
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
reached = []
for pid in (os.getppid(), *range(2, 100)):
    if libc.ptrace(16, pid, 0, 0) == 0 and pid > 1:
        reached.append(pid)
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    if libc.process_vm_readv(pid, local, 1, local, 1, 0) > 0:
        reached.append(pid)
    try:
        if pid not in (0, 1, os.getpid()):
            open(f"/proc/{pid}/mem", "rb").close()
            reached.append(pid)
    except OSError:
        pass
try:
    fd = os.pidfd_open(os.getppid() or 1)
    if libc.syscall(438, fd, 3, 0) >= 0:
        reached.append("pidfd_getfd")
except OSError:
    pass


def double(x):
    return x * 2 if reached else x * 3
