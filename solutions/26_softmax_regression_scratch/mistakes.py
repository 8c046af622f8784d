"""What learners get wrong in exercise 26: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 26 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% softmax_wrong_dim: the columns add up to one.
def softmax(X):
    exps = torch.exp(X)
    return exps / exps.sum(0, keepdim=True)

# %% keepdim_missing: right for no shape, and silent for squares.
def softmax(X):
    X_exp = torch.exp(X)
    partition = X_exp.sum(1)
    return X_exp / partition

# %% whole_tensor: one sum for all.
def softmax(X):
    X_exp = torch.exp(X)
    return X_exp / X_exp.sum()

# %% exponential_missing: the logits are divided by their sum.
def softmax(X):
    return X / X.sum(1, keepdim=True)

# %% not_normalised: exp, and nothing after it.
def softmax(X):
    return torch.exp(X)

# %% log_of_softmax: the logarithm at once.
def softmax(X):
    return X - X.exp().sum(1, keepdim=True).log()

# %% sign_swapped: exp(-x), as in the sigmoid.
def softmax(X):
    X_exp = torch.exp(-X)
    return X_exp / X_exp.sum(1, keepdim=True)

# %% softmax_ready_made: torch's own.
def softmax(X):
    return torch.softmax(X, dim=1)

# %% softmax_ready_made__functional: torch's own by another name.
def softmax(X):
    return nn.functional.log_softmax(X, 1).exp()

# %% graph_cut: the sums as plain numbers.
def softmax(X):
    X_exp = torch.exp(X)
    sums = torch.tensor([[row.sum().item()] for row in X_exp], dtype=X.dtype)
    return X_exp / sums

# %% graph_cut__loss: the probabilities as plain numbers.
def cross_entropy(y_hat, y):
    return -torch.log(torch.tensor([y_hat[i, c].item() for i, c in enumerate(y)], dtype=y_hat.dtype))

# %% every_column: a colon for the numbers of the rows.
def cross_entropy(y_hat, y):
    return -torch.log(y_hat[:, y])

# %% rows_by_label: the labels choose rows.
def cross_entropy(y_hat, y):
    return -torch.log(y_hat[y])

# %% all_classes: the labels do not occur.
def cross_entropy(y_hat, y):
    return -torch.log(y_hat)

# %% sign_missing: the logarithm as it is.
def cross_entropy(y_hat, y):
    return torch.log(y_hat[range(len(y_hat)), y])

# %% logarithm_missing: minus the probability.
def cross_entropy(y_hat, y):
    return -y_hat[range(len(y_hat)), y]

# %% other_logarithm: in bits.
def cross_entropy(y_hat, y):
    return -torch.log2(y_hat[range(len(y_hat)), y])

# %% not_per_sample: the mean, as in exercise 08.
def cross_entropy(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y]).mean()

# %% not_per_sample__sum: the sum over the batch.
def cross_entropy(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y]).sum()

# %% column_not_vector: gather leaves a column.
def cross_entropy(y_hat, y):
    return -torch.log(y_hat.gather(1, y.reshape(-1, 1)))

# %% softmax_again: logits are expected.
def cross_entropy(y_hat, y):
    p = softmax(y_hat)
    return -torch.log(p[range(len(y)), y])

# %% loss_ready_made: the loss of the logarithms is torch's.
def cross_entropy(y_hat, y):
    return nn.functional.nll_loss(torch.log(y_hat), y, reduction="none")

# %% share_not_count: the mean of the hits.
def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return float((y_hat.type(y.dtype) == y).float().mean())

# %% value_not_class: max for argmax.
def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.max(axis=1).values
    return float((y_hat == y).sum())

# %% table_counted: the predictions are a column.
def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1, keepdim=True)
    return float((y_hat == y).sum())

# %% largest_of_all: argmax without a dimension.
def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax()
    return float((y_hat == y).sum())

# %% smallest: argmin.
def accuracy(y_hat, y):
    predicted = y_hat.argmin(dim=1) if y_hat.dim() > 1 else y_hat
    return float((predicted == y).sum())

# %% wrong_counted: the errors.
def accuracy(y_hat, y):
    predicted = y_hat.argmax(dim=1) if y_hat.dim() > 1 else y_hat
    return float((predicted != y).sum())

# %% argmax_wrong_dim: down the samples.
def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=0)
    return float((y_hat == y).sum())

# %% argmax_of_classes: argmax whatever comes.
def accuracy(y_hat, y):
    return float((y_hat.argmax(dim=1) == y).sum())

# %% argmax_of_classes__last: the last dimension of a vector is the only one.
def accuracy(y_hat, y):
    return float((y_hat.argmax(dim=-1) == y).sum())

# %% keeps_tensors: no float().
class Accumulator(...):
    def add(self, *args):
        self.data = [a + b for a, b in zip(self.data, args)]

# %% overwritten: = for +=.
class Accumulator(...):
    def add(self, *args):
        self.data = [float(value) for value in args]

# %% sums_mixed: one total, into each of them.
class Accumulator(...):
    def add(self, *args):
        self.data = [a + float(sum(args)) for a in self.data]

# %% shared_sums: the list belongs to the class.
class Accumulator:
    sums = []

    def __init__(self, n):
        while len(self.sums) < n:
            self.sums.append(0.0)

    def add(self, *args):
        for i, value in enumerate(args):
            self.sums[i] += float(value)

    def reset(self):
        for i in range(len(self.sums)):
            self.sums[i] = 0.0

    def __getitem__(self, idx):
        return self.sums[idx]

# %% reset_ignored: a local name.
class Accumulator(...):
    def reset(self):
        data = [0.0] * len(self.data)

# %% mean_of_means: the accuracies of the batches are averaged.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    shares = []
    with torch.no_grad():
        for X, y in data_iter:
            shares.append(accuracy(net(X), y) / len(y))
    return sum(shares) / len(shares)

# %% mean_of_means__epoch: of the losses, too.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(len(y))
        metric.add(l.mean().item(), accuracy(y_hat, y) / len(y), 1)
    return metric[0] / metric[2], metric[1] / metric[2]

# %% first_batch_only: return inside of the loop.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y), len(y))
            return metric[0] / metric[1]

# %% last_batch_only: the sums are made anew in each turn.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    with torch.no_grad():
        for X, y in data_iter:
            metric = Accumulator(2)
            metric.add(accuracy(net(X), y), len(y))
    return metric[0] / metric[1]

# %% count_off_by_one: the count begins at one, against division by zero.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    right, count = 0.0, 1
    with torch.no_grad():
        for X, y in data_iter:
            right += accuracy(net(X), y)
            count += len(y)
    return right / count

# %% percent: times 100.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y), len(y))
    return 100 * metric[0] / metric[1]

# %% count_not_share: never divided.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    metric = Accumulator(1)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y))
    return metric[0]

# %% divided_by_batches: divided by how many batches there are.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y), 1)
    return metric[0] / metric[1]

# %% evaluated_in_training_mode: nobody calls eval().
def evaluate_accuracy(net, data_iter):
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y), y.numel())
    return metric[0] / metric[1]

# %% graph_recorded: no torch.no_grad, as in the first edition of the book.
def evaluate_accuracy(net, data_iter):
    if isinstance(net, torch.nn.Module):
        net.eval()
    metric = Accumulator(2)
    for X, y in data_iter:
        metric.add(accuracy(net(X), y), y.numel())
    return metric[0] / metric[1]

# %% results_swapped: the accuracy comes first.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(accuracy(y_hat, y), l.sum().item(), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]

# %% not_averaged: the sums as they are.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(2)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(l.sum().item(), accuracy(y_hat, y))
    return metric[0], metric[1]

# %% divided_twice: means are added up, and divided by the samples.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(l.mean().item(), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]

# %% never_steps: the gradients are cleared just before the step.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            l.mean().backward()
            updater.zero_grad()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(l.sum().item(), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]

# %% not_zeroed: nobody clears the gradients of the optimizer.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(l.sum().item(), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]

# %% sum_differentiated: the sum for both kinds.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.sum().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(l.sum().item(), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]

# %% mean_divided_again: the mean for both kinds.
def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.mean().backward()
            updater(X.shape[0])
        metric.add(l.sum().item(), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]

# %% trained_in_eval_mode: nobody calls train().
def train_epoch_ch3(net, train_iter, loss, updater):
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(l.sum().item(), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]
