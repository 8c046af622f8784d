"""Whole-matrix formulas: the net does without the layers, the gradient is zeroed before instead of after."""

import numpy as np
import torch


def quadratic_gradients(x, y, w1, w2, b):
    powers = np.array([x * x, x, 1.0])
    return 2 * (powers @ np.array([w1, w2, b]) - y) * powers


class Linear:
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias
        self.weight_grad, self.bias_grad = 0, 0

    def forward(self, x):
        self.saved = x
        return torch.addmm(self.bias, x, self.weight.mT)

    def backward(self, dy):
        self.weight_grad = self.weight_grad + torch.einsum("no,ni->oi", dy, self.saved)
        self.bias_grad = self.bias_grad + torch.einsum("no->o", dy)
        return torch.einsum("no,oi->ni", dy, self.weight)


class ReLU:
    def forward(self, x):
        self.y = torch.maximum(x, torch.zeros_like(x))
        return self.y

    def backward(self, dy):
        return torch.where(self.y > 0, dy, 0.0)


class MSE:
    def forward(self, pred, target):
        self.scaled = (pred - target) * (2 / pred.numel())
        return torch.dot((pred - target).flatten(), (pred - target).flatten()) / pred.numel()

    def backward(self):
        return self.scaled


class TwoLayerNet:
    def __init__(self, w1, b1, w2, b2):
        self.params = w1, b1, w2, b2

    def forward(self, x, y):
        w1, b1, w2, b2 = self.params
        z = x @ w1.T + b1
        h = z * (z > 0)
        error = h @ w2.T + b2 - y
        self.cache = x, z, h, error
        return error.square().mean()

    def backward(self):
        w1, _, w2, _ = self.params
        x, z, h, error = self.cache
        g = {"pred": 2 * error / error.nelement()}
        g |= {"w2": g["pred"].T @ h, "b2": g["pred"].sum(0), "h": g["pred"] @ w2}
        g["z"] = g["h"] * (z > 0).to(z.dtype)
        g |= {"w1": g["z"].T @ x, "b1": g["z"].sum(0), "x": g["z"] @ w1, "loss": torch.ones(())}
        return g


def shared_node_gradients(x, w):
    # loss = w**2 * (x**2 + x), u = w * x, v = u + w
    u = torch.tensor(w * x, dtype=torch.float64)
    dw = 2 * w * (x**2 + x)
    return torch.stack([u, 2 * u + w, torch.tensor(dw, dtype=torch.float64)])


def train_step(x, y, w, lr):
    if w.grad is not None:
        w.grad.zero_()
    residual = w.mul(x).sub(y)
    error = residual.pow(2).sum()
    error.backward()
    with torch.no_grad():
        w.sub_(w.grad, alpha=lr)
    return float(error)
