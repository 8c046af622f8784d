"""What learners get wrong in exercise 11: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 11 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: reference

# %% accumulated: backward() for each weight: what it finds is added up.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    loss, norms = F.mse_loss(h, y), []
    for weight in weights:
        loss.backward(retain_graph=True)
        norms.append(weight.grad.norm().item())
    return norms

# %% accumulated__list: The list of norms outlives the call.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0, norms: list[float] = []) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    F.mse_loss(h, y).backward()
    for weight in weights:
        norms.append(weight.grad.norm().item())
    return norms

# %% accumulated__second_time: backward() for each weight, and the graph is gone after the first.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    loss, norms = F.mse_loss(h, y), []
    for weight in weights:
        loss.backward()
        norms.append(weight.grad.norm().item())
    return norms

# %% accumulated__total: The numbers are running totals.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    F.mse_loss(h, y).backward()
    total, norms = 0.0, []
    for weight in weights:
        total += weight.grad.norm().item()
        norms.append(total)
    return norms

# %% batch_norm: As in the published ResNet.
class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(x + y)

# %% block_before_pooling: Pooling behind the blocks.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(self.block1(F.relu(self.conv1(x))), 2)
        x = F.max_pool2d(self.block2(F.relu(self.conv2(x))), 2)
        return self.fc(x.flatten(start_dim=1))

# %% block_skipped: The second block is made but never called.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(start_dim=1))

# %% concatenated_not_added: Joined along the channels, as in an inception block.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(torch.cat([x, y], dim=1))

# %% curve_missing: Only the plain stack.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.semilogy(plain, label="plain")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()
    return figure

# %% curve_missing__apart: Each curve in axes of its own.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, (left, right) = plt.subplots(1, 2)
    left.semilogy(plain, label="plain")
    right.semilogy(residual, label="residual")
    for axes in (left, right):
        axes.set(xlabel="layer", ylabel="norm of the gradient")
        axes.legend()
    return figure

# %% figure_not_returned: plt.show() in place of return.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.semilogy(plain, label="plain")
    axes.semilogy(residual, label="residual")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()
    plt.show()

# %% figure_reused: Everything is drawn into the current figure.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    plt.semilogy(plain, label="plain")
    plt.semilogy(residual, label="residual")
    plt.xlabel("layer")
    plt.ylabel("norm of the gradient")
    plt.legend()
    return plt.gcf()

# %% first_convolution_lost: The second convolution starts from x again.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        y = self.conv2(x)
        return F.relu(x + y)

# %% fixed_channels: The channels of the first block as figures.
class ResidualBlock(...):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)

# %% flat_size: The size of the flattened image is that of another net.
class Net(...):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(320, 10)

# %% flat_size__view: A view with a fixed number of columns makes two rows of each image.
class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(256, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.max_pool2d(F.relu(self.conv2(x)), 2))
        return self.fc(x.view(-1, 256))

# %% gradient_is_none: The chain is cut before each layer.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h.detach(), weight.requires_grad_()))
        h = h.detach() + step if residual else step
    F.mse_loss(h, y).backward()
    return [weight.grad.norm().item() for weight in weights]

# %% gradient_is_none__no_backward: backward() is not called.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    loss = F.mse_loss(h, y)
    return [weight.grad.norm().item() for weight in weights]

# %% gradient_of_h: Gradients with respect to the outputs of the layers.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h, hs = x, []
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
        hs.append(h)
    gradients = torch.autograd.grad(F.mse_loss(h, y), hs)
    return [gradient.norm().item() for gradient in gradients]

# %% graph_cut: The skip is detached.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x.detach() + self.conv2(F.relu(self.conv1(x))))

# %% graph_cut__branch: The branch works on .data.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.conv2(F.relu(self.conv1(x).data)))

# %% graph_cut__net: Net leaves its graph on the way.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.max_pool2d(F.relu(self.conv2(x)), 2))
        x = x.data
        return self.fc(x.flatten(start_dim=1))

# %% input_changed: The skip is added in place, to the input.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(F.relu(self.conv1(x)))
        x += y
        return F.relu(x)

# %% input_changed__relu: A ReLU in place at the beginning.
class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(F.relu(self.conv1(self.relu(x))))
        return self.relu(x + y)

# %% linear_axis: A linear axis.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.plot(plain, label="plain")
    axes.plot(residual, label="residual")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()
    return figure

# %% linear_axis__both: Both axes are logarithmic.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.loglog(range(1, len(plain) + 1), plain, label="plain")
    axes.loglog(range(1, len(residual) + 1), residual, label="residual")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()
    return figure

# %% logarithm_drawn: The logarithms on a linear axis.
import math

def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.plot([math.log10(norm) for norm in plain], label="plain")
    axes.plot([math.log10(norm) for norm in residual], label="residual")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()
    return figure

# %% missing_padding: The second convolution has no padding.
class ResidualBlock(...):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3)

# %% missing_padding__both: No padding at all, and the skip cut to fit.
class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3)
        self.conv2 = nn.Conv2d(channels, channels, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x[..., 2:-2, 2:-2] + self.conv2(F.relu(self.conv1(x))))

# %% missing_relu: No ReLU before the pooling.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(self.conv1(x), 2))
        x = self.block2(F.max_pool2d(self.conv2(x), 2))
        return self.fc(x.flatten(start_dim=1))

# %% missing_relu__second: No ReLU after the second convolution.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.max_pool2d(self.conv2(x), 2))
        return self.fc(x.flatten(start_dim=1))

# %% net_average_pool: Average pooling.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.avg_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.avg_pool2d(F.relu(self.conv2(x)), 2))
        return self.fc(x.flatten(start_dim=1))

# %% no_bias: Convolutions without a bias, as before batch normalisation.
class ResidualBlock(...):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

# %% no_bias__net: A convolution of Net without a bias.
class Net(...):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, bias=False)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(512, 10)

# %% no_final_relu: The sum leaves the block without a ReLU.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return x + y

# %% no_labels: No labels.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.semilogy(plain, label="plain")
    axes.semilogy(residual, label="residual")
    axes.legend()
    return figure

# %% no_labels__legend: No legend.
def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.semilogy(plain, label="plain")
    axes.semilogy(residual, label="residual")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    return figure

# %% no_middle_relu: No ReLU between the convolutions.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(self.conv1(x))
        return F.relu(x + y)

# %% no_requires_grad: Nobody told autograd about the weights.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight))
        h = h + step if residual else step
    F.mse_loss(h, y).backward()
    return [weight.grad.norm().item() for weight in weights]

# %% no_skip: The skip connection is forgotten.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return F.relu(y)

# %% norm_of_values: The norms of the weights.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    F.mse_loss(h, y).backward()
    return [weight.norm().item() for weight in weights]

# %% not_registered: The convolutions lie in a plain list.
class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = [nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.convs[1](F.relu(self.convs[0](x)))
        return F.relu(x + y)

# %% not_registered__forward: The second convolution is made anew in each forward pass.
class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.channels = channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        conv2 = nn.Conv2d(self.channels, self.channels, 3, padding=1).to(x.device)
        return F.relu(x + conv2(F.relu(self.conv1(x))))

# %% one_number: The first layer only.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    F.mse_loss(h, y).backward()
    return weights[0].grad.norm().item()

# %% one_number__overwritten: The list begins anew in each round.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    F.mse_loss(h, y).backward()
    for weight in weights:
        norms = []
        norms.append(weight.grad.norm().item())
    return norms

# %% other_activation: ReLU instead of the sigmoid.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.relu(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]

# %% other_activation__none: No activation.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = F.linear(h, weight.requires_grad_())
        h = h + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]

# %% other_norm: The square of the norm.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [(gradient**2).sum().item() for gradient in gradients]

# %% other_norm__absolute: The sum of the absolute values.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.abs().sum().item() for gradient in gradients]

# %% relu_before_addition: A ReLU on the branch, and none after the addition.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        y = F.relu(self.conv2(y))
        return x + y

# %% relu_before_addition__input: relu(x) + branch.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(x) + y

# %% relu_before_addition__three: A ReLU behind every convolution, and one more after the addition.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        y = F.relu(self.conv2(y))
        return F.relu(x + y)

# %% relu_on_logits: A ReLU at the end.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.max_pool2d(F.relu(self.conv2(x)), 2))
        return F.relu(self.fc(x.flatten(start_dim=1)))

# %% residual_mixed_up: The argument residual is ignored.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]

# %% residual_mixed_up__inverted: The two stacks are mixed up.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = step if residual else h + step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]

# %% reversed_order: In the order of backpropagation.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in reversed(gradients)]

# %% same_convolution_twice: self.conv1 is called twice.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.conv1(F.relu(self.conv1(x))))

# %% same_convolution_twice__one: There is only one convolution.
class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv(F.relu(self.conv(x)))
        return F.relu(x + y)

# %% same_convolution_twice__two_names: A second name makes no second convolution.
class ResidualBlock(...):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = self.conv1

# %% sigmoid_after_sum: The sigmoid of the sum.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        z = F.linear(h, weight.requires_grad_())
        h = torch.sigmoid(h + z) if residual else torch.sigmoid(z)
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]

# %% skip_convolved: A 3x3 convolution on the skip.
class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.skip = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.skip(x) + self.conv2(F.relu(self.conv1(x))))

# %% skip_from_input: x is added in every layer.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = x + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]

# %% softmax_on_logits: A softmax at the end.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.max_pool2d(F.relu(self.conv2(x)), 2))
        return F.softmax(self.fc(x.flatten(start_dim=1)), dim=1)

# %% softmax_on_logits__log: A log-softmax at the end.
class Net(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.max_pool2d(F.relu(self.conv2(x)), 2))
        return F.log_softmax(self.fc(x.flatten(start_dim=1)), dim=1)

# %% weight_transposed: h @ weight.
def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(h @ weight.requires_grad_())
        h = h + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]

# %% wrong_sizes: A bottleneck: half of the channels between the convolutions.
class ResidualBlock(...):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels // 2, 3, padding=1)
        self.conv2 = nn.Conv2d(channels // 2, channels, 3, padding=1)

# %% wrong_sizes__five: A 5x5 kernel.
class ResidualBlock(...):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 5, padding=2)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

# %% wrong_sizes__net: Net goes from 1 to 32 channels and back to 32.
class Net(...):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5)
        self.block1 = ResidualBlock(32)
        self.conv2 = nn.Conv2d(32, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(512, 10)

# %% wrong_summand: y + y: the branch is added to itself.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return F.relu(y + y)

# %% wrong_summand__first: The first half of the branch is added, and the second one is lost.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        z = self.conv2(y)
        return F.relu(x + y)

# %% wrong_summand__renamed: x is overwritten, so that what is added is the first half of the branch.
class ResidualBlock(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv1(x))
        return F.relu(x + self.conv2(x))
