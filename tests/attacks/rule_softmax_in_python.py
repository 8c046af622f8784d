# attack: calls the softmax that torch has in Python, of which only the parts are dispatched
# exercise: 08_softmax_classifier
# expect: status=failed points<=0 verdicts=forbidden_op|unattempted|wrong_value|raised

import torch._refs


def softmax(z):
    return torch._refs.softmax(z, -1)


def cross_entropy(logits, y):
    return -softmax(logits).gather(1, y[:, None]).log().mean()
