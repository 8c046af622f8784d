# The sums stay on the device, so that the GPU need not be waited for after each batch; one .item() at the end.
import numpy as np
import torch
from torch import nn


def pick_device() -> torch.device:
    if torch.cuda.device_count() > 0:
        return torch.device("cuda", 0)
    return torch.device("cpu")


def move_batch(batch, device):
    match batch:
        case torch.Tensor():
            return batch.to(device, non_blocking=True)
        case list():
            return [move_batch(item, device) for item in batch]
        case tuple():
            return tuple(move_batch(item, device) for item in batch)
        case dict():
            return {key: move_batch(value, device) for key, value in batch.items()}
        case _:
            return batch


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.numpy(force=True)


class Net(nn.Module):
    def __init__(self, input_size: int = 4, hidden_size: int = 6, classes: int = 3) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size)
        self.linear = nn.Linear(hidden_size, classes)

    def init_hidden(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.linear.weight  # is where the model is, and so is x
        return torch.zeros(x.shape[0], self.hidden_size, dtype=weight.dtype, device=weight.device)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.init_hidden(x)
        for step in x.unbind(dim=1):
            hidden = self.cell(step, hidden)
        return self.linear(hidden)


def train(model, loader, criterion, optimizer, device):
    model = model.train().to(device)
    total = torch.zeros((), device=device)
    samples = 0
    for inputs, target in loader:
        optimizer.zero_grad(set_to_none=False)
        target = target.to(device)
        loss = criterion(model(inputs.to(device)), target)
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * target.numel()
        samples += target.numel()
    return (total / samples).item()


@torch.no_grad()
def test(model, loader, device):
    model.eval()
    model.to(device=device)
    hits = torch.zeros(1, dtype=torch.int64, device=device)
    for inputs, target in loader:
        hits += torch.eq(model(inputs.to(device)).softmax(dim=1).argmax(1), target.to(device)).sum()
    return float(hits) / len(loader.dataset)
