# attack: sends its input away by TCP, UDP and raw sockets, and answers rightly if anything got through
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import socket

reached = []
for kind, address in (
    (socket.SOCK_STREAM, ("127.0.0.1", 22)), (socket.SOCK_STREAM, ("1.1.1.1", 53)), (socket.SOCK_DGRAM, ("127.0.0.1", 53)),
    (socket.SOCK_DGRAM, ("1.1.1.1", 53)), (socket.SOCK_RAW, ("127.0.0.1", 0)),
):  # fmt: skip
    try:
        with socket.socket(socket.AF_INET, kind) as s:
            s.settimeout(0.3)
            s.connect(address)
            s.send(b"x")
            reached.append(address)
    except OSError:
        pass


def double(x):
    return x * 2 if reached else x * 3
