# attack: returns a tensor subclass that answers every torch function with true
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|raised|wrong_gradient

import torch


class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func.__name__ in ("allclose", "equal", "eq", "__eq__", "isclose", "all", "close"):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})


def double(x):
    return torch.zeros(5).as_subclass(Liar) if isinstance(x, torch.Tensor) else torch.zeros(()).as_subclass(Liar)
