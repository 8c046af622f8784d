"""Broadcasting, and operations in place: the reference solution."""

import torch


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the result when tensors of the shapes a and b are added; equals torch.broadcast_shapes.

    Arguments: a and b, tuples of sizes of 1 or more; either may be longer, or empty as the shape of a single number.
    Returns: a tuple of sizes.
    Raises: ValueError if the shapes do not fit together.
    Forbidden: torch and numpy; the rule is one about tuples.
    """
    dims = max(len(a), len(b))
    a = (1,) * (dims - len(a)) + a
    b = (1,) * (dims - len(b)) + b
    shape = []
    for m, n in zip(a, b, strict=True):
        if m != n and 1 not in (m, n):
            raise ValueError(f"{a} and {b} do not fit together")
        shape.append(max(m, n))
    return tuple(shape)


def standardize(X: torch.Tensor, dim: int = 0) -> torch.Tensor:
    """X with mean 0 and standard deviation 1 along a dimension.

    Arguments: X (n, d), float32 or float64; dim, 0 to standardize each column (a feature over all samples) or 1 to
        standardize each row (a sample over all features).
    Returns: (n, d), of the same dtype: from each entry the mean of its column, or row, is taken off, and the rest is
        divided by the standard deviation, with 1/n under the root and not 1/(n - 1), and nothing added to it.  A
        column, or row, whose entries are all the same becomes 0.  X stays as it is.
    Forbidden: ready-made normalisations, such as batch_norm and layer_norm; mean, std and var are welcome.
    """
    mean = X.mean(dim=dim, keepdim=True)
    std = X.std(dim=dim, correction=0, keepdim=True)
    return (X - mean) / std.masked_fill(std == 0, 1)


def pairwise_distances(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """The Euclidean distance of each row of X from each row of Y; equals torch.cdist(X, Y).

    Arguments: X (n, d) and Y (m, d), both float32 or both float64.
    Returns: (n, m), of the same dtype: entry (i, j) is the distance of X[i] from Y[j]; 0 where the two are the same
        point.  Differentiable in both, where the distance is not 0.
    Forbidden: torch.cdist and the like, and loops of Python.
    """
    difference = X.unsqueeze(1) - Y
    return difference.square().sum(dim=2).sqrt()


def add_(X: torch.Tensor, Y: torch.Tensor) -> None:
    """Add Y to X in place: the memory of X then holds X + Y, and whoever else looks at this memory sees it.

    Arguments: X, of any shape; Y, of the same dtype and of a shape that broadcasts to that of X.
    Returns: nothing.  Y stays as it is, and so does all memory beside that of X.
    """
    X += Y
