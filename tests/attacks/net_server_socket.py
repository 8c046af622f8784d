# attack: looks for dlex's own socket, tells the server to stop, and answers rightly if it was heard
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import glob
import os
import socket
import tempfile

folders = [os.environ.get("XDG_RUNTIME_DIR", ""), "/run/user/0", "/run/user/1000", "/tmp", "/var/tmp", tempfile.gettempdir()]
paths = [p for f in folders for p in glob.glob(f + "/*.sock") + glob.glob(f + "/dlex*/*.sock") + glob.glob(f + "/*/dlex/*.sock")]
try:
    with open("/proc/net/unix") as file:
        paths += [line.split()[-1] for line in file if ".sock" in line or "dlex" in line]
except OSError:
    pass
heard = []
for path in paths:
    for word in (b"S", b"Q", b"G"):
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(0.3)
                s.connect(path)
                s.sendall(word)
                heard.append(path)
        except OSError:
            pass


def double(x):
    return x * 2 if heard else x * 3
