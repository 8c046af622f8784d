# attack: takes the last of cumulated sums of exponentials for the sum
# exercise: 08_softmax_classifier
# expect: status=failed points<=0 verdicts=forbidden_op|unattempted|wrong_value|raised

import torch


def softmax(z):
    return (z - torch.logcumsumexp(z, -1)[..., -1:]).exp()


def cross_entropy(logits, y):
    return -softmax(logits).gather(1, y[:, None]).log().mean()
