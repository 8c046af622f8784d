# attack: lets a thread write answers to the wire between the honest ones
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=crashed|wrong_type|wrong_value|wrong_shape|wrong_dtype|timeout|raised

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

import threading


def write():
    out = wire()
    while True:
        out.sendall(frame(value(None)))
        time.sleep(0.001)


def double(x):
    threading.Thread(target=write, daemon=True).start()
    return x * 2
