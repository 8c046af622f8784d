"""Exercise 15: going on after a break.  See README.md for the picture; check with `dlex check 15`."""

import copy
import os
from collections.abc import Callable
from typing import Protocol

import torch
from torch import nn
from torch.utils.data import DataLoader


class Writer(Protocol):
    """Whatever can log a number: torch.utils.tensorboard.SummaryWriter, or anything with this method."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        """Note the value of the curve `tag` at one step."""


def train_epoch(
    model: nn.Module,
    loader: DataLoader,
    criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    optimizer: torch.optim.Optimizer,
) -> float:
    """One epoch of training, as in exercise 07; it is given.

    Returns: float, the mean loss over all samples, each batch's loss taken before its step.
    """
    total, count = 0.0, 0
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        count += len(x)
    return total / count


def snapshot(model: nn.Module) -> dict[str, torch.Tensor]:
    """A copy in memory of all that the model has learned, such as the best model so far.

    Arguments: model, any module.
    Returns: a dict from name to tensor, with the names, shapes and dtypes of model.state_dict(), parameters and
    buffers.  Training the model further does not change it; model.load_state_dict takes it.
    """
    return copy.deepcopy(model.state_dict())


def save_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer, epoch: int) -> None:
    """Write into one file all that is needed to go on later as if there had been no break.

    That is the state of the model (parameters and buffers), the state of the optimizer, the epoch, and the state of
    torch's random numbers (of the CPU; the README says what a GPU adds).  The form of the file is yours, but
    torch.load(path, weights_only=True) must be able to read it: nothing but tensors, numbers, strings, and lists and
    dicts of these.

    Arguments: path, the file, in a folder that exists; epoch, an int >= 0, how many epochs are done.
    Returns: None.  The model, the optimizer and the random numbers go on unchanged.
    If there is a checkpoint at `path` already, it is replaced.  If saving fails halfway, whatever the reason, the
    exception goes on to the caller and the old checkpoint still loads.
    """
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".new")
    os.replace(path + ".new", path)  # in one step: there is never half a checkpoint at `path`


def load_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Bring the model, the optimizer and torch's random numbers back to where save_checkpoint saw them.

    Arguments: path, a file of save_checkpoint; model and optimizer, built like those that were saved, with whatever
    values; both are changed in place.
    Returns: int, the epoch that was handed to save_checkpoint.
    The file may come from a GPU: its tensors are loaded to the CPU (map_location="cpu"), from where
    load_state_dict brings them to wherever the model is.
    A file whose names or shapes do not fit the model raises RuntimeError.
    Forbidden: torch.load with weights_only=False, which runs whatever code a file brings along.
    """
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]


def train(
    model: nn.Module,
    loader: DataLoader,
    criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    epochs: int,
    path: str,
    writer: Writer | None = None,
) -> list[float]:
    """Train up to `epochs` epochs in all, going on from the checkpoint at `path` if there is one.

    Each epoch is one call of train_epoch with the model in training mode, whatever mode it came in; then its loss is
    logged and a checkpoint is saved at `path`.  The epochs are numbered 1, 2, ..., epochs.

    Arguments: loader, shuffles with torch's global random numbers, as DataLoader(..., shuffle=True) does (the seed
    is the caller's business, so set none here); epochs, counts those done before the break too; path, need not exist
    yet; writer, if there is one, gets writer.add_scalar("loss", loss, epoch) once for each epoch that is trained,
    with any tag you like.
    Returns: the losses of the epochs that this call trained, a list of float; empty if all were done already.
    The losses before and after a break, one after the other, are exactly those of a run without a break, also if
    the break came in the middle of an epoch: that epoch begins anew.
    """
    done = load_checkpoint(path, model, optimizer) if os.path.exists(path) else 0
    losses = []
    model.train()
    for epoch in range(done + 1, epochs + 1):
        losses.append(train_epoch(model, loader, criterion, optimizer))
        if writer is not None:
            writer.add_scalar("loss", losses[-1], epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses
