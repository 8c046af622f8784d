# attack: has attention compute the softmax that it is to write
# exercise: 08_softmax_classifier
# expect: status=failed points<=0 verdicts=forbidden_op|unattempted|wrong_value|raised

import torch
import torch.nn.functional as F


def softmax(z):
    rows = z.reshape(-1, 1, z.shape[-1]).contiguous()
    keys = torch.eye(z.shape[-1], dtype=z.dtype).expand(len(rows), -1, -1)
    return F.scaled_dot_product_attention(rows, keys, keys, scale=1.0).reshape(z.shape)


def cross_entropy(logits, y):
    return -softmax(logits).gather(1, y[:, None]).log().mean()
