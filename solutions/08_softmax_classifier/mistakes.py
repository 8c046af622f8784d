"""What learners get wrong in exercise 08: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 08 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% activation_on_logits: ReLU after the last layer.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return F.relu(self.l3(x))

# %% activation_on_logits__sigmoid: Sigmoid after the last layer.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return torch.sigmoid(self.l3(x))

# %% activation_on_logits__tanh: Tanh after the last layer.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return torch.tanh(self.l3(x))

# %% argmax_wrong_dim: max down the batch.
def predict(outputs):
    _, predicted = torch.max(outputs, dim=0)
    return predicted

# %% argmax_wrong_dim__none: argmax without a dimension.
def predict(outputs):
    return outputs.argmax()

# %% batch_flattened: view(784) has no room for a batch.
class Net(...):
    def forward(self, x):
        x = x.view(784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x)

# %% batch_flattened__fixed: The batch size of the lecture, 64, is written into the view.
class Net(...):
    def forward(self, x):
        x = x.view(64, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x)

# %% batch_flattened__flatten: flatten() from dimension 0.
class Net(...):
    def forward(self, x):
        x = x.flatten()
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x)

# %% batch_flattened__squeeze: squeeze() takes the batch away when it is 1.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x).squeeze()

# %% batches_summed: running_loss as it is.
def run_epoch(model, optimizer, loader):
    running_loss = 0.0
    for inputs, target in loader:
        running_loss += step(model, optimizer, inputs, target)
    return running_loss

# %% capped: An epsilon against log(0).
def cross_entropy(logits, y):
    p = softmax(logits)
    return -torch.log(p[torch.arange(len(y)), y] + 1e-12).mean()

# %% capped__clamp: A clamp against log(0).
def cross_entropy(logits, y):
    p = softmax(logits)[torch.arange(len(y)), y]
    return -torch.log(p.clamp(min=1e-15)).mean()

# %% column_meets_row: keepdim makes a column, the labels are a row.
def predict(outputs):
    return outputs.argmax(dim=1, keepdim=True)

# %% count_not_share: The number of right ones.
def evaluate(model, loader):
    was_training = model.training
    model.eval()
    correct, total = count_right(model, loader)
    model.train(was_training)
    return correct

# %% count_off_by_one: The count begins at 1.
def run_epoch(model, optimizer, loader):
    running_loss, count = 0.0, 1
    for inputs, target in loader:
        running_loss += step(model, optimizer, inputs, target) * inputs.size(0)
        count += inputs.size(0)
    return running_loss / count

# %% count_off_by_one__accuracy: The total begins at 1.
def count_right(model, loader):
    correct, total = 0, 1
    with torch.no_grad():
        for images, labels in loader:
            total += labels.size(0)
            correct += (predict(model(images)) == labels).sum().item()
    return correct, total

# %% crossed_index: log_p[:, y] has N rows and N columns.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[:, y].mean()

# %% crossed_index__rows: log_p[y] takes whole rows.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[y].mean()

# %% crossed_index__vector: log_p[:, y] without a mean.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[:, y]

# %% divided_twice: Means, divided by the number of samples.
def run_epoch(model, optimizer, loader):
    running_loss, count = 0.0, 0
    for inputs, target in loader:
        running_loss += step(model, optimizer, inputs, target)
        count += inputs.size(0)
    return running_loss / count

# %% dropout_in_evaluation: F.dropout without training=self.training.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.dropout(F.relu(self.l2(x)), 0.5)
        return self.l3(x)

# %% evaluated_in_training_mode: model.eval() forgotten.
def evaluate(model, loader):
    correct, total = count_right(model, loader)
    return correct / total

# %% first_batch_only: break after the first batch.
def run_epoch(model, optimizer, loader):
    for inputs, target in loader:
        loss = step(model, optimizer, inputs, target)
        break
    return loss

# %% first_batch_only__accuracy: return within the loop of evaluate.
def count_right(model, loader):
    with torch.no_grad():
        for images, labels in loader:
            return (predict(model(images)) == labels).sum().item(), labels.size(0)

# %% fixed_dim: dim=1 instead of the last one.
def softmax(z):
    e = torch.exp(z - z.max(dim=1, keepdim=True).values)
    return e / e.sum(dim=1, keepdim=True)

# %% float_labels: Labels made float.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y.float()].mean()

# %% float_labels__gather: Labels made float for gather.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p.gather(1, y.float().unsqueeze(1)).mean()

# %% float_labels__training: Labels made float in the training loop.
def loss_of(outputs, target):
    return nn.CrossEntropyLoss()(outputs, target.float())

# %% global_maximum: One maximum for the whole tensor.
def softmax(z):
    e = torch.exp(z - z.max())
    return e / e.sum(dim=-1, keepdim=True)

# %% global_maximum__loss: One maximum for the whole batch in cross_entropy.
def cross_entropy(logits, y):
    z = logits - logits.max()
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean()

# %% gradients_accumulate: zero_grad forgotten.
def step(model, optimizer, inputs, target):
    loss = loss_of(model(inputs), target)
    loss.backward()
    optimizer.step()
    return loss.item()

# %% graph_cut: cross_entropy goes through .item().
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    total = 0
    for i in range(len(y)):
        total += -log_p[i, y[i]].item()
    return torch.tensor(total / len(y), dtype=logits.dtype)

# %% graph_cut__data: softmax works on z.data.
def softmax(z):
    e = torch.exp(z.data - z.data.max(dim=-1, keepdim=True).values)
    return e / e.sum(dim=-1, keepdim=True)

# %% graph_cut__float: cross_entropy gives a Python float.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean().item()

# %% graph_cut__net: forward detaches the hidden layer.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x)).detach()
        return self.l3(x)

# %% graph_cut__net_start: forward makes a new tensor of its result.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return torch.tensor(self.l3(x).tolist())

# %% graph_kept: The losses keep their graphs.
def step(model, optimizer, inputs, target):
    optimizer.zero_grad()
    loss = loss_of(model(inputs), target)
    loss.backward()
    optimizer.step()
    return loss

# %% graph_recorded: no_grad forgotten.
def count_right(model, loader):
    correct, total = 0, 0
    for images, labels in loader:
        total += labels.size(0)
        correct += (predict(model(images)) == labels).sum().item()
    return correct, total

# %% keepdim_missing: The sum has no keepdim, so a row sum divides a column.
def softmax(z):
    e = torch.exp(z - z.max(dim=-1, keepdim=True).values)
    return e / e.sum(dim=-1)

# %% keepdim_missing__loss: In cross_entropy the sum has no keepdim.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1).log()
    return -log_p[torch.arange(len(y)), y].mean()

# %% label_as_number: The label itself stands where its one-hot row should.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -(y.unsqueeze(1) * log_p).sum(dim=1).mean()

# %% last_batch_only: The loss of the last batch.
def run_epoch(model, optimizer, loader):
    for inputs, target in loader:
        loss = step(model, optimizer, inputs, target)
    return loss

# %% last_batch_only__accuracy: The counts start afresh for each batch.
def count_right(model, loader):
    with torch.no_grad():
        for images, labels in loader:
            total = labels.size(0)
            correct = (predict(model(images)) == labels).sum().item()
    return correct, total

# %% layer_unused: The second layer reads x, its result is thrown away.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(784, 64)
        self.l2 = nn.Linear(64, 64)
        self.l3 = nn.Linear(64, 10)

    def forward(self, x):
        x = x.view(-1, 784)
        h = F.relu(self.l1(x))
        F.relu(self.l2(h))
        return self.l3(h)

# %% log_of_softmax: softmax returns logarithms.
def softmax(z):
    e = torch.exp(z - z.max(dim=-1, keepdim=True).values)
    return torch.log(e / e.sum(dim=-1, keepdim=True))

# %% log_softmax_on_logits: Log-softmax at the end of Net.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return F.log_softmax(self.l3(x), dim=1)

# %% log_underflow: The logarithm of a softmax: log(0) for small probabilities.
def cross_entropy(logits, y):
    p = softmax(logits)
    return -torch.log(p[torch.arange(len(y)), y]).mean()

# %% loss_after_step: The loss is taken again after the step.
def step(model, optimizer, inputs, target):
    optimizer.zero_grad()
    loss_of(model(inputs), target).backward()
    optimizer.step()
    return loss_of(model(inputs), target).item()

# %% loss_per_batch: One loss per batch.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        for inputs, target in loader:
            losses.append(step(model, optimizer, inputs, target))
    return losses

# %% lr_ignored: lr is never handed on.
def optimizer_of(model, lr):
    return torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)

# %% mean_of_means: The mean of the batches' means.
def run_epoch(model, optimizer, loader):
    running_loss, count = 0.0, 0
    for inputs, target in loader:
        running_loss += step(model, optimizer, inputs, target)
        count += 1
    return running_loss / count

# %% mean_of_means__accuracy: The mean of the batches' accuracies.
def count_right(model, loader):
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            total += 1
            correct += (predict(model(images)) == labels).float().mean().item()
    return correct, total

# %% mean_over_classes: The mean over all N * C entries of one-hot times log p.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    one_hot = F.one_hot(y, logits.shape[1])
    return -(one_hot * log_p).mean()

# %% missing_minus: No minus.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return log_p[torch.arange(len(y)), y].mean()

# %% mixes_samples: view(784, -1) and a transpose: the shape is right, the pixels are mixed.
class Net(...):
    def forward(self, x):
        x = x.view(784, -1).t()
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x)

# %% mixes_samples__batch_mean: The mean of the batch is subtracted.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = x - x.mean(dim=0)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x)

# %% mode_not_restored: The model stays in evaluation mode.
def evaluate(model, loader):
    model.eval()
    correct, total = count_right(model, loader)
    return correct / total

# %% mode_not_restored__always_train: The model is always put into training mode afterwards.
def evaluate(model, loader):
    model.eval()
    correct, total = count_right(model, loader)
    model.train()
    return correct / total

# %% narrow_one_hot: one_hot guesses the number of classes from the batch.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -(F.one_hot(y) * log_p).sum(dim=1).mean()

# %% never_steps: No step.
def step(model, optimizer, inputs, target):
    optimizer.zero_grad()
    loss = loss_of(model(inputs), target)
    loss.backward()
    return loss.item()

# %% never_steps__zeroed: zero_grad between backward and step.
def step(model, optimizer, inputs, target):
    loss = loss_of(model(inputs), target)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()

# %% no_activation: Three linear layers and nothing between them.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = self.l1(x)
        x = self.l2(x)
        return self.l3(x)

# %% no_activation__first: The only ReLU works on the pixels.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = self.l1(F.relu(x))
        x = self.l2(x)
        return self.l3(x)

# %% no_activation__one_layer: A single linear layer.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(784, 10)

    def forward(self, x):
        return self.linear(x.view(-1, 784))

# %% no_logarithm: The probability of the right class, without log.
def cross_entropy(logits, y):
    p = softmax(logits)
    return -p[torch.arange(len(y)), y].mean()

# %% no_logarithm__nll: NLLLoss on plain logits in the training.
def loss_of(outputs, target):
    return nn.NLLLoss()(outputs, target)

# %% no_momentum: No momentum.
def optimizer_of(model, lr):
    return torch.optim.SGD(model.parameters(), lr=lr)

# %% normalised_first: Normalize before ToTensor.
def make_transform():
    return transforms.Compose([
        transforms.Normalize((0.1307,), (0.3081,)),
        transforms.ToTensor(),
    ])

# %% not_flattened: No view at all.
class Net(...):
    def forward(self, x):
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x)

# %% not_normalised: ToTensor alone.
def make_transform():
    return transforms.Compose([
        transforms.ToTensor(),
    ])

# %% not_registered: Hidden layers in a plain list.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(784, 64), nn.Linear(64, 32)]
        self.last = nn.Linear(32, 10)

    def forward(self, x):
        x = x.view(-1, 784)
        for layer in self.hidden:
            x = F.relu(layer(x))
        return self.last(x)

# %% not_registered__in_forward: All layers are made in forward.
class Net(nn.Module):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(nn.Linear(784, 64)(x))
        return nn.Linear(64, 10)(x)

# %% not_scaled: PILToTensor does not divide by 255.
def make_transform():
    return transforms.Compose([
        transforms.PILToTensor(),
        transforms.ConvertImageDtype(torch.uint8),
        transforms.Lambda(lambda x: x.float()),
        transforms.Normalize((0.1307,), (0.3081,)),
    ])

# %% not_ten_logits: Nine outputs.
class Net(...):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(784, 64)
        self.l2 = nn.Linear(64, 32)
        self.l3 = nn.Linear(32, 9)

# %% optimizer_remade: A new optimizer for each epoch.
def train(model, loader, epochs, lr):
    model.train()
    losses = []
    for epoch in range(epochs):
        optimizer = optimizer_of(model, lr)
        losses.append(run_epoch(model, optimizer, loader))
    return losses

# %% other_statistics: The usual 0.5, 0.5.
def make_transform():
    return transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.5,), (0.5,)),
    ])

# %% overflow: The formula as it stands: exp(1000) is inf.
def softmax(z):
    return z.exp() / z.exp().sum(dim=-1, keepdim=True)

# %% overflow__loss: log-sum-exp without the shift.
def cross_entropy(logits, y):
    lse = logits.exp().sum(dim=1).log()
    return (lse - logits[torch.arange(len(y)), y]).mean()

# %% overflow__mean: The mean is subtracted, not the maximum.
def softmax(z):
    e = torch.exp(z - z.mean(dim=-1, keepdim=True))
    return e / e.sum(dim=-1, keepdim=True)

# %% percent: As in the lecture: 100 * correct / total.
def evaluate(model, loader):
    was_training = model.training
    model.eval()
    correct, total = count_right(model, loader)
    model.train(was_training)
    return 100 * correct / total

# %% ready_made: softmax is torch's own.
def softmax(z):
    return torch.softmax(z, dim=-1)

# %% ready_made__log_softmax: cross_entropy calls log_softmax and nll_loss.
def cross_entropy(logits, y):
    return F.nll_loss(F.log_softmax(logits, dim=1), y)

# %% ready_made__logsumexp: cross_entropy leaves the stable part to torch's logsumexp.
def cross_entropy(logits, y):
    return (torch.logsumexp(logits, dim=1) - logits[torch.arange(len(y)), y]).mean()

# %% rows_not_one: The exponentials are never divided.
def softmax(z):
    e = torch.exp(z - z.max(dim=-1, keepdim=True).values)
    return e

# %% rows_not_one__mean: Divided by the mean.
def softmax(z):
    e = torch.exp(z - z.max(dim=-1, keepdim=True).values)
    return e / e.mean(dim=-1, keepdim=True)

# %% rows_not_one__no_exp: The logits are divided, not their exponentials.
def softmax(z):
    return z / z.exp().sum(dim=-1, keepdim=True)

# %% sign_swapped: m - z instead of z - m.
def softmax(z):
    e = torch.exp(z.max(dim=-1, keepdim=True).values - z)
    return e / e.sum(dim=-1, keepdim=True)

# %% sign_swapped__loss: m - z in cross_entropy.
def cross_entropy(logits, y):
    z = logits.max(dim=1, keepdim=True).values - logits
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean()

# %% softmax_before_loss: Softmax before CrossEntropyLoss.
def loss_of(outputs, target):
    return nn.CrossEntropyLoss()(torch.softmax(outputs, dim=1), target)

# %% softmax_on_logits: Softmax at the end of Net.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return F.softmax(self.l3(x), dim=1)

# %% softmax_on_logits__dim0: Softmax at the end, down the batch.
class Net(...):
    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return torch.softmax(self.l3(x), dim=0)

# %% softmax_twice: softmax, then log-softmax of the result.
def cross_entropy(logits, y):
    logits = softmax(logits)
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean()

# %% softmax_wrong_dim: Normalised down the batch (dim 0).
def softmax(z):
    e = torch.exp(z - z.max(dim=0, keepdim=True).values)
    return e / e.sum(dim=0, keepdim=True)

# %% softmax_wrong_dim__loss: cross_entropy normalises down the batch.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=0, keepdim=True).values
    log_p = z - z.exp().sum(dim=0, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean()

# %% sum_not_mean: The sum over the batch.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].sum()

# %% sum_not_mean__epoch: The epoch's losses are weighted but not divided.
def run_epoch(model, optimizer, loader):
    running_loss = 0.0
    for inputs, target in loader:
        running_loss += step(model, optimizer, inputs, target) * inputs.size(0)
    return running_loss

# %% sum_not_mean__training: The training adds the losses of a batch up.
def loss_of(outputs, target):
    return nn.CrossEntropyLoss(reduction='sum')(outputs, target)

# %% swapped_numbers: Mean and deviation swapped.
def make_transform():
    return transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.3081,), (0.1307,)),
    ])

# %% three_channels: The three numbers of ImageNet.
def make_transform():
    return transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])

# %% total_not_reset: running_loss is set to 0 once, the count in each epoch.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    losses = []
    running_loss = 0.0
    for epoch in range(epochs):
        count = 0
        for inputs, target in loader:
            running_loss += step(model, optimizer, inputs, target) * inputs.size(0)
            count += inputs.size(0)
        losses.append(running_loss / count)
    return losses

# %% total_not_reset__count: Neither the total nor the count is set to 0 again.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    losses = []
    running_loss, count = 0.0, 0
    for epoch in range(epochs):
        for inputs, target in loader:
            running_loss += step(model, optimizer, inputs, target) * inputs.size(0)
            count += inputs.size(0)
        losses.append(running_loss / count)
    return losses

# %% trained_in_eval_mode: model.train() forgotten.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    losses = []
    for epoch in range(epochs):
        losses.append(run_epoch(model, optimizer, loader))
    return losses

# %% uneven_shift: The columns' maxima are subtracted.
def softmax(z):
    e = torch.exp(z - z.max(dim=0, keepdim=True).values)
    return e / e.sum(dim=-1, keepdim=True)

# %% uneven_shift__loss: The columns' maxima are subtracted in cross_entropy.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=0, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean()

# %% value_not_class: The values of max, not its indices.
def predict(outputs):
    predicted, _ = torch.max(outputs, dim=1)
    return predicted

# %% whole_tensor: No dim: everything adds up to 1.
def softmax(z):
    e = torch.exp(z - z.max())
    return e / e.sum()

# %% wrong_epochs: return within the loop.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        losses.append(run_epoch(model, optimizer, loader))
        return losses

# %% wrong_epochs__empty: append is forgotten.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        run_epoch(model, optimizer, loader)
    return losses

# %% wrong_epochs__number: Only the last epoch, as a number.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    for epoch in range(epochs):
        loss = run_epoch(model, optimizer, loader)
    return loss

# %% wrong_epochs__one_more: One epoch too many.
def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    losses = []
    for epoch in range(epochs + 1):
        losses.append(run_epoch(model, optimizer, loader))
    return losses

# %% wrong_normaliser: The sum of the exponentials without its logarithm.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True)
    return -log_p[torch.arange(len(y)), y].mean()

# %% wrong_normaliser__log_exp: The sum is forgotten, log(exp(z)) is z.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().log()
    return -log_p[torch.arange(len(y)), y].mean()

# %% wrong_normaliser__logits: The logit of the right class, as if it were log p.
def cross_entropy(logits, y):
    return -logits[torch.arange(len(y)), y].mean()

# %% wrong_normaliser__plus: Plus the log of the sum.
def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z + z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean()
