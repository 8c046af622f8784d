"""What learners get wrong in exercise 23: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 23 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% factor_missing: the derivative of the square, and nothing of the 2 in front.
def grad_inner(x):
    return 2 * x

# %% factor_missing__both: neither of the two factors.
def grad_inner(x):
    return x

# %% value_returned: y itself.
def grad_inner(x):
    return 2 * torch.dot(x, x)

# %% value_returned__layer: the output of the layer.
def jacobian_layer(W, x):
    return torch.tanh(W @ x)

# %% value_returned__loss: the loss itself.
def grad_least_squares(X, y, w):
    return ((X @ w - y) ** 2).mean()

# %% summed_away: the derivatives of all entries in one number.
def grad_inner(x):
    return (4 * x).sum()

# %% second_derivative: what is left if the gradient is differentiated again.
def grad_inner(x):
    return 4 * torch.eye(len(x), dtype=x.dtype)

# %% row_not_vector: a row, as the lecture writes the derivative of a number.
def grad_inner(x):
    return (4 * x).reshape(1, -1)

# %% row_not_vector__column: X and w as matrices, and the gradient as a column.
def grad_least_squares(X, y, w):
    w, y = w.reshape(-1, 1), y.reshape(-1, 1)
    return 2 * X.T @ (X @ w - y) / len(y)

# %% transposed_layout: each input has a row.
def jacobian_layer(W, x):
    h = torch.tanh(W @ x)
    return W.T * (1 - h**2)

# %% transposed_layout__numerical: the columns were stacked as rows.
def numerical_jacobian(f, x, eps=1e-6):
    rows = []
    for j in range(len(x)):
        e = torch.zeros_like(x)
        e[j] = eps
        rows.append((f(x + e) - f(x - e)).reshape(-1) / (2 * eps))
    return torch.stack(rows)

# %% column_sums: what backward gives for ones.
def jacobian_layer(W, x):
    h = torch.tanh(W @ x)
    return W.T @ (1 - h**2)

# %% slope_missing: as if the layer were linear.
def jacobian_layer(W, x):
    return W

# %% inner_missing: the slopes of tanh, and no W.
def jacobian_layer(W, x):
    return torch.diag(1 - torch.tanh(W @ x) ** 2)

# %% other_slope: z squared, and not tanh(z).
def jacobian_layer(W, x):
    z = W @ x
    return (1 - z**2)[:, None] * W

# %% other_slope__twice: tanh of what is tanh already.
def jacobian_layer(W, x):
    h = torch.tanh(W @ x)
    return (1 - torch.tanh(h) ** 2)[:, None] * W

# %% other_slope__sigmoid: the slope of the sigmoid.
def jacobian_layer(W, x):
    h = torch.tanh(W @ x)
    return (h * (1 - h)).reshape(-1, 1) * W

# %% columns_scaled: a vector beside a matrix is one number for each column.
def jacobian_layer(W, x):
    h = torch.tanh(W @ x)
    return (1 - h**2) * W

# %% columns_scaled__product: the diagonal matrix stands on the other side.
def jacobian_layer(W, x):
    h = torch.tanh(W @ x)
    return W @ torch.diag(1 - h**2)

# %% missing_two: as if the loss had a 1/2.
def grad_least_squares(X, y, w):
    return X.T @ (X @ w - y) / len(y)

# %% sum_not_mean: the gradient of the sum of the squares.
def grad_least_squares(X, y, w):
    return 2 * X.T @ (X @ w - y)

# %% half_the_sum: neither 2 nor 1/n.
def grad_least_squares(X, y, w):
    return X.T @ (X @ w - y)

# %% divided_by_weights: w is counted, and not y.
def grad_least_squares(X, y, w):
    return 2 * X.T @ (X @ w - y) / len(w)

# %% wrong_sign: y - X w, and nothing of its inner derivative.
def grad_least_squares(X, y, w):
    return 2 * X.T @ (y - X @ w) / len(y)

# %% target_forgotten: the prediction in the place of the error.
def grad_least_squares(X, y, w):
    return 2 * X.T @ (X @ w) / len(y)

# %% not_summed: the products of errors and samples.
def grad_least_squares(X, y, w):
    error = X @ w - y
    return 2 * X * error.unsqueeze(1) / len(y)

# %% not_summed__transposed: the same, entry by entry with the transpose.
def grad_least_squares(X, y, w):
    return 2 * X.T * (X @ w - y)

# %% column_met_row: w is a column, y is not.
def grad_least_squares(X, y, w):
    error = X @ w.reshape(-1, 1) - y
    return 2 * X.T @ error / len(y)

# %% not_transposed: X in the place of its transpose.
def grad_least_squares(X, y, w):
    return 2 * X @ (X @ w - y) / len(y)

# %% one_sided: the forward difference.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for j in range(len(x)):
        e = torch.zeros_like(x)
        e[j] = eps
        columns.append((f(x + e) - f(x)) / eps)
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% one_sided__backward: the backward difference.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for j in range(len(x)):
        e = torch.zeros_like(x)
        e[j] = eps
        columns.append((f(x) - f(x - e)) / eps)
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% one_side_stays: what is taken for the old entry is a view of the new one.
def numerical_jacobian(f, x, eps=1e-6):
    x = x.clone()
    columns = []
    for j in range(len(x)):
        old = x[j]
        x[j] = old + eps
        up = f(x)
        x[j] = old - eps
        columns.append((up - f(x)) / (2 * eps))
        x[j] = old
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% one_side_stays__formula: f(x) for f(x - eps e_j).
def numerical_jacobian(f, x, eps=1e-6):
    y = f(x)
    columns = []
    for e in torch.eye(len(x), dtype=x.dtype):
        columns.append((f(x + eps * e) - y) / (2 * eps))
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% not_halved: the central difference, divided by eps.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for e in torch.eye(len(x), dtype=x.dtype):
        columns.append((f(x + eps * e) - f(x - eps * e)) / eps)
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% not_divided: a difference is no quotient.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for e in torch.eye(len(x), dtype=x.dtype):
        columns.append(f(x + eps * e) - f(x - eps * e))
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% eps_ignored: a step of its own.
def numerical_jacobian(f, x, eps=1e-6):
    h = 1e-6
    columns = []
    for e in torch.eye(len(x), dtype=x.dtype):
        columns.append((f(x + h * e) - f(x - h * e)) / (2 * h))
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% all_at_once: as for a function of one number.
def numerical_jacobian(f, x, eps=1e-6):
    return (f(x + eps) - f(x - eps)) / (2 * eps)

# %% not_restored: both copies are made before the loop.
def numerical_jacobian(f, x, eps=1e-6):
    up, down = x.clone(), x.clone()
    columns = []
    for j in range(len(x)):
        up[j] += eps
        down[j] -= eps
        columns.append((f(up) - f(down)) / (2 * eps))
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% not_restored__below: one copy, that goes up, goes down, and stays there.
def numerical_jacobian(f, x, eps=1e-6):
    x = x.clone()
    columns = []
    for j in range(len(x)):
        x[j] += eps
        up = f(x)
        x[j] -= 2 * eps
        columns.append((up - f(x)) / (2 * eps))
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% by_output: the loop runs over the outputs.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for j in range(len(f(x))):
        e = torch.zeros_like(x)
        e[j] = eps
        columns.append((f(x + e) - f(x - e)) / (2 * eps))
    return torch.stack(columns, dim=-1)

# %% column_as_row: the answers to one step as a row.
def numerical_jacobian(f, x, eps=1e-6):
    J = torch.zeros(f(x).numel(), len(x), dtype=x.dtype)
    for i in range(len(x)):
        e = torch.zeros_like(x)
        e[i] = eps
        J[i] = (f(x + e) - f(x - e)) / (2 * eps)
    return J

# %% scalar_function: the length of what has no dimensions.
def numerical_jacobian(f, x, eps=1e-6):
    J = torch.zeros(len(f(x)), len(x), dtype=x.dtype)
    for j in range(len(x)):
        e = torch.zeros_like(x)
        e[j] = eps
        J[:, j] = (f(x + e) - f(x - e)) / (2 * eps)
    return J

# %% scalar_function__flat: numbers are stacked to a vector.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for e in torch.eye(len(x), dtype=x.dtype):
        columns.append((f(x + eps * e) - f(x - eps * e)) / (2 * eps))
    return torch.stack(columns, dim=-1)

# %% input_changed: the caller's x goes up and down, and is left there.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for j in range(len(x)):
        x[j] += eps
        up = f(x)
        x[j] -= 2 * eps
        columns.append((up - f(x)) / (2 * eps))
    return torch.stack(columns, dim=-1).reshape(-1, len(x))

# %% autograd_used: backward does it.
def grad_inner(x):
    x = x.clone().requires_grad_(True)
    y = 2 * torch.dot(x, x)
    y.backward()
    return x.grad

# %% autograd_used__rows: a row at a time from backward.
def jacobian_layer(W, x):
    x = x.clone().requires_grad_(True)
    y = torch.tanh(W @ x)
    return torch.stack([torch.autograd.grad(v, x, retain_graph=True)[0] for v in y])

# %% autograd_used__loss: the loss of torch, and its gradient.
def grad_least_squares(X, y, w):
    w = w.clone().requires_grad_(True)
    torch.nn.functional.mse_loss(X @ w, y).backward()
    return w.grad

# %% autograd_used__jacobian: torch's own Jacobian.
def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for e in torch.eye(len(x), dtype=x.dtype):
        columns.append((f(x + eps * e) - f(x - eps * e)) / (2 * eps))
    exact = torch.func.jacrev(f)(x)
    return torch.stack(columns, dim=-1).reshape(-1, len(x))
