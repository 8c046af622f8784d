# attack: answers with lists of lists of every length where six numbers are expected; the rest is honest
# exercise: 05_values
# expect: status=failed points<=2 verdicts=crashed|wrong_type|wrong_value|wrong_shape|timeout

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


def echo(x):
    if type(x) is list and type(x[0]) is float:
        wire().sendall(frame(value(["l", [["l", [1.5] * (n % 400)] for n in range(900)]])))
        os._exit(0)
    return x


def count(values):
    return {v: values.count(v) for v in values}
