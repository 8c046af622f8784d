# The perceptron in NumPy, as most texts have it; the network with nn.functional.linear.
import numpy as np
import torch
import torch.nn.functional as F


def perceptron(X, y, max_epochs):
    data, target = X.numpy(), y.numpy()
    w, b = np.zeros(data.shape[1], dtype=data.dtype), 0.0
    mistakes = []
    for _ in range(max_epochs):
        count = 0
        for xi, yi in zip(data, target):
            if yi * (np.dot(w, xi) + b) <= 0:
                w = w + yi * xi
                b = b + float(yi)
                count += 1
        mistakes.append(count)
        if count == 0:
            return torch.from_numpy(w), torch.tensor(b, dtype=X.dtype), mistakes
    return torch.from_numpy(w), torch.tensor(b, dtype=X.dtype), mistakes


def relu(X):
    return torch.where(X > 0, X, torch.zeros_like(X))


def mlp(X, W1, b1, W2, b2):
    hidden = relu(F.linear(torch.flatten(X, 1), W1.t(), b1))
    return F.linear(hidden, W2.t(), b2)


def xor_weights():
    return (
        torch.tensor([[1.0, 1.0], [1.0, 1.0]]),
        torch.tensor([-0.5, -1.0]),
        torch.tensor([[2.0], [-4.0]]),
        torch.tensor([-0.1]),
    )
