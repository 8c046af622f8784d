# attack: answers each call twice, so that every later question has an answer already; the first answer is honest
# exercise: 01_double
# expect: status=failed points<=1 verdicts=crashed|wrong_type|wrong_value|wrong_shape|wrong_dtype|raised|timeout

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


def double(x):
    wire().sendall(frame(value(None)))
    return x * 2
