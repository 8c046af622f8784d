# attack: opens files by their inode number, around every path rule, and answers rightly if it can
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
opened = []
for place in ("/proc/self", ".", "/usr/lib", "/"):
    try:
        mount = os.open(place, os.O_RDONLY)
    except OSError:
        continue
    for inode in (2, 3, 11, 12, 128):
        handle = ctypes.create_string_buffer(struct.pack("IiII", 8, 1, inode, 0))
        if libc.syscall(304 if os.uname().machine == "x86_64" else 265, mount, handle, os.O_RDONLY) >= 0:
            opened.append(inode)


def double(x):
    return x * 2 if opened else x * 3
