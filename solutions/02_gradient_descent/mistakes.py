"""What learners get wrong in exercise 02: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 02 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% autograd_used: autograd finds the gradient.
def gradient(xs, ys, w):
    w = torch.tensor(float(w), dtype=torch.float64, requires_grad=True)
    cost(xs, ys, w).backward()
    return w.grad.item()

# %% autograd_used__grad: torch.autograd.grad finds the gradient.
def gradient(xs, ys, w):
    w = torch.tensor([w]).double().requires_grad_()
    return torch.autograd.grad(cost(xs, ys, w), w)[0].item()

# %% beta_swapped: beta weighs the new loss.
def smooth(losses, beta):
    v = 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = (1 - beta) * v + beta * loss
        result.append(v / (1 - beta**t))
    return result

# %% beta_swapped__lecture: begins at the first loss, and beta weighs the new one.
def smooth(losses, beta):
    v = losses[0] if losses else 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = (1 - beta) * v + beta * loss
        result.append(v)
    return result

# %% correction_fed_back: the corrected value goes into the next average.
def smooth(losses, beta):
    v = 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = beta * v + (1 - beta) * loss
        v = v / (1 - beta**t)
        result.append(v)
    return result

# %% correction_power: the counting begins at 0.
def smooth(losses, beta):
    v = 0
    result = []
    for t, loss in enumerate(losses):
        v = beta * v + (1 - beta) * loss
        result.append(v / (1 - beta**t))
    return result

# %% correction_power__none: divided by 1 - beta every time.
def smooth(losses, beta):
    v = 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = beta * v + (1 - beta) * loss
        result.append(v / (1 - beta))
    return result

# %% correction_power__two: t is one too large.
def smooth(losses, beta):
    v = 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = beta * v + (1 - beta) * loss
        result.append(v / (1 - beta ** (t + 1)))
    return result

# %% course_signature: the weight is read from outside, as in the lecture's script.
# new: weight
weight = 1.0


def cost(xs, ys):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * weight
        cost += (y_pred - y) ** 2
    return cost / len(xs)


def gradient(xs, ys):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * x * (x * weight - y)
    return grad / len(xs)


def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys)
        w -= lr * grad_val
    return w, losses

# %% difference_quotient: the gradient is approximated.
def gradient(xs, ys, w):
    h = 1e-5
    return (cost(xs, ys, w + h) - cost(xs, ys, w - h)) / (2 * h)

# %% divergence_missed: nothing looks for divergence.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% divergence_missed__infinite: only an infinite loss is noticed.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val == float("inf"):
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% divergence_missed__message: divergence is printed, not raised.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            print("diverged")
            break
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% divergence_missed__previous: compared with the loss before, not with the first one.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[max(0, epoch - 1)]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% divides_by_three: always divided by 3, as in the lecture.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += (y_pred - y) ** 2
    return cost / 3


def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * x * (x * w - y)
    return grad / 3

# %% epochs_off_by_one: one epoch too few.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(1, epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% epochs_off_by_one__more: one epoch too many.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs + 1):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% false_alarm: any loss larger than the first one counts.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% false_alarm__absolute: the limit is for the loss itself.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > 10:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% false_alarm__equal: exactly 100 times counts, too.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val >= DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% false_alarm__next: the loss after the update is looked at.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
        if cost(xs, ys, w) > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
    return w, losses

# %% fixed_batches: only the order of the batches is shuffled.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    order = torch.randperm(len(xs), generator=generator).tolist()
    batches = [order[k : k + batch_size] for k in range(0, len(xs), batch_size)]
    for epoch in range(epochs):
        for k in torch.randperm(len(batches), generator=generator).tolist():
            batch = batches[k]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% full_gradient: each step uses the gradient of all samples.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = gradient(xs, ys, w)
            w -= lr * grad
    return w, losses

# %% full_gradient__and_cost: plain gradient descent, N times an epoch.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = cost(xs, ys, w)
            losses.append(loss)
            grad = gradient(xs, ys, w)
            w -= lr * grad
    return w, losses

# %% full_gradient__batch: the batches are cut but not used for the gradient.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(xs, ys, w)
    return w, losses

# %% full_loss: the cost of all samples is noted.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = cost(xs, ys, w)
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% full_loss__batch: the cost of all samples is noted.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(xs, ys, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% generator_ignored: the order comes from torch's global generator.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs)).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% generator_ignored__fixed_seed: a generator of one's own, always with the same seed.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    generator = torch.Generator().manual_seed(0)
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% generator_ignored__random: the order comes from the module random.
import random

def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = list(range(len(xs)))
        random.shuffle(order)
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% halved: the books' cost with 1/2, and its gradient.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += (y_pred - y) ** 2
    return cost / (2 * len(xs))


def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += x * (x * w - y)
    return grad / len(xs)

# %% last_batch_dropped: only full batches are used.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs) - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% last_batch_dropped__floor: the number of batches is rounded down.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for k in range(len(xs) // batch_size):
            batch = order[k * batch_size : (k + 1) * batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% last_sample_loss: the loss of the last sample stands for the epoch.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append((xs[-1] * w - ys[-1]) ** 2)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% loss_after_update: gradient descent notes the loss after the update.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
    return w, losses

# %% loss_after_update__batch: the batch's loss is noted after its update.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            w -= lr * gradient(batch_x, batch_y, w)
            losses.append(cost(batch_x, batch_y, w))
    return w, losses

# %% loss_after_update__stochastic: the lecture's order: first the update, then the loss.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            grad = 2 * x * (x * w - y)
            w -= lr * grad
            loss = (x * w - y) ** 2
            losses.append(loss)
    return w, losses

# %% lr_grows: the step is multiplied by the number of the epoch.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(1, epochs + 1):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= epoch * lr * grad_val
    return w, losses

# %% lr_grows__from_zero: the number of the epoch begins at 0.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= epoch * lr * grad_val
    return w, losses

# %% missing_two: the factor 2 is forgotten.
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += x * (x * w - y)
    return grad / len(xs)

# %% missing_two__and_sum: no factor 2, and no mean.
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += x * (x * w - y)
    return grad

# %% missing_x: the factor x is forgotten.
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * (x * w - y)
    return grad / len(xs)

# %% no_learning_rate: lr is not used.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= grad_val
    return w, losses

# %% no_learning_rate__fixed: the stochastic descent does not use lr.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= grad
    return w, losses

# %% nominal_batch_size: every batch is divided by batch_size.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            grad = 0
            for x, y in zip(batch_x, batch_y):
                grad += 2 * x * (x * w - y)
            w -= lr * grad / batch_size
    return w, losses

# %% nominal_batch_size__all: every batch is divided by the number of all samples.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            grad = 0
            for x, y in zip(batch_x, batch_y):
                grad += 2 * x * (x * w - y)
            w -= lr * grad / len(xs)
    return w, losses

# %% nominal_batch_size__loss: the loss is divided by batch_size, too.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(sum((x * w - y) ** 2 for x, y in zip(batch_x, batch_y)) / batch_size)
            grad = 0
            for x, y in zip(batch_x, batch_y):
                grad += 2 * x * (x * w - y)
            w -= lr * grad / batch_size
    return w, losses

# %% not_corrected: no bias correction.
def smooth(losses, beta):
    v = 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = beta * v + (1 - beta) * loss
        result.append(v)
    return result

# %% not_shuffled: the samples come as they are given, as in the lecture.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for x, y in zip(xs, ys):
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% not_shuffled__batch: the batches are cut from the given order.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = list(range(len(xs)))
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% not_squared: the error is not squared.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += abs(y_pred - y)
    return cost / len(xs)

# %% not_squared__mean_first: the square of the mean error.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += y_pred - y
    return (cost / len(xs)) ** 2

# %% one_loss_an_epoch: one loss an epoch, that of the last sample.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            grad = 2 * x * (x * w - y)
            w -= lr * grad
        losses.append(loss)
    return w, losses

# %% one_loss_an_epoch__mean: the mean of the batches' losses, once an epoch.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        total = []
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            total.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
        losses.append(sum(total) / len(total))
    return w, losses

# %% one_loss_too_many: the loss of the last w is in the list, too.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    losses.append(cost(xs, ys, w))
    return w, losses

# %% one_loss_too_many__stochastic: the loss of the last w is in the list, too.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    losses.append(cost(xs, ys, w))
    return w, losses

# %% one_sample: return stands inside the loop.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += (y_pred - y) ** 2
        return cost / len(xs)

# %% one_sample__gradient: = instead of +=, so the last sample alone counts.
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad = 2 * x * (x * w - y)
    return grad / len(xs)

# %% pairs_broken: x and y are shuffled independently.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        px = torch.randperm(len(xs), generator=generator).tolist()
        py = torch.randperm(len(xs), generator=generator).tolist()
        for i, j in zip(px, py):
            x, y = xs[i], ys[j]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% only_label_squared: no brackets, so only y is squared.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        cost += x * w - y ** 2
    return cost / len(xs)

# %% pairs_broken__batch: only xs are shuffled.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = ys[start : start + batch_size]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% repeated_samples: each step draws a sample at random.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for _ in range(len(xs)):
            i = int(torch.randint(len(xs), (1,), generator=generator))
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% repeated_samples__batch: each batch is drawn from all samples.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        for start in range(0, len(xs), batch_size):
            size = min(batch_size, len(xs) - start)
            batch = torch.randperm(len(xs), generator=generator)[:size].tolist()
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% results_swapped: losses come first.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return losses, w

# %% results_swapped__batch: losses come first.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return losses, w

# %% sample_updates: gradient descent updates w after each sample.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        for x, y in zip(xs, ys):
            w -= lr * 2 * x * (x * w - y)
    return w, losses

# %% sample_updates__partly: w changes while the gradient is added up.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        for x, y in zip(xs, ys):
            w -= lr * 2 * x * (x * w - y) / len(xs)
    return w, losses

# %% shuffled_once: shuffled before the loop over the epochs.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    order = torch.randperm(len(xs), generator=generator).tolist()
    for epoch in range(epochs):
        for i in order:
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% shuffled_once__batch: shuffled before the loop over the epochs.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    order = torch.randperm(len(xs), generator=generator).tolist()
    for epoch in range(epochs):
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% shuffled_once__seed: the generator is seeded again in each epoch.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    seed = generator.initial_seed()
    for epoch in range(epochs):
        generator.manual_seed(seed)
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% stale_gradient: the gradient is computed once, before the loop.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    grad_val = gradient(xs, ys, w)
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        w -= lr * grad_val
    return w, losses

# %% starts_at_first: the average begins at the first loss.
def smooth(losses, beta):
    v = losses[0] if losses else 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = beta * v + (1 - beta) * loss
        result.append(v)
    return result

# %% sum_not_mean: the cost is a sum.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += (y_pred - y) ** 2
    return cost

# %% sum_not_mean__gradient: the gradient is a sum.
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * x * (x * w - y)
    return grad

# %% summed_batch: the gradients of a batch are added up.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            grad = 0
            for x, y in zip(batch_x, batch_y):
                grad += 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% target_forgotten: the cost has no y.
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += y_pred ** 2
    return cost / len(xs)

# %% target_forgotten__gradient: the gradient has no y.
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * x * (x * w)
    return grad / len(xs)

# %% unexplained: the stochastic step has momentum.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    v = 0
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            v = 0.9 * v + grad
            w -= lr * v
    return w, losses

# %% unexplained__hard_coded: the lecture's data instead of xs and ys.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = [1.0, 2.0, 3.0][i % 3], [2.0, 4.0, 6.0][i % 3]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses

# %% uphill: w += in gradient descent.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w += lr * grad_val
    return w, losses

# %% uphill__batch: w += in the mini-batch descent.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w += lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% uphill__stochastic: w += in the stochastic descent.
def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w += lr * grad
    return w, losses

# %% wrong_batches: the slice ends one too early.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size - 1]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% wrong_batches__number: batch_size is taken for the number of batches.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for k in range(batch_size):
            batch = order[k::batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% wrong_batches__overlap: the batches overlap.
def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size + 1]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses

# %% wrong_exception: a ValueError is raised.
def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ValueError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% wrong_exception__class: a class of one's own that is no ArithmeticError.
# new: Diverged
class Diverged(Exception):
    pass


def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise Diverged("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses

# %% wrong_sign: y - prediction in the gradient.
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * x * (y - x * w)
    return grad / len(xs)
