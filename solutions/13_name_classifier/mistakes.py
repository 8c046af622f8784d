"""What learners get wrong in exercise 13: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 13 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% axes_swapped: time comes first in nn.GRU, but the batch does in the input.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        batch_size = input.size(0)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[-1], hidden[-2]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return self.fc(hidden_cat)

# %% graph_cut: .data cuts the GRU off.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[-1], hidden[-2]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return self.fc(hidden_cat.data)

# %% last_direction_twice: the backward direction twice, as in notes that many have copied.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[-1], hidden[-1]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return self.fc(hidden_cat)

# %% last_output: the output at the last letter, where the backward direction has only begun.
from torch.nn.utils.rnn import pad_packed_sequence

class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        output, _ = pad_packed_sequence(output)
        return self.fc(output[-1])

# %% layers_ignored: n_layers is not handed on.
class RNNClassifier(...):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super(RNNClassifier, self).__init__()
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.n_directions = 2 if bidirectional else 1
        self.embedding = torch.nn.Embedding(input_size, hidden_size)
        self.gru = torch.nn.GRU(hidden_size, hidden_size, bidirectional=bidirectional)
        self.fc = torch.nn.Linear(hidden_size * self.n_directions, output_size)

    def _init_hidden(self, batch_size, device):
        return torch.zeros(self.n_directions, batch_size, self.hidden_size).to(device)

# %% loss_not_weighted: the batches' means are added up, as in the lecture.
def train(model, batches, epochs=1, lr=0.001):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        total_loss = 0
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            loss = criterion(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.item()
        losses.append(total_loss)
    return losses

# %% missing_step: optimizer.step is missing.
def train(model, batches, epochs=1, lr=0.001):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        total_loss = 0
        total = 0
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            loss = criterion(output, target)
            optimizer.zero_grad()
            loss.backward()
            total_loss += loss.item() * target.size(0)
            total += target.size(0)
        losses.append(total_loss / total)
    return losses

# %% missing_zero_grad: the gradients are never cleared.
def train(model, batches, epochs=1, lr=0.001):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        total_loss = 0
        total = 0
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            loss = criterion(output, target)
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * target.size(0)
            total += target.size(0)
        losses.append(total_loss / total)
    return losses

# %% non_ascii_kept: a letter outside ASCII is let through, as in the lecture.
def name2list(name):
    arr = [ord(c) for c in name]
    return arr, len(arr)

# %% not_int64: torch.Tensor and torch.zeros make float32.
def make_tensors(names, countries):
    sequences_and_lengths = [name2list(name) for name in names]
    name_sequences = [sl[0] for sl in sequences_and_lengths]
    seq_lengths = torch.LongTensor([sl[1] for sl in sequences_and_lengths])
    countries = countries.long()
    # 每个名字一行，不够长的补零
    seq_tensor = torch.zeros(len(name_sequences), int(seq_lengths.max()))
    for idx, (seq, seq_len) in enumerate(zip(name_sequences, seq_lengths), 0):
        seq_tensor[idx, :seq_len] = torch.Tensor(seq)
    # 按长度从长到短排序
    seq_lengths, perm_idx = seq_lengths.sort(dim=0, descending=True)
    seq_tensor = seq_tensor[perm_idx]
    countries = countries[perm_idx]
    return seq_tensor, seq_lengths, countries

# %% not_sorted: the sorting is left out.
def make_tensors(names, countries):
    sequences_and_lengths = [name2list(name) for name in names]
    name_sequences = [sl[0] for sl in sequences_and_lengths]
    seq_lengths = torch.LongTensor([sl[1] for sl in sequences_and_lengths])
    countries = countries.long()
    # 每个名字一行，不够长的补零
    seq_tensor = torch.zeros(len(name_sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(name_sequences, seq_lengths), 0):
        seq_tensor[idx, :seq_len] = torch.LongTensor(seq)
    return seq_tensor, seq_lengths, countries


class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu(), enforce_sorted=False)
        output, hidden = self.gru(gru_input, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[-1], hidden[-2]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return self.fc(hidden_cat)

# %% one_batch_only: return stands inside the loop over the batches.
def evaluate(model, batches):
    correct = 0
    total = 0
    with torch.no_grad():
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            pred = output.max(dim=1, keepdim=True)[1]
            correct += pred.eq(target.view_as(pred)).sum().item()
            total += target.size(0)
            return correct / total

# %% one_direction: the linear layer reads the last direction only.
class RNNClassifier(...):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super(RNNClassifier, self).__init__()
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.n_directions = 2 if bidirectional else 1
        self.embedding = torch.nn.Embedding(input_size, hidden_size)
        self.gru = torch.nn.GRU(hidden_size, hidden_size, n_layers, bidirectional=bidirectional)
        self.fc = torch.nn.Linear(hidden_size, output_size)

    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        hidden_cat = hidden[-1]
        return self.fc(hidden_cat)

# %% padded_on_left: the zeros stand in front of the name.
def make_tensors(names, countries):
    sequences_and_lengths = [name2list(name) for name in names]
    name_sequences = [sl[0] for sl in sequences_and_lengths]
    seq_lengths = torch.LongTensor([sl[1] for sl in sequences_and_lengths])
    countries = countries.long()
    # 每个名字一行，不够长的补零
    seq_tensor = torch.zeros(len(name_sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(name_sequences, seq_lengths), 0):
        seq_tensor[idx, -seq_len:] = torch.LongTensor(seq)
    # 按长度从长到短排序
    seq_lengths, perm_idx = seq_lengths.sort(dim=0, descending=True)
    seq_tensor = seq_tensor[perm_idx]
    countries = countries[perm_idx]
    return seq_tensor, seq_lengths, countries

# %% padding_not_zero: the padding is 1.
def make_tensors(names, countries):
    sequences_and_lengths = [name2list(name) for name in names]
    name_sequences = [sl[0] for sl in sequences_and_lengths]
    seq_lengths = torch.LongTensor([sl[1] for sl in sequences_and_lengths])
    countries = countries.long()
    # 每个名字一行，不够长的补零
    seq_tensor = torch.ones(len(name_sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(name_sequences, seq_lengths), 0):
        seq_tensor[idx, :seq_len] = torch.LongTensor(seq)
    # 按长度从长到短排序
    seq_lengths, perm_idx = seq_lengths.sort(dim=0, descending=True)
    seq_tensor = seq_tensor[perm_idx]
    countries = countries[perm_idx]
    return seq_tensor, seq_lengths, countries

# %% padding_read: the lengths are not used.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        output, hidden = self.gru(embedding, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[-1], hidden[-2]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return self.fc(hidden_cat)

# %% percent: the accuracy in per cent.
def evaluate(model, batches):
    correct = 0
    total = 0
    with torch.no_grad():
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            pred = output.max(dim=1, keepdim=True)[1]
            correct += pred.eq(target.view_as(pred)).sum().item()
            total += target.size(0)
    return 100 * correct / total

# %% permuted_apart: the countries stay where they were.
def make_tensors(names, countries):
    sequences_and_lengths = [name2list(name) for name in names]
    name_sequences = [sl[0] for sl in sequences_and_lengths]
    seq_lengths = torch.LongTensor([sl[1] for sl in sequences_and_lengths])
    countries = countries.long()
    # 每个名字一行，不够长的补零
    seq_tensor = torch.zeros(len(name_sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(name_sequences, seq_lengths), 0):
        seq_tensor[idx, :seq_len] = torch.LongTensor(seq)
    # 按长度从长到短排序
    seq_lengths, perm_idx = seq_lengths.sort(dim=0, descending=True)
    seq_tensor = seq_tensor[perm_idx]
    return seq_tensor, seq_lengths, countries

# %% random_start: the hidden state starts from random numbers.
class RNNClassifier(...):
    def _init_hidden(self, batch_size, device):
        return torch.randn(self.n_layers * self.n_directions, batch_size, self.hidden_size).to(device)

# %% share_not_weighted: the mean of the batches' shares.
def evaluate(model, batches):
    correct = 0
    total = 0
    with torch.no_grad():
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            pred = output.max(dim=1, keepdim=True)[1]
            correct += pred.eq(target.view_as(pred)).float().mean().item()
            total += 1
    return correct / total

# %% softmax_before_loss: the model ends in a softmax.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[-1], hidden[-2]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return torch.softmax(self.fc(hidden_cat), dim=1)

# %% start_shape: the number of directions is missing.
class RNNClassifier(...):
    def _init_hidden(self, batch_size, device):
        return torch.zeros(self.n_layers, batch_size, self.hidden_size).to(device)

# %% wrong_codes: the codes begin at 'a'.
def name2list(name):
    arr = [ord(c) - ord('a') + 1 for c in name]
    return arr, len(arr)

# %% wrong_layer: these are the states of the first layer.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[0], hidden[1]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return self.fc(hidden_cat)

# %% wrong_sizes: the embedding has the width of the output.
class RNNClassifier(...):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super(RNNClassifier, self).__init__()
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.n_directions = 2 if bidirectional else 1
        self.embedding = torch.nn.Embedding(input_size, output_size)
        self.gru = torch.nn.GRU(output_size, hidden_size, n_layers, bidirectional=bidirectional)
        self.fc = torch.nn.Linear(hidden_size * self.n_directions, output_size)
