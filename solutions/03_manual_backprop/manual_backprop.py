"""Exercise 03: backpropagation by hand.  See README.md for the picture; check with `dlex check 03`.

Everything except `train_step` is worked out by hand: no autograd (`requires_grad`, `Tensor.backward`,
`torch.autograd`, `torch.func`).  `dx` is short for the gradient of the loss with respect to x; it has the shape and
dtype of x.
"""

import torch


def quadratic_gradients(x: float, y: float, w1: float, w2: float, b: float) -> tuple[float, float, float]:
    """The gradients of loss = (y_pred - y)**2 for one sample, where y_pred = w1 * x**2 + w2 * x + b.

    Result: (dw1, dw2, db).
    """
    error = w1 * x**2 + w2 * x + b - y
    dy_pred = 2 * error
    return dy_pred * x**2, dy_pred * x, dy_pred


class Linear:
    """y = x @ weight.T + bias, as `torch.nn.Linear`.

    Arguments: weight (out, in) and bias (out,), float32 or float64.
    `weight_grad` and `bias_grad`: the sum of what all calls of `backward` so far have found.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        self.weight = weight
        self.bias = bias
        self.weight_grad = torch.zeros_like(weight)
        self.bias_grad = torch.zeros_like(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (N, in) -> y (N, out).  Also keeps what `backward` needs."""
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        """dy (N, out), for the y of the last `forward` -> dx (N, in).

        Adds to `weight_grad` and `bias_grad`; dy stays as it is.
        """
        self.weight_grad += dy.T @ self.x
        self.bias_grad += dy.sum(dim=0)  # the bias went to every sample, so it hears from every sample
        return dy @ self.weight


class ReLU:
    """y = max(x, 0), element by element, as `torch.nn.ReLU`.  Its slope at exactly 0 is 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (N, C) -> y (N, C).  Also keeps what `backward` needs."""
        self.mask = x > 0
        return x * self.mask

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        """dy (N, C), for the y of the last `forward` -> dx (N, C).  dy stays as it is."""
        return dy * self.mask


class MSE:
    """The mean of (pred - target)**2 over all N * C elements, without 1/2, as `torch.nn.MSELoss`."""

    def forward(self, pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """pred and target (N, C) -> loss (), one number as a tensor.  Also keeps what `backward` needs."""
        self.error = pred - target
        return (self.error**2).mean()

    def backward(self) -> torch.Tensor:
        """-> dpred (N, C).  The chain starts here: the gradient of the loss with respect to itself is 1."""
        return 2 * self.error / self.error.numel()


class TwoLayerNet:
    """z = x @ w1.T + b1,  h = relu(z),  pred = h @ w2.T + b2,  loss = MSE(pred, y): the layers above in a chain.

    Arguments: w1 (hidden, in), b1 (hidden,), w2 (out, hidden), b2 (out,).
    """

    def __init__(self, w1: torch.Tensor, b1: torch.Tensor, w2: torch.Tensor, b2: torch.Tensor) -> None:
        self.linear1 = Linear(w1, b1)
        self.relu = ReLU()
        self.linear2 = Linear(w2, b2)
        self.mse = MSE()

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """x (N, in), y (N, out) -> loss ()."""
        z = self.linear1.forward(x)
        h = self.relu.forward(z)
        pred = self.linear2.forward(h)
        return self.mse.forward(pred, y)

    def backward(self) -> dict[str, torch.Tensor]:
        """The gradient of the loss with respect to every value, after one `forward`.

        Result: a dict with the keys "pred", "w2", "b2", "h", "z", "w1", "b1", "x".
        """
        dpred = self.mse.backward()
        dh = self.linear2.backward(dpred)
        dz = self.relu.backward(dh)
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


def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    """The gradients of a graph in which u and w are each used twice: u = w * x,  v = u + w,  loss = u * v.

    Result: (dv, du, dw), each the whole gradient: the sum over all uses.
    """
    u = w * x
    v = u + w
    dv = u
    du = v + dv  # one term for each use of u: in the loss, in v
    dw = du * x + dv  # and of w: in u, in v
    return dv, du, dw


def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    """One step of training y_pred = x * w on one sample, with loss = (y_pred - y)**2.

    Here autograd works out dw: call `backward()` on the loss.  Then move `w` itself, in place, to w - lr * dw.
    `w` (1,) requires grad; its `.grad` is None before the first call, and must not carry over from call to call.
    Result: the loss before the update, as a Python number.
    """
    loss = (x * w - y) ** 2
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad.zero_()
    return loss.item()
