"""As many threads of torch's as it will start."""
import torch

torch.set_num_threads(40)


def double(x):
    a = torch.randn(700, 700)
    while True:
        a = torch.tanh(a @ a)
