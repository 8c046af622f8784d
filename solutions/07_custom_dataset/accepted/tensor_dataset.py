# The dataset is a TensorDataset that fills itself; torch counts the iterations; the epoch collects one loss per sample.
from pathlib import Path

import torch
from torch.utils.data import DataLoader, TensorDataset


class DiabetesDataset(TensorDataset):
    def __init__(self, filepath):
        lines = Path(filepath).read_text().split()
        table = torch.tensor([list(map(float, line.split(","))) for line in lines])
        features, labels = table.split([8, 1], dim=1)
        super().__init__(features, labels)


def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    options = {"batch_size": batch_size, "shuffle": shuffle, "num_workers": num_workers}
    return DataLoader(dataset, **options)


def iterations_per_epoch(n, batch_size, drop_last=False):
    return len(DataLoader(range(n), batch_size=batch_size, drop_last=drop_last))


def train_epoch(model, loader, criterion, optimizer):
    per_sample = []
    for x, y in loader:
        model.zero_grad()
        loss = criterion(model.forward(x), y)
        loss.backward()
        optimizer.step()
        per_sample += [loss.item()] * len(x)
    return sum(per_sample) / len(per_sample)
