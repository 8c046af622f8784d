"""Plain functions, each of one thought, without type hints: what mistakes.py starts from."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


def table_of(filepath):
    return np.loadtxt(filepath, delimiter=",", dtype=np.float32)


class DiabetesDataset(Dataset):
    def __init__(self, filepath):
        xy = torch.from_numpy(table_of(filepath))
        self.x_data, self.y_data = xy[:, :-1], xy[:, [-1]]

    def __getitem__(self, index):
        return self.x_data[index], self.y_data[index]

    def __len__(self):
        return self.x_data.shape[0]


def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=batch_size, shuffle=shuffle, num_workers=num_workers)


def iterations_per_epoch(n, batch_size, drop_last=False):
    if drop_last:
        return n // batch_size
    return (n + batch_size - 1) // batch_size


def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer) * len(x)
        count += len(x)
    return loss_sum / count
