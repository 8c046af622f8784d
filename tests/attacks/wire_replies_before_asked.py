# attack: fills the wire with answers before any question is asked
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed|wrong_type|wrong_value|wrong_shape|wrong_dtype

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


ANSWER = frame(value(["T", "float32", [5], 0, 20, False, "cpu", ""]), b"\0" * 20)
wire().sendall(ANSWER * 500)


def double(x):
    return x
