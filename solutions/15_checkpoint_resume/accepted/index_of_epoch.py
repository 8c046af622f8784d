# train hands the index of the last epoch, counted from 0, to save_checkpoint, and goes on with the one after it.
import copy
import os
import shutil
import tempfile

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
    return copy.deepcopy(model).state_dict()


def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "epoch": epoch,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "rng": torch.get_rng_state(),
    }
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(path), delete=False) as file:
        torch.save(checkpoint, file)
    shutil.move(file.name, path)


def load_checkpoint(path, model, optimizer):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    checkpoint = torch.load(path, map_location=device)
    torch.set_rng_state(checkpoint["rng"].cpu())
    model.load_state_dict(checkpoint["model_state_dict"])
    optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
    return checkpoint["epoch"]


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    first = load_checkpoint(path, model, optimizer) + 1 if os.path.exists(path) else 0
    losses = []
    for epoch in range(first, epochs):
        model.train()
        losses.append(train_epoch(model, loader, criterion, optimizer))
        save_checkpoint(path, model, optimizer, epoch)
        if writer is not None:
            writer.add_scalar("loss", losses[-1], epoch + 1)
    return losses
