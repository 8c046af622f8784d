# A lazy layer, and an optimizer that calls the four steps itself.
import torch
import torch.nn.functional as F


class LinearModel(torch.nn.Sequential):
    def __init__(self):
        super().__init__(torch.nn.LazyLinear(1))


def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(params=model.parameters(), lr=lr, foreach=False)

    def closure():
        optimizer.zero_grad(set_to_none=False)
        loss = F.mse_loss(model(x), y, reduction="none").sum()
        loss.backward()
        return loss

    return [optimizer.step(closure).item() for _ in range(epochs)]


def predict(model, x):
    previous = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    result = model(x)
    torch.set_grad_enabled(previous)
    return result
