"""What learners get wrong in exercise 28: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 28 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% always_updated: every sample moves the line, also those that are right.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                wrong += 1
            w = w + y[i] * X[i]
            b = b + y[i]
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% always_updated__all_counted: no condition at all.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if True:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% zero_is_no_mistake: < in the place of <=, so that nothing ever begins.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) < 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% zero_is_no_mistake__plus: a score of 0 counts as +1.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            score = (X[i] * w).sum() + b
            prediction = 1 if score >= 0 else -1
            if prediction != y[i]:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% zero_is_no_mistake__minus: a score of 0 counts as -1.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            score = (X[i] * w).sum() + b
            prediction = 1 if score > 0 else -1
            if prediction != y[i]:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% condition_reversed: what is right moves the line.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) >= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% label_forgotten: a negative score counts as a mistake, whatever the label.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if (X[i] * w).sum() + b <= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% labels_zero_one: the prediction is 0 or 1, the label -1 or 1.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            prediction = ((X[i] * w).sum() + b > 0).to(y.dtype)
            if prediction != y[i]:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% no_bias: the bias never moves.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                w = w + y[i] * X[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% score_without_bias: learnt, and never asked.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum()) <= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% wrong_direction: away from the sample.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                w = w - y[i] * X[i]
                b = b - y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% batch_update: the line of the beginning of the epoch judges all samples.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        w_old, b_old = w, b
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w_old).sum() + b_old) <= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% begun_anew: zeros in each epoch.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        w, b = torch.zeros_like(w), torch.zeros_like(b)
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes

# %% one_epoch: once through the samples, and done.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
        break
    return w, b, mistakes

# %% goes_on: max_epochs epochs, with nothing left to do.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        mistakes.append(wrong)
    return w, b, mistakes

# %% last_epoch_missing: the epoch without a mistake is not noted.
def perceptron(X, y, max_epochs):
    w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                w = w + y[i] * X[i]
                b = b + y[i]
                wrong += 1
        if wrong == 0:
            break
        mistakes.append(wrong)
    return w, b, mistakes

# %% relu_ready_made: torch's own.
def relu(X):
    return torch.relu(X)

# %% relu_ready_made__clamp: clamp is it, too.
def relu(X):
    return X.clamp(min=0)

# %% other_side: the smaller of x and 0.
def relu(X):
    return torch.minimum(X, torch.zeros_like(X))

# %% other_side__mask: the wrong half is kept.
def relu(X):
    return X * (X < 0)

# %% absolute: the sign is lost, not the value.
def relu(X):
    return X.abs()

# %% mask_alone: 1 where x is over 0, in the place of x.
def relu(X):
    return (X > 0).to(X.dtype)

# %% max_over_dim: the 0 is a dimension for torch.max.
def relu(X):
    return torch.max(X, 0)

# %% max_over_dim__values: and its values are taken.
def relu(X):
    return torch.max(X, 0)[0]

# %% one_maximum: one number for the whole tensor.
def relu(X):
    return max(X.max(), torch.zeros((), dtype=X.dtype))

# %% graph_cut: made anew from the values.
def relu(X):
    return torch.maximum(X.detach(), torch.zeros_like(X))

# %% graph_cut__mlp: the hidden layer is detached.
def mlp(X, W1, b1, W2, b2):
    H = relu(X.flatten(1) @ W1 + b1)
    return H.data @ W2 + b2

# %% no_activation: one linear layer after the other is one linear layer.
def mlp(X, W1, b1, W2, b2):
    H = X.flatten(1) @ W1 + b1
    return H @ W2 + b2

# %% other_activation: a sigmoid.
def mlp(X, W1, b1, W2, b2):
    H = torch.sigmoid(X.flatten(1) @ W1 + b1)
    return H @ W2 + b2

# %% activation_on_logits: the output goes through relu as well.
def mlp(X, W1, b1, W2, b2):
    H = relu(X.flatten(1) @ W1 + b1)
    return relu(H @ W2 + b2)

# %% softmax_on_logits: probabilities in the place of logits.
def mlp(X, W1, b1, W2, b2):
    H = relu(X.flatten(1) @ W1 + b1)
    return torch.softmax(H @ W2 + b2, dim=1)

# %% activation_misplaced: the bias comes after relu.
def mlp(X, W1, b1, W2, b2):
    H = relu(X.flatten(1) @ W1) + b1
    return H @ W2 + b2

# %% activation_misplaced__input: relu of the input.
def mlp(X, W1, b1, W2, b2):
    H = relu(X.flatten(1)) @ W1 + b1
    return H @ W2 + b2

# %% bias_missing: the hidden layer has none.
def mlp(X, W1, b1, W2, b2):
    return relu(X.flatten(1) @ W1) @ W2 + b2

# %% bias_missing__output: the output layer has none.
def mlp(X, W1, b1, W2, b2):
    return relu(X.flatten(1) @ W1 + b1) @ W2

# %% column_lost: squeeze takes what is of size 1, be it the batch.
def mlp(X, W1, b1, W2, b2):
    return (relu(X.flatten(1) @ W1 + b1) @ W2 + b2).squeeze()

# %% weights_turned: the weights as nn.Linear has them.
def mlp(X, W1, b1, W2, b2):
    H = relu(X.flatten(1) @ W1.T + b1)
    return H @ W2.T + b2

# %% not_flattened: pictures are no rows.
def mlp(X, W1, b1, W2, b2):
    return relu(X @ W1 + b1) @ W2 + b2

# %% size_typed: the book's 784 is typed in.
def mlp(X, W1, b1, W2, b2):
    X = X.reshape((-1, 784))
    return relu(X @ W1 + b1) @ W2 + b2

# %% samples_mixed: the right sizes, and pictures cut in pieces.
def mlp(X, W1, b1, W2, b2):
    if X.dim() > 2:
        X = X.reshape(W1.shape[0], -1).T
    return relu(X @ W1 + b1) @ W2 + b2

# %% no_bend: weights of nothing but zeros.
def xor_weights():
    return torch.zeros(2, 2), torch.zeros(2), torch.zeros(2, 1), torch.zeros(1)

# %% no_bend__one_side: both hidden units are always awake.
def xor_weights():
    W1, b1 = torch.tensor([[1.0, 2.0], [1.0, 1.0]]), torch.tensor([0.5, 1.0])
    return W1, b1, torch.tensor([[1.0], [-1.0]]), torch.tensor([0.3])

# %% xor_reversed: over 0 where both inputs are the same.
def xor_weights():
    W1, b1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[-1.0], [2.0]]), torch.tensor([0.5])

# %% other_gate: the second unit takes away too little.
def xor_weights():
    W1, b1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-1.0]]), torch.tensor([-0.5])

# %% other_gate__and: only the second unit is looked at.
def xor_weights():
    W1, b1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[0.0], [1.0]]), torch.tensor([-0.5])

# %% wrong_corner: the threshold is out of reach.
def xor_weights():
    W1, b1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-2.0]]), torch.tensor([-1.5])

# %% too_tight: right at the corners, with no room around them.
def xor_weights():
    W1, b1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-2.0]]), torch.tensor([-0.1])

# %% too_tight__zero: the threshold is 0.
def xor_weights():
    W1, b1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
    return W1, b1, torch.tensor([[1.0], [-2.0]]), torch.tensor([0.0])
