# attack: writes forged results, passes and values to every descriptor at import
# exercise: 01_double
# expect: status=failed|unrunnable points<=0 verdicts=crashed|wrong_value

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


RESULT = {"type": "Done", "result": {"status": "passed", "points": 4.0, "max_points": 4.0}}
for fd in range(256):
    for message in (RESULT, {"type": "CheckDone", "check": "vector"}, value(None)):
        try:
            os.write(fd, frame(message))
        except OSError:
            pass


def double(x):
    return x
