# The checkpoint is made in memory and only then written; the random state travels as a list of numbers.
import io
from pathlib import Path

import torch


def train_epoch(model, loader, criterion, optimizer):
    losses, sizes = [], []
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(x))
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)


def snapshot(model):
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    buffer.seek(0)
    return torch.load(buffer)


def save_checkpoint(path, model, optimizer, epoch):
    buffer = io.BytesIO()
    parts = [model.state_dict(), optimizer.state_dict(), epoch, torch.get_rng_state().tolist()]
    torch.save(parts, buffer)
    new = Path(path).with_suffix(".new")
    new.write_bytes(buffer.getvalue())
    new.replace(path)


def load_checkpoint(path, model, optimizer):
    weights, optimizing, epoch, random = torch.load(Path(path), weights_only=True, map_location={"cuda:0": "cpu"})
    torch.set_rng_state(torch.tensor(random, dtype=torch.uint8))
    optimizer.load_state_dict(optimizing)
    model.load_state_dict(weights, strict=True)
    return int(epoch)


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    epoch = load_checkpoint(path, model, optimizer) if Path(path).exists() else 0
    losses = []
    while epoch < epochs:
        epoch += 1
        losses += [train_epoch(model.train(), loader, criterion, optimizer)]
        save_checkpoint(path, model, optimizer, epoch)
        if writer is not None:
            writer.add_scalar(tag="train/loss", scalar_value=losses[-1], global_step=epoch)
    return losses
