# attack: answers with a traceback whose files, functions and lines are all control characters
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed

import os
import socket
import stat
import struct

import msgspec


def wire():
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
        except OSError:
            pass


def double(x):
    fields = ("file", "line", "function", "code")
    line = dict(zip(fields, ("\x1b" * 4096, 1 << 62, "\u202e" * 120, "\u200d" * 200)))
    told = {"type": "Raised", "kind": "\x9b" * 120, "bases": ["\0"] * 20, "message": "\x1b" * 2000, "frames": [line] * 12}
    data = msgspec.msgpack.encode(told)
    wire().sendall(struct.pack(">II", len(data), 0) + data)
    os._exit(0)
