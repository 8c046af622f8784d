# 25: 4: rebound_parameter column_meets_row labels_not_column
# 自己默写的：更新时用了等号，标签没有变成一列，损失没有 reshape
import random
import torch


def synthetic_data(w, b, num_examples):
    X = torch.normal(0., 1., size=(num_examples, len(w)))
    y = torch.mv(X, w) + b
    return X, y + torch.normal(0., 0.01, size=y.size())


def data_iter(batch_size, features, labels):
    idx = list(range(len(features)))
    random.shuffle(idx)
    return [(features[idx[i:i + batch_size]], labels[idx[i:i + batch_size]]) for i in range(0, len(idx), batch_size)]


def linreg(X, w, b):
    return torch.mm(X, w) + b


def squared_loss(y_hat, y):
    return (y_hat - y) ** 2 / 2


def sgd(params, lr, batch_size):
    for param in params:
        param = param - lr * param.grad / batch_size
        param.grad.zero_()
