# attack: sends a pickle that runs a command where a header is expected
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed

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

import pickle


class Payload:
    def __reduce__(self):
        return os.system, ("true",)


def double(x):
    data = pickle.dumps(Payload())
    wire().sendall(struct.pack(">II", len(data), len(data)) + data + data)
    time.sleep(60)
