# Wrong: w and b are plain tensors, not nn.Parameter.
import torch


class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.w = torch.tensor([1.0], requires_grad=True)
        self.b = torch.tensor([0.5], requires_grad=True)

    def forward(self, x):
        y_pred = x * self.w + self.b
        return y_pred


def train(model, x, y, epochs, lr):
    criterion = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def predict(model, x):
    with torch.no_grad():
        return model(x)
