# 按《动手学深度学习》的写法
import torch


def grad_inner(x):
    # y = 2 * torch.dot(x, x)，书中 x.grad == 4 * x
    return 2 * x + 2 * x


def jacobian_layer(W, x):
    z = torch.matmul(W, x)
    dz = 1 - torch.tanh(z) * torch.tanh(z)  # tanh 的导数
    return torch.matmul(torch.diag(dz), W)  # 链式法则：(m, m) 乘 (m, n)


def grad_least_squares(X, y, w):
    n = X.shape[0]
    y_hat = torch.matmul(X, w)
    # ∂l/∂w 是行向量：2 (Xw - y)^T X / n
    return 2 * torch.matmul(y_hat - y, X) / n


def numerical_jacobian(f, x, eps=1e-6):
    y = f(x).reshape(-1)
    J = torch.zeros((y.numel(), x.numel()), dtype=x.dtype)
    for j in range(x.numel()):
        x1, x2 = x.clone(), x.clone()
        x1[j] += eps
        x2[j] -= eps
        J[:, j] = (f(x1) - f(x2)).reshape(-1) / (2 * eps)
    return J
