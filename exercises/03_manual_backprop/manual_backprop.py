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
    raise NotImplementedError  # TODO: first y_pred, then the chain rule from the loss back to each parameter


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
        raise NotImplementedError  # TODO: compute y, and keep what backward needs

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        """dy (N, out), for the y of the last `forward` -> dx (N, in).

        Adds to `weight_grad` and `bias_grad`; dy stays as it is.
        """
        raise NotImplementedError  # TODO: add to both gradients, return dx


class ReLU:
    """y = max(x, 0), element by element, as `torch.nn.ReLU`.  Its slope at exactly 0 is 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (N, C) -> y (N, C).  Also keeps what `backward` needs."""
        raise NotImplementedError  # TODO: compute y, and keep what backward needs

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        """dy (N, C), for the y of the last `forward` -> dx (N, C).  dy stays as it is."""
        raise NotImplementedError  # TODO: let through what the forward pass let through


class MSE:
    """The mean of (pred - target)**2 over all N * C elements, without 1/2, as `torch.nn.MSELoss`."""

    def forward(self, pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """pred and target (N, C) -> loss (), one number as a tensor.  Also keeps what `backward` needs."""
        raise NotImplementedError  # TODO: compute the loss, and keep what backward needs

    def backward(self) -> torch.Tensor:
        """-> dpred (N, C).  The chain starts here: the gradient of the loss with respect to itself is 1."""
        raise NotImplementedError  # TODO: return dpred


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
        raise NotImplementedError  # TODO: run the four layers

    def backward(self) -> dict[str, torch.Tensor]:
        """The gradient of the loss with respect to every value, after one `forward`.

        Result: a dict with the keys "pred", "w2", "b2", "h", "z", "w1", "b1", "x".
        """
        raise NotImplementedError  # TODO: walk back from the loss to x


def shared_node_gradients(x: float, w: float) -> tuple[float, float, float]:
    """The gradients of a graph in which u and w are each used twice: u = w * x,  v = u + w,  loss = u * v.

    Result: (dv, du, dw), each the whole gradient: the sum over all uses.
    """
    raise NotImplementedError  # TODO: walk back through the graph by the chain rule, do not multiply the formula out


def train_step(x: float, y: float, w: torch.Tensor, lr: float) -> float:
    """One step of training y_pred = x * w on one sample, with loss = (y_pred - y)**2.

    Here autograd works out dw: call `backward()` on the loss.  Then move `w` itself, in place, to w - lr * dw.
    `w` (1,) requires grad; its `.grad` is None before the first call, and must not carry over from call to call.
    Result: the loss before the update, as a Python number.
    """
    raise NotImplementedError  # TODO: forward, backward, update, zero the gradient
