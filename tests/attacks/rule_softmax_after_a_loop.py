# attack: uses so many operators before a forbidden one that the record is full
# exercise: 08_softmax_classifier
# expect: status=failed points<=0 verdicts=forbidden_op|unattempted|wrong_value|raised

import torch


def softmax(z):
    for _ in range(1001):
        z = z + 0
    return torch.softmax(z, -1)


def cross_entropy(logits, y):
    return -softmax(logits).gather(1, y[:, None]).log().mean()
