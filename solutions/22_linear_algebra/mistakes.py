"""What learners get wrong in exercise 22: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 22 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% not_summed: the products are there, but nobody adds them up.
def mv(A, x):
    return A * x

# %% not_summed__mm: all products, and no sum over the dimension that both have.
def mm(A, B):
    return A.unsqueeze(2) * B.unsqueeze(0)

# %% wrong_axis: the sum runs down the columns.
def mv(A, x):
    return (A * x).sum(dim=0)

# %% wrong_axis__mm: the sum runs over the columns of B.
def mm(A, B):
    return (A[:, :, None] * B[None, :, :]).sum(2)

# %% summed_away: sum without a dimension leaves one number.
def mv(A, x):
    return torch.sum(A * x)

# %% mean_not_sum: the mean of the products.
def mv(A, x):
    return (A * x).mean(dim=1)

# %% mean_not_sum__mm: divided by the number of products.
def mm(A, B):
    rows = [[(a * b).mean() for b in B.T] for a in A]
    return torch.stack([torch.stack(row) for row in rows])

# %% mean_not_sum__norm: the root of the mean square.
def norm(x, p=2):
    if p == math.inf:
        return x.abs().max()
    return x.abs().pow(p).mean().pow(1 / p)

# %% column_not_vector: keepdim leaves a column.
def mv(A, x):
    return (A * x).sum(dim=1, keepdim=True)

# %% overwritten: = in the loop where += is meant.
def mv(A, x):
    y = torch.zeros(A.shape[0], dtype=A.dtype)
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            y[i] = A[i, j] * x[j]
    return y

# %% overwritten__mm: = in the innermost loop where += is meant.
def mm(A, B):
    C = torch.zeros(A.shape[0], B.shape[1], dtype=A.dtype)
    for i in range(A.shape[0]):
        for j in range(B.shape[1]):
            for k in range(A.shape[1]):
                C[i, j] = A[i, k] * B[k, j]
    return C

# %% entry_by_entry: the product of the entries in the place of the product of the matrices.
def mm(A, B):
    return A * B

# %% entry_by_entry__rows: a row of A with the rows of B, not with its columns.
def mm(A, B):
    return torch.stack([(a * B).sum(dim=1) for a in A])

# %% transposed_result: the loops are the wrong way round, and so is the result.
def mm(A, B):
    return torch.stack([torch.stack([(A[i] * B[:, j]).sum() for i in range(A.shape[0])]) for j in range(B.shape[1])])

# %% view_for_transpose: view does not exchange rows and columns.
def mm(A, B):
    columns = B.view(B.shape[1], B.shape[0])
    return torch.stack([torch.stack([(a * b).sum() for b in columns]) for a in A])

# %% product_ready_made: the operator for matrices.
def mv(A, x):
    return A @ x

# %% product_ready_made__mm: einsum does it all.
def mm(A, B):
    return torch.einsum("ik,kj->ij", A, B)

# %% product_ready_made__dot: row by row, but dot multiplies and adds.
def mv(A, x):
    return torch.stack([torch.dot(row, x) for row in A])

# %% graph_cut: item() makes plain numbers, which have no graph.
def mv(A, x):
    return torch.tensor([(row * x).sum().item() for row in A], dtype=A.dtype)

# %% graph_cut__mm: the factors are detached.
def mm(A, B):
    return (A.detach().unsqueeze(2) * B).sum(dim=1)

# %% no_root: the sum of the squares, which is the square of the norm.
def norm(x, p=2):
    if p == math.inf:
        return x.abs().max()
    return x.abs().pow(p).sum()

# %% no_absolute_value: negative entries cancel positive ones.
def norm(x, p=2):
    if p == 1:
        return x.sum()
    if p == 2:
        return x.pow(2).sum().sqrt()
    return x.abs().max()

# %% no_absolute_value__largest: the largest entry, which may be a small one.
def norm(x, p=2):
    if p == math.inf:
        return x.max()
    return x.abs().pow(p).sum().pow(1 / p)

# %% p_ignored: the 2-norm, whatever p says.
def norm(x, p=2):
    return x.pow(2).sum().sqrt()

# %% infinity_as_power: x to the power of infinity, and then to the power of 1 / infinity.
def norm(x, p=2):
    return x.abs().pow(p).sum().pow(1 / p)

# %% norm_of_operator: the largest sum of a row.
def norm(x, p=2):
    sizes = x.abs()
    if p == math.inf:
        return sizes.sum(dim=-1).max()
    return sizes.pow(p).sum().pow(1 / p)

# %% norm_by_line: one norm for each row.
def norm(x, p=2):
    sizes = x.abs()
    if p == math.inf:
        return sizes.amax(dim=-1)
    return sizes.pow(p).sum(dim=-1).pow(1 / p)

# %% norm_ready_made: torch's own.
def norm(x, p=2):
    return torch.linalg.vector_norm(x, p)

# %% not_normalised: multiplied by A again and again.
def power_iteration(A, x0, steps):
    v = x0
    for _ in range(steps):
        v = mv(A, v)
    return (v * mv(A, v)).sum() / (v * v).sum(), v

# %% not_normalised__at_the_end: divided by the length once, when all is over.
def power_iteration(A, x0, steps):
    v = x0
    for _ in range(steps):
        v = mv(A, v)
    v = v / norm(v)
    return (v * mv(A, v)).sum(), v

# %% other_length: divided by the largest entry.
def power_iteration(A, x0, steps):
    v = x0
    for _ in range(steps):
        v = mv(A, v)
        v = v / norm(v, math.inf)
    return (v * mv(A, v)).sum() / (v * v).sum(), v

# %% other_length__sum: the entries add up to one.
def power_iteration(A, x0, steps):
    v = x0
    for _ in range(steps):
        v = mv(A, v)
        v = v / norm(v, 1)
    return (v * mv(A, v)).sum() / (v * v).sum(), v

# %% steps_miscounted: one step more, for the value.
def power_iteration(A, x0, steps):
    v = x0
    for _ in range(steps + 1):
        v = mv(A, v)
        v = v / norm(v)
    return (v * mv(A, v)).sum(), v

# %% start_returned: each step begins with x0 again.
def power_iteration(A, x0, steps):
    v = x0 / norm(x0)
    for _ in range(steps):
        w = mv(A, x0)
        w = w / norm(w)
    return (w * mv(A, w)).sum(), v

# %% absolute_value: the length of A v, which has no sign.
def power_iteration(A, x0, steps):
    v = x0
    for _ in range(steps):
        v = mv(A, v)
        value = norm(v)
        v = v / value
    return value, v

# %% not_divided: the quotient of the vector before it is divided by its length.
def power_iteration(A, x0, steps):
    v = x0
    for _ in range(steps):
        w = mv(A, v)
        v = w / norm(w)
    return (w * mv(A, w)).sum(), v

# %% eigen_ready_made: torch's own decomposition.
def power_iteration(A, x0, steps):
    for _ in range(steps):
        x0 = mv(A, x0)
    values, vectors = torch.linalg.eigh(A)
    value = values[values.abs().argmax()]
    return value, x0 / norm(x0)
