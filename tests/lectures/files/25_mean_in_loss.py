# 25: 7: not_per_sample divided_twice
# Written after a first course with nn.MSELoss: the loss is a mean, and sgd divides all the same.
import numpy as np
import torch

np.random.seed(1)
TRUE_W, TRUE_B = torch.tensor([1.5, -2.0, 0.5]), 3.0


def synthetic_data(w, b, num_examples):
    X = torch.randn(num_examples, w.shape[0])
    y = X.mv(w) + b + 0.01 * torch.randn(num_examples)
    return X, y.unsqueeze(1)


def data_iter(batch_size, features, labels):
    perm = np.random.permutation(len(labels))
    start = 0
    while start < len(perm):
        idx = torch.as_tensor(perm[start:start + batch_size])
        yield features.index_select(0, idx), labels.index_select(0, idx)
        start += batch_size


def linreg(X, w, b):
    return X.matmul(w) + b


def squared_loss(y_hat, y):
    return 0.5 * torch.mean((y_hat - y.view(y_hat.size())) ** 2)


def sgd(params, lr, batch_size):
    for p in params:
        p.data -= lr * p.grad / batch_size
        p.grad.zero_()


def main():
    X, y = synthetic_data(TRUE_W, TRUE_B, 500)
    w, b = torch.zeros(3, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    history = []
    for epoch in range(20):
        for xb, yb in data_iter(25, X, y):
            squared_loss(linreg(xb, w, b), yb).backward()
            sgd([w, b], 0.5, len(xb))
        history.append(squared_loss(linreg(X, w, b), y).item())
    print(history, w, b)


if __name__ == "__main__":
    main()
