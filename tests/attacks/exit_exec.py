# attack: becomes another program, which keeps the wire
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed|raised|timeout

import os
import sys

PROGRAM = "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'\\0\\0\\0\\1\\0\\0\\0\\0\\xc0')\n    except OSError: pass\n"


def double(x):
    for fd in range(3, 64):
        try:
            os.set_inheritable(fd, True)
        except OSError:
            pass
    os.execv(sys.executable, [sys.executable, "-I", "-c", PROGRAM])
