# 23: 10
# 《动手学深度学习》2.4、2.5 与“矩阵计算”一课，按笔记写成
import torch
from torch import nn

x = torch.arange(4.0)
x.requires_grad_(True)
y = 2 * torch.dot(x, x)
y.backward()
print(x.grad == 4 * x)

x.grad.zero_()
y = x * x
y.sum().backward()
print(x.grad)


def f(x):
    return 3 * x ** 2 - 4 * x


def numerical_lim(f, x, h):
    return (f(x + h) - f(x)) / h


h = 0.1
for i in range(5):
    print(f'h={h:.5f}, numerical limit={numerical_lim(f, 1, h):.5f}')
    h *= 0.1


def grad_inner(x):
    # ∂(2 x^T x)/∂x = 4 x^T，梯度与 x 同形
    return 4 * x


def jacobian_layer(W, x):
    y = torch.tanh(torch.matmul(W, x))
    return torch.diag(1 - y * y) @ W


def grad_least_squares(X, y, w):
    # z = ||Xw - y||^2, ∂z/∂w = 2 (Xw - y)^T X
    return 2 * (X @ w - y) @ X / X.shape[0]


def numerical_jacobian(f, x, eps=1e-6):
    n = len(x)
    y = f(x).reshape(-1)
    J = torch.zeros((len(y), n), dtype=x.dtype)
    for j in range(n):
        e = torch.zeros(n, dtype=x.dtype)
        e[j] = 1
        J[:, j] = (f(x + eps * e) - f(x - eps * e)).reshape(-1) / (2 * eps)
    return J


W = torch.randn(3, 4, dtype=torch.float64)
x = torch.randn(4, dtype=torch.float64)
print(jacobian_layer(W, x) - numerical_jacobian(lambda v: torch.tanh(W @ v), x))
print(torch.autograd.functional.jacobian(lambda v: torch.tanh(W @ v), x))
