# attack: replaces the server's idea of the learner's module by an object of its own
# exercise: 01_double
# expect: status=failed|unattempted points<=0 verdicts=raised|crashed|wrong_value|wrong_gradient|unattempted

import gc

from dlex.attempt.answering import AttemptServer


class Module:
    double = staticmethod(lambda x: x)


for server in gc.get_objects():
    if type(server) is AttemptServer:
        server.module = Module()


def double(x):
    return x
