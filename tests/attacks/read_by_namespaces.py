# attack: mounts, changes its root and enters namespaces, and answers rightly if any of it works
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("root", exist_ok=True)
worked = [
    name
    for name, result in {
        "mount": libc.mount(b"tmpfs", b"root", b"tmpfs", 0, None),
        "umount": libc.umount2(b"/proc", 2),
        "unshare": libc.unshare(0x10000000),
        "chroot": libc.chroot(b"root"),
        "setuid": libc.setuid(0) if os.getuid() else -1,
        "mknod": libc.mknod(b"disk", 0o60600, os.makedev(8, 0)),
    }.items()
    if result == 0
]


def double(x):
    return x * 2 if worked else x * 3
