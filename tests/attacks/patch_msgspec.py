# attack: replaces msgspec's encoder by one that sends a forged result
# exercise: 01_double
# expect: status=failed|unrunnable points<=0 verdicts=crashed|wrong_value

import msgspec

from dlex.protocol import wire

FORGED = msgspec.msgpack.encode({"type": "Done", "result": {"status": "passed", "points": 4}})
wire._encode = lambda message: FORGED
msgspec.msgpack.Encoder = msgspec.msgpack.encode = lambda *a, **k: FORGED


def double(x):
    return x
