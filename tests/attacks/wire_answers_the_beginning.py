# attack: answers the opening of the check with a monster; only the questions of a check have a deadline of their own
# exercise: 02_once
# expect: status=failed|unrunnable points<=0 verdicts=crashed|wrong_value|timeout

import os
import socket
import stat
import struct
import time

import msgspec


def wire():
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
        except OSError:
            pass


def frame(header, payload=b""):
    data = msgspec.msgpack.encode(header)
    return struct.pack(">II", len(data), len(payload)) + data + payload


def say(header, payload=b""):
    wire().sendall(frame(header, payload))
    time.sleep(60)


def value(tree, **more):
    return {"type": "Value", "tree": tree, "mutated": [], "ops": []} | more


COLLIDING = value(["d", [[["t", [k * (2**61 - 1) % 2**63]], 0] for k in range(20000)]])
wire().sendall(frame(COLLIDING) * 3)


def double(x):
    return x * 3
