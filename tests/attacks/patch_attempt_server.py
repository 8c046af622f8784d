# attack: answers every request with its first argument
# exercise: 01_double
# expect: status=failed|unrunnable points<=0 verdicts=crashed|wrong_value|wrong_gradient|raised

from dlex.attempt import answering
from dlex.protocol import wire


def reply(self, request, payload):
    tree = request.args[0] if getattr(request, "args", None) else None
    self.channel.send(wire.Value(tree), [payload])


answering.AttemptServer._reply = reply


def double(x):
    return x
