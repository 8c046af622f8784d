"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import copy
import os

import torch


def train_epoch(model, loader, criterion, optimizer):
    total, count = 0.0, 0
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        count += len(x)
    return total / count


def snapshot(model):
    return copy.deepcopy(model.state_dict())


def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses
