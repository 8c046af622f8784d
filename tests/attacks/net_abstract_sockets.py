# attack: connects to abstract sockets of the host, and answers rightly if one answers
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import socket

names = ["\0/tmp/.X11-unix/X0", "\0dbus", "\0dlex"]
try:
    with open("/proc/net/unix") as file:
        names += ["\0" + line.split()[-1][1:] for line in file if line.split()[-1].startswith("@")]
except OSError:
    pass
reached = []
for name in names:
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(name)
            reached.append(name)
    except (OSError, ValueError):
        pass


def double(x):
    return x * 2 if reached else x * 3
