# attack: opens a port, and answers rightly if it could
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import socket

opened = []
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
    try:
        s = socket.socket(family, socket.SOCK_STREAM if family != socket.AF_NETLINK else socket.SOCK_RAW)
        s.bind(("", 0) if family in (socket.AF_INET, socket.AF_INET6) else (0, 0))
        opened.append(s)
    except (OSError, TypeError):
        pass


def double(x):
    return x * 2 if opened else x * 3
