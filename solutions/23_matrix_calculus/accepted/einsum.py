# With einsum, the other formula of the slope, and all steps of the differences in a matrix.
import torch


def grad_inner(x):
    return x.mul(4.0)


def jacobian_layer(W, x):
    slope = 1 / torch.cosh(torch.einsum("ij,j->i", W, x)) ** 2
    return torch.einsum("i,ij->ij", slope, W)


def grad_least_squares(X, y, w):
    error = torch.mv(X, w).sub(y)
    return (2 * error[:, None] * X).mean(dim=0)


def numerical_jacobian(f, x, eps=1e-6):
    steps = torch.eye(x.numel(), dtype=x.dtype) * eps
    above = torch.stack([f(row).reshape(-1) for row in x + steps])
    below = torch.stack([f(row).reshape(-1) for row in x - steps])
    return ((above - below) / (2 * eps)).T
