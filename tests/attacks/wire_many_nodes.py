# attack: answers with four million nothings, nested and not
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed|timeout|wrong_value|out_of_memory

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
    say(value(["l", [None] * 3000000]))
