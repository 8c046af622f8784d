"""What learners get wrong in exercise 25: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 25 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% labels_not_column: y is a vector.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = torch.matmul(X, w) + b
    y += torch.normal(0, 0.01, y.shape)
    return X, y

# %% column_meets_row: a column for y, and a row of noise.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = X @ w.reshape(-1, 1) + b
    return X, y + torch.normal(0, 0.01, (num_examples,))

# %% column_meets_row__loss: labels (n,) are taken from predictions (n, 1).
def squared_loss(y_hat, y):
    return (y_hat - y) ** 2 / 2

# %% same_every_time: the seed is set in the function.
def synthetic_data(w, b, num_examples):
    torch.manual_seed(0)
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = X @ w + b + torch.normal(0, 0.01, (num_examples,))
    return X, y.reshape(-1, 1)

# %% uniform_features: rand for randn.
def synthetic_data(w, b, num_examples):
    X = torch.rand(num_examples, len(w))
    y = X @ w + b
    return X, (y + torch.normal(0, 0.01, y.shape)).reshape(-1, 1)

# %% pair_order: y and X in the place of X and y.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = X @ w + b + torch.normal(0, 0.01, (num_examples,))
    return y.reshape(-1, 1), X

# %% not_standard: between -1 and 1.
def synthetic_data(w, b, num_examples):
    X = 2 * torch.rand(num_examples, len(w)) - 1
    y = X @ w + b
    return X, (y + torch.normal(0, 0.01, y.shape)).reshape(-1, 1)

# %% bias_missing: synthetic_data takes b and forgets it.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = X @ w
    return X, (y + torch.normal(0, 0.01, y.shape)).reshape(-1, 1)

# %% bias_missing__linreg: a model without b.
def linreg(X, w, b):
    return torch.matmul(X, w)

# %% bias_for_each_feature: b is added before the sum.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = (X * w + b).sum(dim=1)
    return X, (y + torch.normal(0, 0.01, y.shape)).reshape(-1, 1)

# %% same_noise: no noise at all.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    return X, (X @ w + b).reshape(-1, 1)

# %% same_noise__one_number: one draw for all labels, as in the notes.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = X @ w + b
    y += torch.normal(0, 0.01, (1,))
    return X, y.reshape(-1, 1)

# %% variance_for_deviation: 0.01 is taken for the variance.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = X @ w + b
    return X, (y + torch.normal(0, 0.01 ** 0.5, y.shape)).reshape(-1, 1)

# %% noise_too_large: randn as it comes.
def synthetic_data(w, b, num_examples):
    X = torch.randn(num_examples, len(w))
    y = X @ w + b
    return X, (y + torch.randn(y.shape)).reshape(-1, 1)

# %% noise_on_features: the noise goes into X before the product.
def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = (X + torch.normal(0, 0.01, X.shape)) @ w + b
    return X, y.reshape(-1, 1)

# %% last_batch_dropped: as many batches as are full.
def data_iter(batch_size, features, labels):
    order = torch.randperm(len(features))
    for k in range(len(features) // batch_size):
        rows = order[k * batch_size:(k + 1) * batch_size]
        yield features[rows], labels[rows]

# %% end_excluded_twice: the end of a slice does not belong to it already.
def data_iter(batch_size, features, labels):
    n = len(features)
    order = torch.randperm(n)
    for i in range(0, n, batch_size):
        rows = order[i:min(i + batch_size, n) - 1]
        yield features[rows], labels[rows]

# %% last_batch_filled: the last batch is filled up from the beginning.
def data_iter(batch_size, features, labels):
    n = len(features)
    order = torch.randperm(n)
    for i in range(0, n, batch_size):
        rows = order[torch.arange(i, i + batch_size) % n]
        yield features[rows], labels[rows]

# %% first_batch_only: a break that was meant for looking at the first batch.
def data_iter(batch_size, features, labels):
    order = torch.randperm(len(features))
    for rows in order.split(batch_size):
        yield features[rows], labels[rows]
        break

# %% whole_data: the shuffled rows, but all of them each time.
def data_iter(batch_size, features, labels):
    indices = torch.randperm(len(features))
    for i in range(0, len(features), batch_size):
        batch_indices = indices[i:i + batch_size]
        yield features[indices], labels[indices]

# %% whole_data__labels: the features of the batch, and all labels.
def data_iter(batch_size, features, labels):
    for rows in torch.randperm(len(features)).split(batch_size):
        yield features[rows], labels

# %% returned_not_yielded: return ends the function with the first batch.
def data_iter(batch_size, features, labels):
    order = torch.randperm(len(features))
    for i in range(0, len(features), batch_size):
        rows = order[i:i + batch_size]
        return features[rows], labels[rows]

# %% repeated_samples: each batch is drawn from all rows.
def data_iter(batch_size, features, labels):
    n = len(features)
    for i in range(0, n, batch_size):
        rows = torch.randint(n, (min(batch_size, n - i),))
        yield features[rows], labels[rows]

# %% repeated_samples__sample: within a batch none twice, but between batches.
def data_iter(batch_size, features, labels):
    n = len(features)
    for i in range(0, n, batch_size):
        rows = torch.randperm(n)[:min(batch_size, n - i)]
        yield features[rows], labels[rows]

# %% pairs_broken: an order for the features, and another for the labels.
def data_iter(batch_size, features, labels):
    n = len(features)
    features, labels = features[torch.randperm(n)], labels[torch.randperm(n)]
    for i in range(0, n, batch_size):
        yield features[i:i + batch_size], labels[i:i + batch_size]

# %% pairs_broken__forgotten: the features are shuffled, the labels are not.
def data_iter(batch_size, features, labels):
    order = torch.randperm(len(features))
    for i in range(0, len(features), batch_size):
        yield features[order[i:i + batch_size]], labels[i:i + batch_size]

# %% data_changed: the caller's tensors are shuffled.
def data_iter(batch_size, features, labels):
    order = torch.randperm(len(features))
    features[:], labels[:] = features[order], labels[order]
    for i in range(0, len(features), batch_size):
        yield features[i:i + batch_size], labels[i:i + batch_size]

# %% not_shuffled: nobody shuffles.
def data_iter(batch_size, features, labels):
    indices = list(range(len(features)))
    for i in range(0, len(features), batch_size):
        rows = torch.tensor(indices[i:i + batch_size])
        yield features[rows], labels[rows]

# %% not_shuffled__returned: sorted again, for good measure.
def data_iter(batch_size, features, labels):
    indices, _ = torch.randperm(len(features)).sort()
    for rows in indices.split(batch_size):
        yield features[rows], labels[rows]

# %% same_order_again: the same seed in each pass.
def data_iter(batch_size, features, labels):
    generator = torch.Generator().manual_seed(42)
    order = torch.randperm(len(features), generator=generator)
    for rows in order.split(batch_size):
        yield features[rows], labels[rows]

# %% fixed_batches: the batches change places, and their members stay together.
def data_iter(batch_size, features, labels):
    batches = torch.arange(len(features)).split(batch_size)
    for k in torch.randperm(len(batches) - 1):
        yield features[batches[k]], labels[batches[k]]
    yield features[batches[-1]], labels[batches[-1]]

# %% entry_by_entry: the product of the entries.
def linreg(X, w, b):
    return X * w.reshape(-1) + b

# %% labels_not_column__linreg: the column is squeezed.
def linreg(X, w, b):
    return (X @ w + b).squeeze(1)

# %% graph_cut: the weights are detached.
def linreg(X, w, b):
    return torch.matmul(X, w.detach()) + b

# %% graph_cut__loss: the data of the predictions.
def squared_loss(y_hat, y):
    return (y_hat.data - y.reshape(y_hat.shape)) ** 2 / 2

# %% half_missing: the square as it is.
def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2

# %% half_inside: the error is halved before it is squared.
def squared_loss(y_hat, y):
    return ((y_hat - y.reshape(y_hat.shape)) / 2) ** 2

# %% not_per_sample: the mean, as torch has it.
def squared_loss(y_hat, y):
    return ((y_hat - y.reshape(y_hat.shape)) ** 2 / 2).mean()

# %% not_per_sample__sum: the sum of all.
def squared_loss(y_hat, y):
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).sum() / 2

# %% not_per_sample__share: each is divided by their number.
def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2 / len(y)

# %% not_squared: the absolute error.
def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)).abs()

# %% not_squared__cubed: another power.
def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 3 / 2

# %% labels_added: a plus for the minus.
def squared_loss(y_hat, y):
    return (y_hat + y.reshape(y_hat.shape)) ** 2 / 2

# %% labels_unused: the labels do not occur.
def squared_loss(y_hat, y):
    return y_hat ** 2 / 2

# %% shape_of_labels: the predictions are brought to the shape of the labels.
def squared_loss(y_hat, y):
    return (y_hat.reshape(y.shape) - y) ** 2 / 2

# %% leaf_in_place: no torch.no_grad.
def sgd(params, lr, batch_size):
    for param in params:
        param -= lr * param.grad / batch_size
        param.grad.zero_()

# %% rebound_parameter: a new tensor under the name of the old.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param = param - lr * param.grad / batch_size
            param.grad.zero_()

# %% rebound_parameter__first: the gradient is cleared before the name goes elsewhere.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for p in params:
            g = p.grad.clone()
            p.grad.zero_()
            p = p - lr * g / batch_size

# %% not_moved: the gradient is zero before it is used.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param.grad.zero_()
            param -= lr * param.grad / batch_size

# %% not_moved__copies: copies are updated.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        copies = [param.clone() for param in params]
        for copy, param in zip(copies, params):
            copy -= lr * param.grad / batch_size
            param.grad.zero_()

# %% not_moved__list: other tensors are put into the list.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for i in range(len(params)):
            old = params[i]
            params[i] = old - lr * old.grad / batch_size
            old.grad.zero_()

# %% not_divided: the gradient of the sum, undivided.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad
            param.grad.zero_()

# %% divided_twice: the gradient is divided, and so is the step.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            mean = param.grad / batch_size
            param -= lr * mean / batch_size
            param.grad.zero_()

# %% no_learning_rate: lr is not used.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= param.grad / batch_size
            param.grad.zero_()

# %% step_uphill: along the gradient.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param += lr * param.grad / batch_size
            param.grad.zero_()

# %% gradient_unused: the parameter times lr, not its gradient.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param / batch_size
            param.grad.zero_()

# %% not_zeroed: gradients pile up.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size

# %% not_zeroed__last: after the loop only the last one is cleared.
def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
        param.grad.zero_()
