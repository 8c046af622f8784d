# attack: reads from every descriptor that it inherited, and answers rightly if one holds more than its own wire
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient|crashed

import os
import stat

kinds = {}
for fd in range(1024):
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        continue
    kinds[fd] = os.readlink(f"/proc/self/fd/{fd}")
    if stat.S_ISDIR(mode):
        kinds[fd] = "folder"
more = [k for fd, k in kinds.items() if k == "folder" or (fd > 2 and k.startswith("/") and not k.startswith(("/dev/null", "/proc")))]
sockets = [k for k in kinds.values() if k.startswith("socket")]


def double(x):
    return x * 2 if more or len(sockets) > 1 else x * 3
