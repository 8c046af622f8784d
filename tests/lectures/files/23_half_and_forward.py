# 23: 4: missing_two one_sided
# 书里的 squared_loss 带 1/2；数值微分照 2.4 节的 numerical_lim，用单侧差分
import torch
import numpy as np
import matplotlib.pyplot as plt


def numerical_lim(f, x, h):
    return (f(x + h) - f(x)) / h


def grad_inner(x):
    return 2 * (x + x)


def jacobian_layer(W, x):
    m, n = W.shape
    h = torch.tanh(W @ x)
    J = torch.zeros(m, n, dtype=W.dtype)
    for i in range(m):
        for j in range(n):
            J[i, j] = (1 - h[i] ** 2) * W[i, j]
    return J


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def grad_least_squares(X, y, w):
    return X.T @ (X @ w - y) / len(y)


def numerical_jacobian(f, x, eps=1e-6):
    J = []
    for j in range(len(x)):
        e = torch.zeros_like(x)
        e[j] = 1.0
        J.append(numerical_lim(lambda t: f(x + t * e), 0, eps).reshape(-1))
    return torch.stack(J).T


t = np.arange(0, 3, 0.1)
plt.plot(t, 3 * t ** 2 - 4 * t)
plt.show()
