# The old checkpoint steps aside and comes back if the new one fails; one flat dict, parts told apart by their names.
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
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


def save_checkpoint(path, model, optimizer, epoch):
    flat = {f"model.{name}": value for name, value in model.state_dict().items()}
    flat.update(optimizer=optimizer.state_dict(), epoch=torch.tensor(epoch), rng=torch.default_generator.get_state())
    if os.path.exists(path):
        os.replace(path, path + ".old")
    try:
        torch.save(flat, path)
    except BaseException:
        if os.path.exists(path + ".old"):
            os.replace(path + ".old", path)
        raise


def load_checkpoint(path, model, optimizer):
    flat = torch.load(path, map_location=lambda storage, location: storage, weights_only=True)
    own = {name.removeprefix("model."): value for name, value in flat.items() if name.startswith("model.")}
    model.load_state_dict(own)
    optimizer.load_state_dict(flat["optimizer"])
    torch.default_generator.set_state(flat["rng"])
    return flat["epoch"].item()


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    try:
        done = load_checkpoint(path, model, optimizer)
    except FileNotFoundError:
        done = 0
    model.train()

    def one(epoch):
        loss = train_epoch(model, loader, criterion, optimizer)
        save_checkpoint(path, model, optimizer, epoch)
        if writer is not None:
            writer.add_scalar("loss", torch.tensor(loss), epoch)
        return torch.tensor(loss, dtype=torch.float64)

    return [one(epoch) for epoch in range(done + 1, epochs + 1)]
