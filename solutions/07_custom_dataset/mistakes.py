"""What learners get wrong in exercise 07: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 07 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% always_one_more: One more batch, also when nothing remains.
def iterations_per_epoch(n, batch_size, drop_last=False):
    if drop_last:
        return n // batch_size
    return n // batch_size + 1

# %% always_shuffles: shuffle=True whatever was asked.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=batch_size, shuffle=True, num_workers=num_workers)

# %% batch_size_ignored: The batch size of the lecture instead of the one asked for.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=32, shuffle=shuffle, num_workers=num_workers)

# %% batch_size_ignored__forgotten: Without batch_size a DataLoader gives one sample at a time.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, shuffle=shuffle, num_workers=num_workers)

# %% batches_summed: The sum over the batches.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum = 0.0
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer)
    return loss_sum

# %% columns_as_length: shape[1] is the number of columns.
class DiabetesDataset(...):
    def __len__(self):
        return self.x_data.shape[1] + self.y_data.shape[1]

# %% columns_as_length__len_of_sample: len() of one sample instead of the table.
class DiabetesDataset(...):
    def __len__(self):
        return len(self.x_data[0])

# %% count_off_by_one: The last index is one less than the number of batches.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum = 0.0
    for i, (x, y) in enumerate(loader):
        loss_sum += step(model, x, y, criterion, optimizer)
    return loss_sum / i

# %% divided_by_dataset: len(loader.dataset) also counts the samples that the loader drops.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum = 0.0
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer) * len(x)
    return loss_sum / len(loader.dataset)

# %% divided_by_last_batch: After the loop x is the last batch.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum = 0.0
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer) * len(x)
    return loss_sum / len(x)

# %% divided_twice: The batches' means are added up and divided by the number of samples.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer)
        count += len(x)
    return loss_sum / count

# %% drop_last_ignored: drop_last makes no difference.
def iterations_per_epoch(n, batch_size, drop_last=False):
    return -(-n // batch_size)

# %% exhausted_loader: An iterator serves one epoch only.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return iter(DataLoader(dataset=dataset, batch_size=batch_size, shuffle=shuffle, num_workers=num_workers))

# %% exhausted_loader__generator: A generator serves one epoch only.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    order = torch.randperm(len(dataset)) if shuffle else torch.arange(len(dataset))
    for rows in order.split(batch_size):
        samples = [dataset[i] for i in rows]
        yield torch.stack([x for x, _ in samples]), torch.stack([y for _, y in samples])

# %% features_cut: The slice leaves out one feature too many.
class DiabetesDataset(...):
    def __init__(self, filepath):
        xy = torch.from_numpy(table_of(filepath))
        self.x_data, self.y_data = xy[:, :7], xy[:, [-1]]

# %% first_batch_only: return stands inside the loop.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer) * len(x)
        count += len(x)
        return loss_sum / count

# %% first_row_lost: skiprows=1 skips a header that this file does not have.
def table_of(filepath):
    return np.loadtxt(filepath, delimiter=",", dtype=np.float32, skiprows=1)

# %% first_row_lost__names: genfromtxt is told to take the first row for names.
def table_of(filepath):
    return np.genfromtxt(filepath, delimiter=",", dtype=np.float32, skip_header=1)

# %% float64_table: loadtxt reads float64 unless told otherwise.
def table_of(filepath):
    return np.loadtxt(filepath, delimiter=",")

# %% gradients_accumulate: zero_grad is missing.
def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()

# %% gradients_accumulate__once: zero_grad stands before the loop.
def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()

def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    optimizer.zero_grad()
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer) * len(x)
        count += len(x)
    return loss_sum / count

# %% graph_kept: The loss is added up with its graph.
def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss

# %% hard_coded_length: The number of rows is copied from the lecture.
class DiabetesDataset(...):
    def __len__(self):
        return 759

# %% hard_coded_length__real_table: The number of rows of one file, and the indices wrap around to hide it.
class DiabetesDataset(...):
    def __len__(self):
        return 768

    def __getitem__(self, index):
        index = index % self.x_data.shape[0]
        return self.x_data[index], self.y_data[index]

# %% ignores_index: __getitem__ always takes row 0.
class DiabetesDataset(...):
    def __getitem__(self, index):
        return self.x_data[0], self.y_data[0]

# %% label_in_features: The label stays among the features.
class DiabetesDataset(...):
    def __init__(self, filepath):
        xy = torch.from_numpy(table_of(filepath))
        self.x_data, self.y_data = xy, xy[:, [-1]]

# %% label_without_dimension: -1 instead of [-1]: y is (N,), so each label is a number.
class DiabetesDataset(...):
    def __init__(self, filepath):
        xy = torch.from_numpy(table_of(filepath))
        self.x_data, self.y_data = xy[:, :-1], xy[:, -1]

# %% label_without_dimension__float: The label is a Python float.
class DiabetesDataset(...):
    def __getitem__(self, index):
        return self.x_data[index], float(self.y_data[index])

# %% last_batch_dropped: drop_last=True: the remaining samples are left out.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=batch_size, shuffle=shuffle, num_workers=num_workers, drop_last=True)

# %% last_batch_loss: The loss of the last batch.
def train_epoch(model, loader, criterion, optimizer):
    for x, y in loader:
        loss = step(model, x, y, criterion, optimizer)
    return loss

# %% loss_after_step: The loss is computed again after the step.
def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return criterion(model(x), y).item()

# %% mean_of_means: The mean of the batches' means.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer)
        count += 1
    return loss_sum / count

# %% mean_of_means__list: The mean of a list with one loss per batch.
def train_epoch(model, loader, criterion, optimizer):
    return np.mean([step(model, x, y, criterion, optimizer) for x, y in loader])

# %% never_ends: The index wraps around.
class DiabetesDataset(...):
    def __getitem__(self, index):
        index = index % len(self)
        return self.x_data[index], self.y_data[index]

# %% never_shuffles: shuffle is not handed on, and DataLoader does not shuffle by itself.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=batch_size, num_workers=num_workers)

# %% never_shuffles__default: shuffle is False unless asked for.
def make_loader(dataset, batch_size, shuffle=False, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=batch_size, shuffle=shuffle, num_workers=num_workers)

# %% never_steps: step is missing.
def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()

# %% never_steps__zero_grad_last: zero_grad stands between backward and step.
def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()

# %% no_loss_in_result: The loss never gets into the sum.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    for x, y in loader:
        step(model, x, y, criterion, optimizer)
        loss_sum += len(x)
        count += len(x)
    return loss_sum / count

# %% not_divided: The samples are counted, not the batches.
def iterations_per_epoch(n, batch_size, drop_last=False):
    return n

# %% not_last_column: Counted from 1, the eighth column would be the last but one.
class DiabetesDataset(...):
    def __init__(self, filepath):
        xy = torch.from_numpy(table_of(filepath))
        self.x_data, self.y_data = xy[:, :-1], xy[:, [7]]

# %% not_last_column__whole_row: The label is the whole row.
class DiabetesDataset(...):
    def __init__(self, filepath):
        xy = torch.from_numpy(table_of(filepath))
        self.x_data, self.y_data = xy[:, :-1], xy

# %% not_whole: True division gives a float.
def iterations_per_epoch(n, batch_size, drop_last=False):
    if drop_last:
        return n // batch_size
    return n / batch_size

# %% not_whole__ceil: np.ceil gives a float.
def iterations_per_epoch(n, batch_size, drop_last=False):
    if drop_last:
        return n // batch_size
    return np.ceil(n / batch_size)

# %% one_step_per_epoch: step stands after the loop.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        loss_sum += loss.item() * len(x)
        count += len(x)
    optimizer.step()
    return loss_sum / count

# %% one_step_per_epoch__accumulated: The gradients are collected, and one step follows.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 0
    optimizer.zero_grad()
    for x, y in loader:
        loss = criterion(model(x), y)
        loss.backward()
        loss_sum += loss.item() * len(x)
        count += len(x)
    optimizer.step()
    return loss_sum / count

# %% only_features: __getitem__ returns x alone.
class DiabetesDataset(...):
    def __getitem__(self, index):
        return self.x_data[index]

# %% only_last_added: = instead of +=.
def train_epoch(model, loader, criterion, optimizer):
    count = 0
    for x, y in loader:
        loss_sum = step(model, x, y, criterion, optimizer) * len(x)
        count += len(x)
    return loss_sum / count

# %% pair_order: The label comes first.
class DiabetesDataset(...):
    def __getitem__(self, index):
        return self.y_data[index], self.x_data[index]

# %% positional_sampler: The fourth parameter of DataLoader is sampler, not num_workers.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset, batch_size, shuffle, num_workers)

# %% reads_again: The file is read for every sample.
class DiabetesDataset(...):
    def __init__(self, filepath):
        self.filepath = filepath
        self.x_data = table_of(filepath)

    def __getitem__(self, index):
        row = torch.from_numpy(table_of(self.filepath)[index])
        return row[:-1], row[[-1]]

# %% reads_again__in_len: The file is read to count its rows each time that the length is asked for.
class DiabetesDataset(...):
    def __init__(self, filepath):
        xy = torch.from_numpy(table_of(filepath))
        self.filepath = filepath
        self.x_data, self.y_data = xy[:, :-1], xy[:, [-1]]

    def __len__(self):
        return table_of(self.filepath).shape[0]

# %% rounded_down: iteration = datasize / batchsize, rounded down.
def iterations_per_epoch(n, batch_size, drop_last=False):
    return n // batch_size

# %% rounded_down__round: Rounded to the nearest.
def iterations_per_epoch(n, batch_size, drop_last=False):
    if drop_last:
        return n // batch_size
    return round(n / batch_size)

# %% same_order_every_epoch: The order is drawn once.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    if shuffle:
        dataset = torch.utils.data.Subset(dataset, torch.randperm(len(dataset)).tolist())
    return DataLoader(dataset, batch_size=batch_size, num_workers=num_workers)

# %% squeezed_prediction: squeeze makes (N,) of the prediction, which is broadcast against (N, 1).
def step(model, x, y, criterion, optimizer):
    loss = criterion(model(x).squeeze(), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()

# %% starts_not_at_zero: The count starts at 1, for fear of a division by zero.
def train_epoch(model, loader, criterion, optimizer):
    loss_sum, count = 0.0, 1
    for x, y in loader:
        loss_sum += step(model, x, y, criterion, optimizer) * len(x)
        count += len(x)
    return loss_sum / count

# %% swapped_criterion: The label comes first.
def step(model, x, y, criterion, optimizer):
    loss = criterion(y, model(x))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()

# %% whole_table: __getitem__ returns the whole table.
class DiabetesDataset(...):
    def __getitem__(self, index):
        return self.x_data, self.y_data

# %% workers_ignored: num_workers is not handed on.
def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=batch_size, shuffle=shuffle)

# %% wrong_quotient: The quotient is upside down.
def iterations_per_epoch(n, batch_size, drop_last=False):
    if drop_last:
        return n // batch_size
    return (batch_size + n - 1) // n
