"""Exercise 13: which country is a name from?  See README.md for the picture; check with `dlex check 13`."""

from collections.abc import Iterable

import torch
from torch import nn

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # what make_tensors returns


def make_tensors(names: list[str], countries: torch.Tensor) -> Batch:
    """Turn a batch of names into tensors, the longest name first.

    Arguments: names, N strings of at least one character each, in any order, a list or tuple;
        countries int64 (N,), the class of each name.
    Returns: (seq_tensor, seq_lengths, countries), all int64, on the CPU:
        seq_tensor (N, T), the ASCII codes of each name, then zeros; T is the length of the longest name;
        seq_lengths (N,), the lengths, descending; names of equal length may come in either order;
        countries (N,), in the order of the rows of seq_tensor.
    A name with a character outside ASCII (code 128 or more) raises ValueError: the model has no row for it.
    """
    codes = [torch.tensor(list(name.encode("ascii"))) for name in names]  # raises UnicodeEncodeError, a ValueError
    seq_lengths, order = torch.tensor([len(name) for name in names]).sort(descending=True)
    return nn.utils.rnn.pad_sequence(codes, batch_first=True)[order], seq_lengths, countries[order]


class RNNClassifier(nn.Module):
    """nn.Embedding, nn.GRU over packed names, nn.Linear on the last layer's final hidden states.

    The embedding has width hidden_size.  A bidirectional GRU has two final hidden states, one for each direction;
    they are concatenated in either order, and nn.Linear reads 2 * hidden_size numbers.  Attribute names are yours.

    Arguments: input_size, the number of codes; hidden_size; output_size, the number of countries; n_layers of
        the GRU; bidirectional.
    Forward: input int64 (batch, seq) and seq_lengths int64 (batch,), descending, as make_tensors gives them
        -> logits float32 (batch, output_size).  No softmax.  The GRU starts from zeros, and padding has no effect.
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, n_layers: int = 1, bidirectional: bool = True
    ) -> None:
        super().__init__()
        self.n_directions = 2 if bidirectional else 1
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size, n_layers, bidirectional=bidirectional)
        self.fc = nn.Linear(self.n_directions * hidden_size, output_size)

    def forward(self, input: torch.Tensor, seq_lengths: torch.Tensor) -> torch.Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(input), seq_lengths.cpu(), batch_first=True)
        _, hidden = self.gru(packed)  # (n_layers * n_directions, batch, hidden_size), the last layer at the end
        return self.fc(torch.cat([*hidden[-self.n_directions :]], dim=1))


def train(model: nn.Module, batches: Iterable[Batch], epochs: int = 1, lr: float = 0.001) -> list[float]:
    """Train `model` in place with one torch.optim.Adam and nn.CrossEntropyLoss, one step for each batch.

    Arguments: model, called as model(seq_tensor, seq_lengths); batches, a list of what make_tensors gives, of
        different sizes, in the order in which each epoch takes them; epochs; lr, the learning rate.
    Returns: the loss of each epoch, a list of `epochs` numbers: the mean over all names of the loss that each
        had before the step of its batch.
    """
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total, count = 0.0, 0
        for inputs, seq_lengths, target in batches:
            loss = criterion(model(inputs, seq_lengths), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += len(target) * loss.item()  # the criterion took the mean over this batch
            count += len(target)
        losses.append(total / count)
    return losses


def evaluate(model: nn.Module, batches: Iterable[Batch]) -> float:
    """The accuracy of `model`: the share, from 0 to 1, of all names whose largest logit is that of their country.

    Arguments as in train.  The model is not changed, and no gradients are needed.
    Returns: one number.
    """
    correct = count = 0
    with torch.no_grad():
        for inputs, seq_lengths, target in batches:
            predicted = model(inputs, seq_lengths).argmax(dim=1)
            correct += (predicted == target).sum().item()
            count += len(target)
    return correct / count
