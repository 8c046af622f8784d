# 28: 8: no_bend
# NumPy for the perceptron, F.linear for the layers; and an XOR that was "designed" without looking at relu.
import numpy as np
import torch
import torch.nn.functional as F


def perceptron(X, y, max_epochs, eta=0.5):
    data = np.c_[X.numpy(), np.ones(len(X), dtype=X.numpy().dtype)]
    target = y.numpy()
    weights = np.zeros(data.shape[1], dtype=data.dtype)
    history = []
    for epoch in range(max_epochs):
        wrong = 0
        for row, label in zip(data, target):
            if np.sign(row @ weights) != label:
                weights += eta * label * row
                wrong += 1
        history.append(wrong)
        if wrong == 0:
            break
    weights = torch.from_numpy(weights)
    return weights[:-1], weights[-1], history


def relu(X):
    return (X + X.abs()) / 2


def mlp(X, W1, b1, W2, b2):
    X = X.flatten(1)
    hidden = relu(F.linear(X, W1.T, b1))
    out = F.linear(hidden, W2.T, b2)
    return out


def xor_weights():
    W1 = torch.eye(2)
    b1 = torch.tensor([0.5, 0.5])
    W2 = torch.tensor([[1.0], [-1.0]])
    b2 = torch.tensor([0.0])
    return W1, b1, W2, b2


if __name__ == "__main__":
    X = torch.tensor([[2.0, 1.0], [1.0, 2.0], [0.0, 1.0]])
    print(perceptron(X, torch.tensor([1.0, -1.0, -1.0]), 10))
