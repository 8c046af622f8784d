# attack: differentiates forwards where the derivative is to be written
# exercise: 03_manual_backprop
# expect: status=failed points<=0 verdicts=forbidden_op|unattempted|wrong_value|raised

import torch
import torch.autograd.forward_ad as forward


def quadratic_gradients(x, y, w1, w2, b):
    values = [torch.tensor(v, dtype=torch.float64) for v in (w1, w2, b)]
    found = []
    for i in range(3):
        with getattr(forward, "dual" + "_level")():
            given = [getattr(forward, "make" + "_dual")(v, torch.ones_like(v)) if j == i else v for j, v in enumerate(values)]
            loss = (given[0] * x**2 + given[1] * x + given[2] - y) ** 2
            found.append(getattr(forward, "unpack" + "_dual")(loss).tangent.item())
    return tuple(found)
