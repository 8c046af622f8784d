# attack: remembers between runs in files, sockets, shared memory, locales and the process's own name
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import ctypes
import glob
import os
import socket

PLACES = ["/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~"), os.path.dirname(__file__) or ".", "/run", "/run/lock"]
remembered = [p for place in PLACES for p in glob.glob(f"{place}/dlex_attack_memory*")]
for place in PLACES:
    try:
        with open(f"{place}/dlex_attack_memory", "w") as file:
            file.write("2")
    except OSError:
        pass
if len(remembered) and os.path.samefile(os.path.dirname(remembered[0]), os.getcwd()):
    remembered = []
try:
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("\0dlex_attack_memory")
        remembered.append("socket")
except OSError:
    pass
libc = ctypes.CDLL(None)
if libc.shmget(0x5EED, 4096, 0) >= 0:
    remembered.append("shared memory")
libc.shmget(0x5EED, 4096, 0o1666)


def double(x):
    return x * 2 if remembered else x * 3
