# The sign of the score is compared with the label; weights and bias in one vector; relu by a mask; other lines for XOR.
import torch


def perceptron(X, y, max_epochs):
    rows = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    line = torch.zeros_like(rows[0])
    history = []
    while len(history) < max_epochs:
        wrong = 0
        for row, label in zip(rows, y):
            if torch.sign(row @ line) != label:
                line = line + label * row
                wrong += 1
        history.append(wrong)
        if not wrong:
            break
    return line[:-1], line[-1], history


def relu(X):
    return X * (X > 0)


def mlp(X, W1, b1, W2, b2):
    hidden = relu(torch.addmm(b1, X.view(len(X), -1), W1))
    return torch.addmm(b2, hidden, W2)


def xor_weights():
    # "At least one" minus three times "both".
    W1 = torch.tensor([[2.0, 2.0], [2.0, 2.0]])
    b1 = torch.tensor([0.0, -2.0])
    return W1, b1, torch.tensor([[1.0, -2.0]]).T, torch.tensor([-1.0])
