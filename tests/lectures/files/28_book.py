# 28: 9.5: size_typed
# 《动手学深度学习》4.2 多层感知机的从零开始实现，num_inputs 写死成 784；感知机照课堂的伪代码
import torch
from torch import nn

batch_size = 256
num_inputs, num_outputs, num_hiddens = 784, 10, 256

W1 = nn.Parameter(torch.randn(num_inputs, num_hiddens, requires_grad=True) * 0.01)
b1 = nn.Parameter(torch.zeros(num_hiddens, requires_grad=True))
W2 = nn.Parameter(torch.randn(num_hiddens, num_outputs, requires_grad=True) * 0.01)
b2 = nn.Parameter(torch.zeros(num_outputs, requires_grad=True))
params = [W1, b1, W2, b2]


def perceptron(X, y, max_epochs):
    # initialize w = 0 and b = 0
    w = torch.zeros(X.shape[1], dtype=X.dtype)
    b = torch.zeros(1, dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for x_i, y_i in zip(X, y):
            # if y_i [<w, x_i> + b] <= 0
            if y_i * (torch.dot(w, x_i) + b) <= 0:
                w += y_i * x_i
                b += y_i
                wrong += 1
        mistakes.append(wrong)
        print(f'epoch {epoch + 1}, mistakes {wrong}')
        if wrong == 0:  # all classified correctly
            break
    return w, b, mistakes


def relu(X):
    a = torch.zeros_like(X)
    return torch.max(X, a)


def mlp(X, W1, b1, W2, b2):
    if X.dim() == 4:
        X = X.reshape((-1, num_inputs))
    H = relu(X @ W1 + b1)
    return (H @ W2 + b2)


def net(X):
    return mlp(X, *params)


def xor_weights():
    W1 = torch.tensor([[1., 1.], [1., 1.]])
    b1 = torch.tensor([0., -1.])
    W2 = torch.tensor([[1.], [-2.]])
    b2 = torch.tensor([-0.5])
    return W1, b1, W2, b2


loss = nn.CrossEntropyLoss(reduction='none')
print(net(torch.randn(2, 1, 28, 28)).shape)
