"""Exercise 12: hello says ohlol.  See README.md for the picture; check with `dlex check 12`."""

import torch
from torch import nn

idx2char = ["e", "h", "l", "o"]  # the course's dictionary: "h" has index 1

# The sizes of EmbeddingModel; the checks count on them.
input_size = 4
embedding_size = 10
hidden_size = 8
num_layers = 2
num_class = 4


def encode(text: str) -> list[int]:
    """Turn characters into their indices in `idx2char`.

    Arguments: text, any string over the letters of `idx2char`; it may be empty and need not use every letter.
    Returns: one index for each character, a list of int (an int64 tensor (len(text),) will do):
        "hole" -> [1, 3, 2, 0].
    A character that is not in the dictionary raises ValueError or KeyError.
    """
    return [idx2char.index(character) for character in text]


def rnn_cell_step(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """One step of a recurrent cell by hand; equals nn.RNNCell, with tanh, holding the same weights.

    Arguments, all float32 or all float64: x (batch, input_size); h (batch, hidden_size), the hidden state
        so far; w_ih (hidden_size, input_size); w_hh (hidden_size, hidden_size); b_ih and b_hh (hidden_size,).
    Returns: the next hidden state (batch, hidden_size), of the same dtype, differentiable in all six.
    Forbidden: nn.RNNCell, nn.RNN, torch.rnn_tanh_cell and the like.
    """
    # Weights are stored as (out, in), so a row of x meets their transpose.
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)  # (batch, hidden_size)


class RNNCellModel(nn.Module):
    """One nn.RNNCell, called once for each character; its hidden state is also its output (the logits).

    Arguments: input_size, hidden_size (here the number of classes too), batch_size.
    Forward: input float32 (batch, input_size), hidden float32 (batch, hidden_size)
        -> the next hidden state float32 (batch, hidden_size).  No softmax.
    """

    def __init__(self, input_size: int, hidden_size: int, batch_size: int) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.hidden_size = hidden_size
        self.rnncell = nn.RNNCell(input_size, hidden_size)

    def forward(self, input: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        return self.rnncell(input, hidden)

    def init_hidden(self) -> torch.Tensor:
        """The hidden state before the first character: zeros, float32 (batch_size, hidden_size)."""
        return torch.zeros(self.batch_size, self.hidden_size, device=self.rnncell.weight_hh.device)


class RNNModel(nn.Module):
    """One nn.RNN over the whole sequence; every call makes its own initial hidden state of zeros.

    Arguments: input_size, hidden_size (here the number of classes too), batch_size, num_layers.
    Forward: input float32 (seq, batch, input_size), time first -> float32 (seq * batch, hidden_size), the
        hidden states of the last layer; row t * batch + n belongs to character t of sample n.  No softmax.
    """

    def __init__(self, input_size: int, hidden_size: int, batch_size: int, num_layers: int = 1) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.rnn = nn.RNN(input_size, hidden_size, num_layers)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size, device=input.device)
        out, _ = self.rnn(input, hidden)  # (seq, batch, hidden_size)
        return out.reshape(-1, self.hidden_size)


class EmbeddingModel(nn.Module):
    """nn.Embedding, nn.RNN of num_layers layers, nn.Linear; the sizes are the names at the top of the file.

    Every call starts from a hidden state of zeros, for whatever batch size it is given.

    Forward: x int64 (batch, seq), indices, batch first -> logits float32 (batch * seq, num_class);
        row n * seq + t belongs to character t of sample n.  No softmax.
    """

    def __init__(self) -> None:
        super().__init__()
        self.emb = nn.Embedding(input_size, embedding_size)
        self.rnn = nn.RNN(embedding_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_class)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.zeros(num_layers, x.shape[0], hidden_size, device=x.device)  # h0 is never batch first
        out, _ = self.rnn(self.emb(x), hidden)  # (batch, seq, hidden_size)
        return self.fc(out).reshape(-1, num_class)


def train(
    model: RNNCellModel, inputs: torch.Tensor, labels: torch.Tensor, epochs: int = 15, lr: float = 0.1
) -> list[float]:
    """Train `model` in place, character by character, with torch.optim.Adam and nn.CrossEntropyLoss.

    Each epoch starts from model.init_hidden(), carries the hidden state through the characters, adds up the
    losses of the characters (a sum over time; each of them the mean over the batch, as nn.CrossEntropyLoss
    has it), and ends with one backward pass and one step of the optimizer.

    Arguments: inputs float32 (seq, batch, input_size), one-hot; labels int64 (seq, batch); epochs, how often
        the whole sequence is seen; lr, the learning rate.
    Returns: the loss of each epoch, before its step: a list of `epochs` numbers.
    """
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        hidden = model.init_hidden()  # new in each epoch, so that its graph is this epoch's
        loss = torch.zeros(())
        for character, label in zip(inputs, labels, strict=True):
            hidden = model(character, hidden)
            loss = loss + criterion(hidden, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
