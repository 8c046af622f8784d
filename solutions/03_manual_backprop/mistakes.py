"""What learners get wrong in exercise 03: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 03 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: reference

# %% autograd_used: The three gradients come from backward().
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    params = torch.tensor([w1, w2, b], dtype=torch.float64, requires_grad=True)
    loss = (params[0] * x**2 + params[1] * x + params[2] - y) ** 2
    loss.backward()
    dw1, dw2, db = params.grad.tolist()
    return dw1, dw2, db

# %% autograd_used__net: The net asks autograd for its gradients.
class TwoLayerNet(...):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.values = {"x": x, "w1": self.linear1.weight, "b1": self.linear1.bias}
        self.values |= {"w2": self.linear2.weight, "b2": self.linear2.bias}
        for value in self.values.values():
            value.requires_grad_()
        self.values["z"] = self.linear1.forward(x)
        self.values["h"] = self.relu.forward(self.values["z"])
        self.values["pred"] = self.linear2.forward(self.values["h"])
        self.loss = self.mse.forward(self.values["pred"], y)
        return self.loss

    def backward(self) -> dict[str, torch.Tensor]:
        grads = torch.autograd.grad(self.loss, list(self.values.values()))
        return dict(zip(self.values, grads))

# %% averaged_in_linear: 1/m in the layer, as in courses whose loss has none.
class Linear(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        m = dy.shape[0]
        self.weight_grad += dy.T @ self.x / m
        self.bias_grad += dy.sum(dim=0) / m
        return dy @ self.weight

# %% averaged_in_linear__bias: The bias takes the mean of dy over the samples.
class Linear(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        self.weight_grad += dy.T @ self.x
        self.bias_grad += dy.mean(dim=0)
        return dy @ self.weight

# %% bias_not_summed: The bias gets dy as it is, one row a sample.
class Linear(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        self.weight_grad += dy.T @ self.x
        self.bias_grad = self.bias_grad + dy
        return dy @ self.weight

# %% bias_not_summed__in_place: The bias gets dy as it is, which does not fit.
class Linear(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        self.weight_grad += dy.T @ self.x
        self.bias_grad += dy
        return dy @ self.weight

# %% differentiated_by_x: x**2 becomes 2 * x, as if the derivative were by x.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dloss = 2 * (y_pred - y)
    return dloss * 2 * x, dloss * x, dloss

# %% divided_by_rows: Divided by the number of samples, as if there were one output.
class MSE(...):
    def backward(self) -> torch.Tensor:
        return 2 * self.error / len(self.error)

# %% divided_by_rows__forward: The sum over the outputs, the mean over the samples.
class MSE:
    def forward(self, pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        self.error = pred - target
        return (self.error**2).sum(dim=1).mean()

    def backward(self) -> torch.Tensor:
        return 2 * self.error / self.error.shape[0]

# %% forward_value: The bias is left out of the prediction.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred

# %% forward_value__shared: u is taken for a sum.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    u = w + x
    v = u + w
    dv = u
    du = v + dv
    dw = du * x + dv
    return dv, du, dw

# %% gradient_overwritten: The second use of each node replaces the gradient of the first.
def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    u = w * x
    v = u + w
    # loss = u * v
    du = v
    dv = u
    # v = u + w
    du = dv
    dw = dv
    # u = w * x
    dw = du * x
    return dv, du, dw

# %% gradient_overwritten__linear: = for +=: a second call of backward forgets the first.
class Linear(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        self.weight_grad = dy.T @ self.x
        self.bias_grad = dy.sum(dim=0)
        return dy @ self.weight

# %% gradient_overwritten__w_only: du has both parts, but of w only the use in u counts.
def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    u = w * x
    v = u + w
    dv = u
    du = v + dv
    dw = du * x
    return dv, du, dw

# %% graph_kept: The loss is returned with its graph.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad.zero_()
    return loss

# %% leaf_in_place: The update is neither under no_grad nor on .data.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    w -= lr * w.grad
    w.grad.zero_()
    return loss.item()

# %% loss_after_update: The loss is computed anew after the update.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad.zero_()
    return ((x * w - y) ** 2).item()

# %% missing_bias: The bias is kept, but never added.
class Linear(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.x = x
        return x @ self.weight.T

# %% missing_factor: Every parameter gets the gradient of y_pred; x**2 and x are left out.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    grad = 2 * (y_pred - y)
    return grad, grad, grad

# %% missing_factor__x_for_x2: w1 stands next to x**2, but the gradient has x, as in the lecture's y = x * w.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    grad = 2 * (y_pred - y) * x
    return grad, grad, 2 * (y_pred - y)

# %% missing_two: The 2 of the square is lost.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    return (y_pred - y) * x**2, (y_pred - y) * x, y_pred - y

# %% missing_two__mse: The loss is (pred - target)**2, its derivative is taken as if it had a 1/2.
class MSE(...):
    def backward(self) -> torch.Tensor:
        return self.error / self.error.numel()

# %% no_backward: The gradient by the formula of the lecture before, not by autograd.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    grad = 2 * x * (x * w.item() - y)
    w.data -= lr * grad
    return loss.item()

# %% not_squared: ** became *.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


class MSE(...):
    def forward(self, pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        self.error = pred - target
        return (self.error * 2).mean()

# %% not_squared__step: The loss is the distance.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y).abs()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad.zero_()
    return loss.item()

# %% not_zeroed: The gradient is never zeroed.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    return loss.item()

# %% other_factor: The derivative by v is taken for v itself.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    u = w * x
    v = u + w
    dv = v
    du = v + dv
    dw = du * x + dv
    return dv, du, dw

# %% rebound_parameter: w = w - ... makes a new tensor; then its .grad is None.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    w = w - lr * w.grad
    w.grad.zero_()
    return loss.item()

# %% rebound_parameter__no_grad: Under no_grad too, w = ... moves only the name.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    grad = w.grad.clone()
    w.grad.zero_()
    with torch.no_grad():
        w = w - lr * grad
    return loss.item()

# %% relu_at_zero: >= for >: the gradient passes at 0.
class ReLU(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.mask = x >= 0
        return x * self.mask

# %% relu_bend: Values up to 1 are lost.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


class ReLU(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.mask = x > 1
        return x * self.mask

# %% relu_ignored: backward of ReLU passes everything.
class ReLU(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return dy

# %% relu_ignored__in_net: The net jumps over ReLU on the way back.
class TwoLayerNet(...):
    def backward(self) -> dict[str, torch.Tensor]:
        dpred = self.mse.backward()
        dh = self.linear2.backward(dpred)
        dz = dh
        dx = self.linear1.backward(dz)
        return {
            "pred": dpred,
            "w2": self.linear2.weight_grad,
            "b2": self.linear2.bias_grad,
            "h": dh,
            "z": dz,
            "w1": self.linear1.weight_grad,
            "b1": self.linear1.bias_grad,
            "x": dx,
        }

# %% relu_mask_from_gradient: ReLU is applied to the gradient.
class ReLU(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return torch.relu(dy)

# %% results_swapped: The gradients come back in the order in which the graph was built.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    u = w * x
    v = u + w
    dv = u
    du = v + dv
    dw = du * x + dv
    return du, dv, dw

# %% slip_in_du: The derivative of u * v for u is taken for u.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    u = w * x
    v = u + w
    dv = u
    du = u + dv
    dw = du * x + dv
    return dv, du, dw

# %% step_size: The learning rate is left out.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    with torch.no_grad():
        w -= w.grad
    w.grad.zero_()
    return loss.item()

# %% step_uphill: += for -=.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    with torch.no_grad():
        w += lr * w.grad
    w.grad.zero_()
    return loss.item()

# %% sum_not_mean: The sum of the squares, in the loss and in its gradient.
class MSE:
    def forward(self, pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        self.error = pred - target
        return (self.error**2).sum()

    def backward(self) -> torch.Tensor:
        return 2 * self.error

# %% sum_not_mean__backward: The loss is the mean, its gradient that of the sum.
class MSE(...):
    def backward(self) -> torch.Tensor:
        return 2 * self.error

# %% target_forgotten: The derivative of y_pred**2: y is not subtracted.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    return 2 * y_pred * x**2, 2 * y_pred * x, 2 * y_pred

# %% upstream_forgotten: Only the derivatives of y_pred, without the derivative of the loss.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    return x**2, x, 1.0

# %% upstream_forgotten__relu: backward of ReLU returns the mask itself.
class ReLU(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return self.mask.to(dy.dtype)

# %% visited_too_early: u is visited before v, when the part of du that comes through v is still missing.
def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    u = w * x
    v = u + w
    grad = {"u": 0.0, "v": 0.0, "w": 0.0}
    # loss = u * v
    grad["u"] += v
    grad["v"] += u
    # u = w * x
    grad["w"] += grad["u"] * x
    # v = u + w
    grad["u"] += grad["v"]
    grad["w"] += grad["v"]
    return grad["v"], grad["u"], grad["w"]

# %% weight_grad_transposed: x.T @ dy is (in, out).
class Linear(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        self.weight_grad = self.weight_grad.T + self.x.T @ dy
        self.bias_grad += dy.sum(dim=0)
        return dy @ self.weight

# %% weight_grad_transposed__in_place: x.T @ dy does not fit into weight_grad.
class Linear(...):
    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        self.weight_grad += self.x.T @ dy
        self.bias_grad += dy.sum(dim=0)
        return dy @ self.weight

# %% weight_not_transposed: x @ weight, as in courses that keep the weight as (in, out).
class Linear(...):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.x = x
        return x @ self.weight + self.bias

# %% wrong_factor: The parameter itself is the factor.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * w1, dy_pred * w2, dy_pred

# %% wrong_key: Two gradients are under one another's key.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    dy_pred = 2 * (y_pred - y)
    return dy_pred * x**2, dy_pred * x, dy_pred


class TwoLayerNet(...):
    def backward(self) -> dict[str, torch.Tensor]:
        dpred = self.mse.backward()
        dh = self.linear2.backward(dpred)
        dz = self.relu.backward(dh)
        dx = self.linear1.backward(dz)
        return {
            "pred": dpred,
            "w2": self.linear1.weight_grad,
            "b2": self.linear2.bias_grad,
            "h": dh,
            "z": dz,
            "w1": self.linear2.weight_grad,
            "b1": self.linear1.bias_grad,
            "x": dx,
        }

# %% wrong_order: backward runs through the layers in the order of forward.
class TwoLayerNet(...):
    def backward(self) -> dict[str, torch.Tensor]:
        dpred = self.mse.backward()
        dz = self.linear1.backward(dpred)
        dh = self.relu.backward(dz)
        dx = self.linear2.backward(dh)
        return {
            "pred": dpred,
            "w2": self.linear2.weight_grad,
            "b2": self.linear2.bias_grad,
            "h": dh,
            "z": dz,
            "w1": self.linear1.weight_grad,
            "b1": self.linear1.bias_grad,
            "x": dx,
        }

# %% wrong_sign: y - y_pred squares to the same loss, but turns the gradient round.
def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    y_pred = w1 * x**2 + w2 * x + b
    return 2 * (y - y_pred) * x**2, 2 * (y - y_pred) * x, 2 * (y - y_pred)

# %% wrong_sign__mse: target - pred: right loss, wrong sign of the gradient.
class MSE(...):
    def forward(self, pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        self.error = target - pred
        return (self.error**2).mean()

# %% zeroed_before_update: The gradient is zeroed right after backward.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    loss.backward()
    w.grad.data.zero_()
    w.data = w.data - lr * w.grad.data
    return loss.item()

# %% zeroed_none: zero_() before the first backward, when there is no gradient yet.
def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    loss = (x * w - y) ** 2
    w.grad.data.zero_()
    loss.backward()
    w.data = w.data - lr * w.grad.data
    return loss.item()
