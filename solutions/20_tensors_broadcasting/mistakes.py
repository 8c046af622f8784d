"""What learners get wrong in exercise 20: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 20 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% left_aligned: the ones are put behind the shorter shape.
def broadcast_shape(a, b):
    a, b = list(a), list(b)
    while len(a) < len(b):
        a.append(1)
    while len(b) < len(a):
        b.append(1)
    shape = []
    for m, n in zip(a, b):
        if m == n or m == 1 or n == 1:
            shape.append(max(m, n))
        else:
            raise ValueError("shapes do not match")
    return tuple(shape)

# %% dimensions_lost: zip ends with the shorter shape.
def broadcast_shape(a, b):
    shape = []
    for m, n in zip(reversed(a), reversed(b)):
        if m != n and m != 1 and n != 1:
            raise ValueError("shapes do not match")
        shape.insert(0, max(m, n))
    return tuple(shape)

# %% reversed_shape: compared from the right, and never turned back.
def broadcast_shape(a, b):
    dims = max(len(a), len(b))
    a = (1,) * (dims - len(a)) + a
    b = (1,) * (dims - len(b)) + b
    shape = []
    for m, n in zip(a[::-1], b[::-1]):
        if m != n and 1 not in (m, n):
            raise ValueError("shapes do not match")
        shape.append(max(m, n))
    return tuple(shape)

# %% not_stretched: the longer of the two shapes.
def broadcast_shape(a, b):
    return max(a, b, key=len)

# %% smaller_size: the smaller of two sizes.
def broadcast_shape(a, b):
    dims = max(len(a), len(b))
    a = (1,) * (dims - len(a)) + a
    b = (1,) * (dims - len(b)) + b
    for m, n in zip(a, b):
        if m != n and 1 not in (m, n):
            raise ValueError
    return tuple(min(m, n) for m, n in zip(a, b))

# %% not_refused: the larger size, whether the other is 1 or not.
def broadcast_shape(a, b):
    dims = max(len(a), len(b))
    a = (1,) * (dims - len(a)) + tuple(a)
    b = (1,) * (dims - len(b)) + tuple(b)
    return tuple(max(m, n) for m, n in zip(a, b))

# %% not_refused__none: returns None where the shapes do not fit.
def broadcast_shape(a, b):
    dims = max(len(a), len(b))
    a = (1,) * (dims - len(a)) + tuple(a)
    b = (1,) * (dims - len(b)) + tuple(b)
    shape = ()
    for m, n in zip(a, b):
        if m == n or n == 1:
            shape += (m,)
        elif m == 1:
            shape += (n,)
        else:
            return None
    return shape

# %% other_exception: what torch itself raises, and not what is asked for.
def broadcast_shape(a, b):
    dims = max(len(a), len(b))
    a = (1,) * (dims - len(a)) + tuple(a)
    b = (1,) * (dims - len(b)) + tuple(b)
    for m, n in zip(a, b):
        if m != n and 1 not in (m, n):
            raise RuntimeError("shapes do not match")
    return tuple(max(m, n) for m, n in zip(a, b))

# %% rule_ready_made: torch's own.
def broadcast_shape(a, b):
    try:
        return tuple(torch.broadcast_shapes(a, b))
    except RuntimeError:
        raise ValueError("shapes do not match")

# %% rule_ready_made__added: let torch add, and look at the shape.
def broadcast_shape(a, b):
    try:
        return tuple((torch.zeros(a) + torch.zeros(b)).shape)
    except RuntimeError as error:
        raise ValueError(str(error))

# %% keepdim_missing: the statistics of the rows lose their dimension.
def standardize(X, dim=0):
    std = X.std(dim, correction=0)
    std[std == 0] = 1
    return (X - X.mean(dim)) / std

# %% keepdim_missing__std: the means keep their dimension, the standard deviations do not.
def standardize(X, dim=0):
    mean = X.mean(dim, keepdim=True)
    std = X.std(dim, correction=0)
    return (X - mean) / torch.where(std == 0, torch.ones_like(std), std)

# %% wrong_axis: dim is taken for the dimension that stays.
def standardize(X, dim=0):
    mean = X.mean(1 - dim, keepdim=True)
    std = X.std(1 - dim, correction=0, keepdim=True)
    return (X - mean) / std.masked_fill(std == 0, 1)

# %% wrong_axis__fixed: always the columns.
def standardize(X, dim=0):
    mean = X.mean(0)
    std = X.std(0, correction=0)
    return (X - mean) / torch.where(std > 0, std, 1.0)

# %% unbiased: std divides by n - 1 if nobody says otherwise.
def standardize(X, dim=0):
    mean = X.mean(dim, keepdim=True)
    std = X.std(dim, keepdim=True)
    return (X - mean) / std.masked_fill(std == 0, 1)

# %% divided_by_variance: the root is missing.
def standardize(X, dim=0):
    mean = X.mean(dim, keepdim=True)
    var = ((X - mean) ** 2).mean(dim, keepdim=True)
    return (X - mean) / var.masked_fill(var == 0, 1)

# %% not_divided: only the mean is taken off.
def standardize(X, dim=0):
    return X - X.mean(dim, keepdim=True)

# %% not_centred: only the scale is changed.
def standardize(X, dim=0):
    std = X.std(dim, correction=0, keepdim=True)
    return X / std.masked_fill(std == 0, 1)

# %% over_everything: one mean and one standard deviation for the whole of X.
def standardize(X, dim=0):
    return (X - X.mean()) / X.std()

# %% mean_added: a sign.
def standardize(X, dim=0):
    mean = X.mean(dim, keepdim=True)
    std = X.std(dim, correction=0, keepdim=True)
    return (X + mean) / std.masked_fill(std == 0, 1)

# %% multiplied: the scale the wrong way round.
def standardize(X, dim=0):
    mean = X.mean(dim, keepdim=True)
    std = X.std(dim, correction=0, keepdim=True)
    return (X - mean) * std

# %% sum_not_mean: nobody divides by n.
def standardize(X, dim=0):
    std = X.std(dim, correction=0, keepdim=True)
    return (X - X.sum(dim, keepdim=True)) / std.masked_fill(std == 0, 1)

# %% taken_for_another: var_mean gives the variance first.
def standardize(X, dim=0):
    mean, std = torch.std_mean(X, dim, correction=0, keepdim=True)
    return torch.where(X == std, 0.0, (X - mean) / std)

# %% epsilon_added: as normalisation layers do.
def standardize(X, dim=0):
    mean = X.mean(dim, keepdim=True)
    var = X.var(dim, correction=0, keepdim=True)
    return (X - mean) / torch.sqrt(var + 1e-5)

# %% zero_division: 0 / 0 where all entries are the same.
def standardize(X, dim=0):
    mean = X.mean(dim, keepdim=True)
    std = ((X - mean) ** 2).mean(dim, keepdim=True).sqrt()
    return (X - mean) / std

# %% standardize_ready_made: layer normalisation without eps.
def standardize(X, dim=0):
    if dim == 0:
        return torch.nn.functional.layer_norm(X.T, (X.shape[0],), eps=1e-12).T
    return torch.nn.functional.layer_norm(X, (X.shape[1],), eps=1e-12)

# %% not_paired: n rows against m rows.
def pairwise_distances(X, Y):
    return ((X - Y) ** 2).sum(1).sqrt()

# %% no_root: the squares of the distances.
def pairwise_distances(X, Y):
    return ((X[:, None, :] - Y[None, :, :]) ** 2).sum(-1)

# %% transposed_result: rows of Y by rows of X.
def pairwise_distances(X, Y):
    return ((X[None, :, :] - Y[:, None, :]) ** 2).sum(-1).sqrt()

# %% one_argument: X with itself.
def pairwise_distances(X, Y):
    return ((X[:, None, :] - X[None, :, :]) ** 2).sum(-1).sqrt()

# %% other_dimension: the sum runs over the points.
def pairwise_distances(X, Y):
    return ((X[:, None, :] - Y[None, :, :]) ** 2).sum(1).sqrt()

# %% absolute_values: the distance along the grid.
def pairwise_distances(X, Y):
    return (X[:, None, :] - Y[None, :, :]).abs().sum(-1)

# %% mean_not_sum: the root of the mean of the squares.
def pairwise_distances(X, Y):
    return ((X[:, None, :] - Y[None, :, :]) ** 2).mean(-1).sqrt()

# %% not_summed: a number for each coordinate.
def pairwise_distances(X, Y):
    return ((X[:, None, :] - Y[None, :, :]) ** 2).sqrt()

# %% summed_away: one number for all pairs.
def pairwise_distances(X, Y):
    return ((X[:, None, :] - Y[None, :, :]) ** 2).sum().sqrt()

# %% squeezed: squeeze takes every dimension of size 1.
def pairwise_distances(X, Y):
    return ((X[:, None, :] - Y[None, :, :]) ** 2).sum(-1, keepdim=True).sqrt().squeeze()

# %% cross_term: the 2 of the binomial formula is forgotten.
def pairwise_distances(X, Y):
    return ((X ** 2).sum(1, keepdim=True) + (Y ** 2).sum(1) - X @ Y.T).abs().sqrt()

# %% negative_root: rounding takes the square below zero.
def pairwise_distances(X, Y):
    return torch.sqrt((X ** 2).sum(1, keepdim=True) + (Y ** 2).sum(1) - 2 * X @ Y.T)

# %% graph_cut: the numbers leave torch.
import numpy as np


def pairwise_distances(X, Y):
    D = np.sqrt(((X.detach().numpy()[:, None] - Y.detach().numpy()) ** 2).sum(-1))
    return torch.from_numpy(D)

# %% distance_ready_made: torch's own.
def pairwise_distances(X, Y):
    return torch.cdist(X, Y)

# %% python_loop: entry by entry.
def pairwise_distances(X, Y):
    D = torch.zeros(X.shape[0], Y.shape[0], dtype=X.dtype)
    for i in range(X.shape[0]):
        for j in range(Y.shape[0]):
            D[i, j] = ((X[i] - Y[j]) ** 2).sum().sqrt()
    return D

# %% python_loop__rows: row by row.
def pairwise_distances(X, Y):
    return torch.stack([((x - Y) ** 2).sum(1).sqrt() for x in X])

# %% name_rebound: the sum is a new tensor, which gets the name X.
def add_(X, Y):
    X = X + Y

# %% name_rebound__returned: as before, and returned.
def add_(X, Y):
    Z = torch.zeros_like(X)
    Z[:] = X + Y
    return Z

# %% overwritten: Y is copied into X.
def add_(X, Y):
    X[:] = Y

# %% added_twice: X += X + Y adds X once more.
def add_(X, Y):
    X += X + Y

# %% one_argument__add: X twice.
def add_(X, Y):
    X += X

# %% subtracted: a sign.
def add_(X, Y):
    X -= Y

# %% new_memory: .data gets another memory.
def add_(X, Y):
    X.data = X + Y

# %% y_changed: both are changed.
def add_(X, Y):
    Y += X
    X[:] = Y

# %% y_changed__cleared: what was added is set to zero.
def add_(X, Y):
    X += Y
    Y.zero_()

# %% expanded_written: an expanded tensor has one memory for many entries.
def add_(X, Y):
    Z = Y.clone().expand_as(X)
    Z += X
    X.copy_(Z)
