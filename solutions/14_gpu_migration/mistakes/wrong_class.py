# The smallest logit counts as the answer.
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader


def pick_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def move_batch(batch: Any, device: torch.device) -> Any:
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(item, device) for item in batch)
    if isinstance(batch, dict):
        return {key: move_batch(item, device) for key, item in batch.items()}
    return batch


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


class Net(nn.Module):
    def __init__(self, input_size: int = 4, hidden_size: int = 6, classes: int = 3) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size)
        self.linear = nn.Linear(hidden_size, classes)

    def init_hidden(self, x: torch.Tensor) -> torch.Tensor:
        return x.new_zeros(len(x), self.hidden_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.init_hidden(x)
        for step in x.unbind(dim=1):
            hidden = self.cell(step, hidden)
        return self.linear(hidden)


def train(
    model: nn.Module,
    loader: DataLoader,
    criterion: nn.Module,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> float:
    model.to(device).train()
    total, samples = 0.0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        loss = criterion(model(inputs), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(target)
        samples += len(target)
    return total / samples


def test(model: nn.Module, loader: DataLoader, device: torch.device) -> float:
    model.to(device).eval()
    correct, samples = 0, 0
    with torch.no_grad():
        for batch in loader:
            inputs, target = move_batch(batch, device)
            correct += (model(inputs).argmin(dim=1) == target).sum().item()
            samples += len(target)
    return correct / samples
