# attack: has a thread call a forbidden function, where torch's modes do not look
# exercise: 08_softmax_classifier
# expect: status=failed points<=0 verdicts=forbidden_op|unattempted|wrong_value|raised

import threading

import torch


def softmax(z):
    found = []
    thread = threading.Thread(target=lambda: found.append(torch.softmax(z, -1)))
    thread.start()
    thread.join()
    return found[0]


def cross_entropy(logits, y):
    return -softmax(logits).gather(1, y[:, None]).log().mean()
