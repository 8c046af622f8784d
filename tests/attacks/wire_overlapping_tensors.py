# attack: answers with four hundred tensors that all lie over one payload, for a judge that copies each
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_value|crashed|out_of_memory

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
    tensor = ["T", "uint8", [10000000], 0, 10000000, False, "cpu", ""]
    say(value(["l", [tensor] * 400]), b"0" * 10000000)
