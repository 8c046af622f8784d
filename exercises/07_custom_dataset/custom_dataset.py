"""Exercise 07: a dataset of your own.  See README.md for the picture; check with `dlex check 07`."""

from collections.abc import Callable

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class DiabetesDataset(Dataset):
    """The rows of a file of numbers, as pairs of features and label.

    The file has one row per line, at least two, and nine numbers per row, with commas between them and no header;
    the last number is the label.  The constructor reads the file, and nothing reads it again, however often samples
    are asked for.

    Arguments: filepath, where the file lies.
    len(dataset): int, the number of rows N, whatever file it is.
    dataset[i] for 0 <= i < N: the pair (x, y) of row i, x float32 (8,) and y float32 (1,), as tensors (NumPy
    arrays will do).
    dataset[N]: raises IndexError, so that `for x, y in dataset` ends.
    """

    def __init__(self, filepath: str) -> None:
        raise NotImplementedError  # TODO: read the file; keep features and labels

    def __len__(self) -> int:
        raise NotImplementedError  # TODO: say how many rows there are

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        raise NotImplementedError  # TODO: return one row


def make_loader(dataset: Dataset, batch_size: int, shuffle: bool = True, num_workers: int = 0) -> DataLoader:
    """A loader of mini-batches.

    Arguments: dataset, any Dataset of pairs; batch_size, how many samples a batch has; shuffle, whether each pass
    takes the samples in a new random order (else in the order of the dataset); num_workers, how many processes
    fetch the samples (0: none but this one).
    Returns: a torch.utils.data.DataLoader.  One pass gives each sample exactly once; where batch_size does not
    divide their number, the last batch is smaller.
    """
    raise NotImplementedError  # TODO: make the DataLoader


def iterations_per_epoch(n: int, batch_size: int, drop_last: bool = False) -> int:
    """How many batches one epoch has.

    Arguments: n >= 0, the number of samples; batch_size >= 1; drop_last, whether a last batch that is not full is
    left out.
    Returns: int, what len() of such a DataLoader would be.
    """
    raise NotImplementedError  # TODO: divide, and round the right way


def train_epoch(
    model: nn.Module,
    loader: DataLoader,
    criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    optimizer: torch.optim.Optimizer,
) -> float:
    """One epoch: one step of the optimizer for each batch of the loader.

    Arguments: model, from x to a prediction of y's shape; loader, gives at least one batch (x, y); criterion, takes
    prediction and y to their mean loss over the batch; optimizer, holds the parameters of the model.
    Returns: float, the mean loss over all samples that the loader gave, each batch's loss taken before its step.
    The batches need not be of one size: each sample counts the same.
    """
    raise NotImplementedError  # TODO: the four steps for each batch, and the mean
