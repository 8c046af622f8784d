# attack: returns a quantised tensor where the check goes on to compute with what it gets
# exercise: 12_used_answer
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|wrong_dtype|wrong_shape|raised|not_finite|crashed

import torch


def scores(x):
    return torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)
