# attack: answers with handles of negative numbers
# exercise: 03_module
# expect: status=failed points<=0 verdicts=raised|crashed|wrong_value

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

from dlex.attempt import answering

answering.AttemptServer._hold = lambda self, value: answering.Handle(-1, "Scale", True)


class Scale:
    pass
