"""Exercise 28: the perceptron, XOR and the multilayer perceptron.  See README.md; check with `dlex check 28`."""

import torch


def perceptron(X: torch.Tensor, y: torch.Tensor, max_epochs: int) -> tuple[torch.Tensor, torch.Tensor, list[int]]:
    """Rosenblatt's perceptron: weights, bias, and how many mistakes there were in each epoch.

    Start from zeros.  An epoch goes through the samples one by one, in their order.  A sample is a mistake if
    y_i * (w·x_i + b) <= 0, with the w and b of that moment; then, and only then, y_i * x_i is added to w and y_i to b.
    After an epoch without a mistake it is over, and after `max_epochs` in any case.

    Arguments: X (N, D), float32 or float64; y (N,), of the same dtype, each -1 or +1; max_epochs, 1 or more.
    Returns: (w, b, mistakes): w (D,) and b, a tensor without dimensions, both of the dtype of X; mistakes, a list with
        one int for each epoch that was begun, the last one included even if it is 0.  X and y stay as they are.
    """
    raise NotImplementedError  # TODO: two loops, over the epochs and over the samples


def relu(X: torch.Tensor) -> torch.Tensor:
    """The larger of x and 0, for each entry of X.

    Arguments: X, of any shape, float32 or float64; it stays as it is.
    Returns: a tensor of the same shape and dtype, differentiable.
    Forbidden: torch.relu, nn.ReLU, clamp and the like; compare, or take a maximum.
    """
    raise NotImplementedError  # TODO: what is below 0 becomes 0


def mlp(X: torch.Tensor, W1: torch.Tensor, b1: torch.Tensor, W2: torch.Tensor, b2: torch.Tensor) -> torch.Tensor:
    """A network with one hidden layer: relu(X W1 + b1) W2 + b2.

    Arguments: X (N, D), or pictures (N, C, H, W), each of which is flattened to a row of D = C * H * W numbers;
        W1 (D, K) and b1 (K,), the hidden layer; W2 (K, Q) and b2 (Q,), the output layer; all of one dtype.
    Returns: (N, Q), the logits, of the same dtype, differentiable in all five.
    """
    raise NotImplementedError  # TODO: flatten, hidden layer, output layer


def xor_weights() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Weights with two hidden units by which mlp solves XOR; think, do not train.

    With (W1, b1, W2, b2) = xor_weights() the logit mlp(X, W1, b1, W2, b2) is over 0 for the points (0, 1) and (1, 0),
    and under 0 for (0, 0) and (1, 1); so it is, too, for points each coordinate of which is off by less than 0.2.

    Returns: (W1, b1, W2, b2), float32, of shapes (2, 2), (2,), (2, 1) and (1,).
    """
    raise NotImplementedError  # TODO: two lines, and how they are combined
