"""Products, norms and the direction that stays: the reference solution."""

import math

import torch


def mv(A: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The matrix A times the vector x, from products of numbers and sums; equals torch.mv.

    Arguments: A (m, n) and x (n,), both float32 or both float64.
    Returns: (m,), of the same dtype, differentiable in both.
    Forbidden: `@`, torch.mv, dot, matmul, einsum and the like; `*` and sum are all that is needed.
    """
    return (A * x).sum(dim=1)


def mm(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """The matrix A times the matrix B, from products of numbers and sums; equals torch.mm.

    Arguments: A (m, k) and B (k, n), both float32 or both float64.
    Returns: (m, n), of the same dtype, differentiable in both.
    Forbidden: as in mv.
    """
    return (A.unsqueeze(2) * B).sum(dim=1)


def norm(x: torch.Tensor, p: float = 2) -> torch.Tensor:
    """How long x is: the p-norm of all its entries.

    Arguments: x, float32 or float64, a vector or a matrix; of a matrix all entries count, as if they were one long
        vector (with p = 2 this is the Frobenius norm); p, one of 1, 2 and math.inf.
    Returns: a tensor without dimensions, of the same dtype: the sum of the absolute values (p = 1), the root of the
        sum of the squares (p = 2), the largest absolute value (p = math.inf).
    Forbidden: torch.norm, torch.linalg.norm and the like.
    """
    sizes = x.abs()
    if p == math.inf:
        return sizes.max()
    return sizes.pow(p).sum().pow(1 / p)


def power_iteration(A: torch.Tensor, x0: torch.Tensor, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The eigenvalue of A that is largest in absolute value, and its eigenvector, by power iteration.

    Start from x0; in each step multiply by A and divide by the length (the 2-norm).

    Arguments: A (n, n), symmetric, and x0 (n,), not zero, both float32 or both float64; steps, how many, 1 or more.
    Returns: (value, vector): the vector after the last step, (n,), of length 1, either sign; and the eigenvalue that
        belongs to it, with its sign, a tensor without dimensions.  A and x0 stay as they are.
    Forbidden: torch.linalg.eigh, svd and the like; your own mv and norm are welcome, and so are torch's here.
    """
    vector = x0
    for _ in range(steps):
        vector = mv(A, vector)
        vector = vector / norm(vector)
    value = (vector * mv(A, vector)).sum()  # the Rayleigh quotient; vector has length 1
    return value, vector
