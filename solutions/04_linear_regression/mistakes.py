"""What learners get wrong in exercise 04: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 04 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% absolute_error: L1Loss instead of MSELoss.
criterion = torch.nn.L1Loss(reduction="sum")

# %% activation: a ReLU after the layer.
class LinearModel(...):
    def forward(self, x):
        y_pred = torch.relu(self.linear(x))
        return y_pred

# %% activation__sigmoid: a sigmoid after the layer, as in the next lecture.
class LinearModel(...):
    def forward(self, x):
        y_pred = torch.sigmoid(self.linear(x))
        return y_pred

# %% broadcast: the column of predictions meets a row of targets.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = ((model(x) - y.view(-1)) ** 2).sum()
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% broadcast__squeeze: the predictions are squeezed, the targets are not.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x).squeeze(), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% dimension_lost: the prediction is squeezed to a row.
class LinearModel(...):
    def forward(self, x):
        y_pred = self.linear(x)
        return y_pred.squeeze()

# %% dimension_lost__view: the prediction is flattened to a row.
class LinearModel(...):
    def forward(self, x):
        y_pred = self.linear(x)
        return y_pred.view(-1)

# %% epochs_ignored: the 100 epochs of the lecture.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(100):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% epochs_off_by_one: the range begins at 1 and ends too early.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(1, epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% epochs_off_by_one__last_update: an update more after the loop.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    update(optimizer, criterion(model(x), y))
    return losses

# %% epochs_off_by_one__more: one epoch too many.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs + 1):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% fixed_batch: the three samples of the lecture are written into forward.
class LinearModel(...):
    def forward(self, x):
        y_pred = self.linear(x.view(3, 1))
        return y_pred

# %% gradient_left_off: gradients are switched off for good.
def predict(model, x):
    torch.set_grad_enabled(False)
    return model(x)

# %% gradient_left_off__frozen: the parameters are frozen.
def predict(model, x):
    for p in model.parameters():
        p.requires_grad = False
    return model(x)

# %% graph_cut: the parameters are read as numbers.
class LinearModel(...):
    def forward(self, x):
        y_pred = x * self.linear.weight.item() + self.linear.bias.item()
        return y_pred

# %% graph_cut__data: the parameters are read past autograd.
class LinearModel(...):
    def forward(self, x):
        y_pred = x * self.linear.weight.data + self.linear.bias.data
        return y_pred

# %% graph_cut__frozen: the parameters do not require a gradient.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.w = torch.nn.Parameter(torch.randn(1), requires_grad=False)
        self.b = torch.nn.Parameter(torch.randn(1), requires_grad=False)

    def forward(self, x):
        y_pred = x * self.w + self.b
        return y_pred

# %% graph_kept: the prediction keeps its graph.
def predict(model, x):
    y_pred = model(x)
    return y_pred

# %% graph_kept__eval: eval mode is taken for no_grad.
def predict(model, x):
    training = model.training
    model.eval()
    y_pred = model(x)
    model.train(training)
    return y_pred

# %% layer_in_forward: the layer is made anew in each call.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()

    def forward(self, x):
        linear = torch.nn.Linear(1, 1)
        y_pred = linear(x)
        return y_pred

# %% layer_in_forward__tensors: w and b are drawn anew in each call.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()

    def forward(self, x):
        w = torch.randn(1, requires_grad=True)
        b = torch.randn(1, requires_grad=True)
        y_pred = x * w + b
        return y_pred

# %% layer_size: the three samples of the lecture are taken for three features.
class LinearModel(...):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.linear = torch.nn.Linear(3, 1)

# %% layer_size__outputs: one output for each of the three samples.
class LinearModel(...):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.linear = torch.nn.Linear(1, 3)

# %% loss_after_update: the loss is computed again after the update.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        update(optimizer, loss)
        losses.append(criterion(model(x), y).item())
    return losses

# %% loss_not_reduced: the squares are not added up.
criterion = torch.nn.MSELoss(reduction="none")

# %% loss_not_reduced__by_hand: the squares are not added up, and detached into the list.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = (model(x) - y) ** 2
        losses.append(loss.sum().item())
        update(optimizer, loss)
    return losses

# %% loss_tensors: the losses are kept with their graphs.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss)
        update(optimizer, loss)
    return losses

# %% loss_tensors__data: loss.data[0] of the first PyTorch.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.data[0])
        update(optimizer, loss)
    return losses

# %% loss_tensors__detached: the losses are tensors.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.detach())
        update(optimizer, loss)
    return losses

# %% loss_without_graph: the loss becomes a number before backward.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y).item()
        losses.append(loss)
        update(optimizer, loss)
    return losses

# %% loss_without_graph__data: the loss is built on y_pred.data.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x).data, y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% loss_without_graph__no_grad: the prediction is made without a graph.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        with torch.no_grad():
            y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% lr_ignored: the learning rate of the lecture is written into the code.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% lr_ignored__default: SGD is made without a learning rate.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters())
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% mean_not_sum: the mean of the squares, as MSELoss takes by default.
criterion = torch.nn.MSELoss()

# %% mean_not_sum__backward_only: the sum is noted, but the mean is trained on.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss / len(x))
    return losses

# %% mean_not_sum__by_hand: the mean of the squares by hand.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = ((model(x) - y) ** 2).mean()
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% mean_not_sum__size_average: the old size_average=True.
criterion = torch.nn.MSELoss(size_average=True)

# %% mode_changed: the model is left in eval mode.
def predict(model, x):
    model.eval()
    with torch.no_grad():
        return model(x)

# %% mode_changed__train: the model is always put into training mode.
def predict(model, x):
    model.eval()
    with torch.no_grad():
        y_pred = model(x)
    model.train()
    return y_pred

# %% model_specific: train looks into model.linear.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        print(epoch, loss.item(), model.linear.weight.item(), model.linear.bias.item())
        update(optimizer, loss)
    return losses

# %% model_specific__parameters: the optimizer is given the parameters of model.linear.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.linear.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% no_backward: backward is missing.
def update(optimizer, loss):
    optimizer.zero_grad()
    optimizer.step()

# %% no_backward__not_called: backward is named but not called.
def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward
    optimizer.step()

# %% no_bias: the layer has no bias.
class LinearModel(...):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.linear = torch.nn.Linear(1, 1, bias=False)

# %% no_bias__plain_tensor: the slope is a parameter, the intercept a plain tensor.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.w = torch.nn.Parameter(torch.randn(1))
        self.b = torch.zeros(1)

    def forward(self, x):
        y_pred = x * self.w + self.b
        return y_pred

# %% no_bias__weight_only: the model of the earlier lectures, y = w * x.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.w = torch.nn.Parameter(torch.tensor([1.0]))

    def forward(self, x):
        y_pred = x * self.w
        return y_pred

# %% no_step: step is missing.
def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()

# %% no_step__not_called: step is named but not called.
def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step

# %% not_registered: w and b are plain tensors, not nn.Parameter.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.w = torch.tensor([1.0], requires_grad=True)
        self.b = torch.tensor([0.5], requires_grad=True)

    def forward(self, x):
        y_pred = x * self.w + self.b
        return y_pred

# %% not_registered__list: the layer lies in a plain list.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.layers = [torch.nn.Linear(1, 1)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

# %% not_zeroed: zero_grad is missing.
def update(optimizer, loss):
    loss.backward()
    optimizer.step()

# %% not_zeroed__not_called: zero_grad is named but not called.
def update(optimizer, loss):
    optimizer.zero_grad
    loss.backward()
    optimizer.step()

# %% not_zeroed__once: zero_grad is called only before the loop.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.zero_grad()
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses

# %% one_loss: only the last loss comes back.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        update(optimizer, loss)
    return loss.item()

# %% one_loss__new_list: the list is made anew in each epoch.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for epoch in range(epochs):
        losses = []
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% one_loss__return_in_loop: return stands inside the loop.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
        return losses

# %% one_sample_only: the number of a single sample.
def predict(model, x):
    with torch.no_grad():
        return model(x).item()

# %% optimizer_in_loop: a new optimizer in each epoch.
def train(model, x, y, epochs, lr):
    losses = []
    for epoch in range(epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% other_model: train makes a model of its own.
def train(model, x, y, epochs, lr):
    model = LinearModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% other_model__copy: train works on a copy of the model.
import copy

def train(model, x, y, epochs, lr):
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% other_model__optimizer: the optimizer holds the parameters of a model at the top of the file.
# new: net, optimizer
net = LinearModel()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)


def train(model, x, y, epochs, lr):
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% sample_by_sample: an update after each sample, and a loss for each.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for x_val, y_val in zip(x, y):
            loss = criterion(model(x_val), y_val)
            losses.append(loss.item())
            update(optimizer, loss)
    return losses

# %% sample_by_sample__summed: an update after each sample, the losses of an epoch added up.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        total = 0
        for x_val, y_val in zip(x, y):
            loss = criterion(model(x_val), y_val)
            total += loss.item()
            update(optimizer, loss)
        losses.append(total)
    return losses

# %% step_uphill: an update by hand with the wrong sign.
def train(model, x, y, epochs, lr):
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p += lr * p.grad
    return losses

# %% stepped_before_backward: step stands before backward.
def update(optimizer, loss):
    optimizer.zero_grad()
    optimizer.step()
    loss.backward()

# %% stepped_before_backward__delayed: step stands at the top of the loop.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        optimizer.step()
        loss = criterion(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
    return losses

# %% super_forgotten: the constructor of the parent class is not called.
class LinearModel(...):
    def __init__(self):
        self.linear = torch.nn.Linear(1, 1)

# %% super_forgotten__late: the layer is made before the parent's constructor.
class LinearModel(...):
    def __init__(self):
        self.linear = torch.nn.Linear(1, 1)
        super(LinearModel, self).__init__()

# %% two_layers: a second linear layer after the first.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.linear1 = torch.nn.Linear(1, 4)
        self.linear2 = torch.nn.Linear(4, 1)

    def forward(self, x):
        y_pred = self.linear2(self.linear1(x))
        return y_pred

# %% two_layers__two_lines: two layers from 1 to 1 in a row.
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        self.linear1 = torch.nn.Linear(1, 1)
        self.linear2 = torch.nn.Linear(1, 1)

    def forward(self, x):
        y_pred = self.linear2(self.linear1(x))
        return y_pred

# %% wrong_optimizer: Adam instead of SGD.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% wrong_optimizer__momentum: SGD with momentum.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        update(optimizer, loss)
    return losses

# %% zeroed_before_step: zero_grad stands between backward and step.
def update(optimizer, loss):
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()

# %% zeroed_before_step__model: model.zero_grad stands between backward and step.
def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        loss.backward()
        model.zero_grad()
        optimizer.step()
    return losses
