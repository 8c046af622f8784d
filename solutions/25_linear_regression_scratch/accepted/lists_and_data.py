# data_iter gives a list, sgd goes through .data and leaves None behind, the noise is numpy's.
import numpy as np
import torch


def synthetic_data(w, b, num_examples):
    X = torch.randn(num_examples, len(w))
    noise = torch.from_numpy(np.random.normal(scale=0.01, size=(num_examples, 1))).float()
    return X, (X * w).sum(1, keepdim=True) + b + noise


def data_iter(batch_size, features, labels):
    order = np.random.permutation(features.shape[0])
    batches = []
    while len(order):
        now, order = order[:batch_size], order[batch_size:]
        batches.append((features[now], labels[now]))
    return batches


def linreg(X, w, b):
    return torch.mm(X, w).add(b)


def squared_loss(y_hat, y):
    error = y_hat - y.view_as(y_hat)
    return 0.5 * error * error


def sgd(params, lr, batch_size):
    for p in params:
        p.data -= lr / batch_size * p.grad
        p.grad = None
