"""Exercise 21: comparing and clipping.  See README.md; check with `dlex check 21`."""

import torch


def count_equal(a: torch.Tensor, b: torch.Tensor) -> int:
    """How many elements of a are equal to the element of b at the same place.

    Arguments: a and b, of the same shape and dtype, whole or real numbers.
    Returns: an int of Python, from 0 to the number of elements.
    Raises: ValueError if the shapes differ, also where torch could broadcast them.
    """
    raise NotImplementedError  # TODO: shapes first; then compare element by element


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether a and b have the same shape and the same elements; equals torch.equal.

    Arguments: a and b, of any shapes, of the same dtype.
    Returns: True or False of Python: False where the shapes differ, which is no error, and where an element differs,
        however little.  NaN is equal to nothing, not even to NaN.
    Forbidden: torch.equal, torch.allclose and the like.
    """
    raise NotImplementedError  # TODO: one answer for the whole of two tensors


def clip(x: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """x with all that is below low raised to low, and all that is above high lowered to high; equals torch.clamp.

    Arguments: x, of any shape; low and high, numbers of Python, whole ones if x holds whole numbers.
    Returns: of the shape and dtype of x.  Its gradient is 1 where low < x < high, and 0 where x is outside.  If low is
        above high, everything becomes high.  x stays as it is.
    Forbidden: clamp, clip and what holds one, such as hardtanh.
    """
    raise NotImplementedError  # TODO: first one bound, then the other


def safe_log(p: torch.Tensor) -> torch.Tensor:
    """The natural logarithm of probabilities, with -100 for the logarithm of 0.

    Arguments: p, of any shape, float32 or float64, from 0 to 1; what is not 0 is at least 1e-30.
    Returns: of the shape and dtype of p.  Its gradient is 1/p, and 0 where p is 0: no infinity and no NaN.
    """
    raise NotImplementedError  # TODO: what is the logarithm allowed to see?
