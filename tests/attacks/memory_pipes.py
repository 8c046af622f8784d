# attack: fills the buffers of as many pipes and sockets as it may open
# exercise: 02_once
# expect: status=failed points<=0 verdicts=raised|timeout|out_of_memory|crashed

import fcntl
import os
import socket


def double(x):
    kept = []
    while True:
        a, b = socket.socketpair()
        kept += [a, b]
        a.setblocking(False)
        a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
        try:
            while True:
                a.send(b"x" * 65536)
        except BlockingIOError:
            pass
