"""What learners get wrong in exercise 27: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 27 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% sum_not_mean: added up, as with reduction="sum".
def l1_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return torch.abs(y_hat - y).sum()

# %% sum_not_mean__l2: the book's loss and its l.sum().
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return ((y_hat - y) ** 2 / 2).sum()

# %% mean_of_some: divided by the number of samples, as if each had one entry.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return ((y_hat - y) ** 2 / 2).sum() / len(y)

# %% mean_of_some__columns: added up over the samples, then averaged over the rest.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, 0.5 * size ** 2 / beta, size - 0.5 * beta).sum(dim=0).mean()

# %% not_reduced: squared_loss as the book has it, a loss for each entry.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return (y_hat - y) ** 2 / 2

# %% not_reduced__by_row: one loss for each sample.
def l1_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return (y_hat - y).abs().mean(dim=-1)

# %% errors_cancel: the absolute value of the mean.
def l1_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return torch.abs(torch.mean(y_hat - y))

# %% errors_cancel__no_absolute_value: plain differences.
def l1_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return (y - y_hat).mean()

# %% errors_cancel__squared: the square of the mean.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return 0.5 * (y_hat - y).mean() ** 2

# %% errors_cancel__line: the line goes on below zero.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    e = y_hat - y
    return torch.where(e.abs() < beta, 0.5 * e ** 2 / beta, e - 0.5 * beta).mean()

# %% no_difference: plus in the place of minus.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return ((y_hat + y) ** 2 / 2).mean()

# %% no_difference__y_forgotten: the size of the prediction.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = y_hat.abs()
    return torch.where(size < beta, size**2 / (2 * beta), size - beta / 2).mean()

# %% other_loss: the errors are squared.
def l1_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return ((y_hat - y) ** 2).mean()

# %% other_loss__l2: absolute values in the place of squares.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return (y_hat - y).abs().mean() / 2

# %% no_half: the mean squared error, as nn.MSELoss.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return ((y_hat - y) ** 2).mean()

# %% root: the root of the mean squared error.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return torch.sqrt(((y_hat - y) ** 2).mean())

# %% root__norm: the 2-norm of the errors, taken for the L2 loss.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return torch.norm(y_hat - y) / 2

# %% huber: Huber's loss, which is beta times as large.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, 0.5 * size ** 2, beta * (size - 0.5 * beta)).mean()

# %% beta_ignored: the numbers of beta = 1, typed in.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < 1, 0.5 * size ** 2, size - 0.5).mean()

# %% branches_swapped: the line near zero, the parabola far away.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, size - 0.5 * beta, 0.5 * size ** 2 / beta).mean()

# %% signed_branch: a large negative error is under beta, too.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    e = y_hat - y
    return torch.where(e < beta, 0.5 * e ** 2 / beta, e.abs() - 0.5 * beta).mean()

# %% one_branch: if looks at all errors at once.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    if size.mean() < beta:
        return (0.5 * size ** 2 / beta).mean()
    return (size - 0.5 * beta).mean()

# %% one_branch__any: if any of them is large, all are.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = torch.abs(y_hat - y)
    if torch.all(size < beta):
        return torch.mean(size ** 2 / (2 * beta))
    else:
        return torch.mean(size - beta / 2)

# %% no_gap: the whole of beta is taken away.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, 0.5 * size ** 2 / beta, size - beta).mean()

# %% no_gap__undivided: the parabola is not divided by beta.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, 0.5 * size ** 2, size - 0.5 * beta).mean()

# %% no_gap__line_of_one: beta is missing in the line.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, 0.5 * size ** 2 / beta, size - 0.5).mean()

# %% near_the_goal: the square is forgotten.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, size / (2 * beta), size - beta / 2).mean()

# %% far_away: half of beta is added, not taken away.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, size**2 / (2 * beta), size + beta / 2).mean()

# %% not_refused: nobody looks at the shapes.
def l1_loss(y_hat, y):
    return (y_hat - y).abs().mean()

# %% not_refused__reshaped: the book's reshape, which lets other shapes through.
def l2_loss(y_hat, y):
    return ((y_hat - y.reshape(y_hat.shape)) ** 2 / 2).mean()

# %% not_refused__kl: one number stands for a whole distribution.
def kl_divergence(p, q):
    q = q.expand_as(p) if len(p) > 1 else q
    happens = (p > 0).expand_as(q)
    return (p.expand_as(q)[happens] * (p.expand_as(q)[happens] / q[happens]).log()).sum()

# %% wrong_exception: assert raises an exception of its own.
def refuse_other_shape(a, b):
    assert a.shape == b.shape

# %% ready_made: torch's own, by its function.
def smooth_l1_loss(y_hat, y, beta=1.0):
    refuse_other_shape(y_hat, y)
    return torch.nn.functional.smooth_l1_loss(y_hat, y, beta=beta)

# %% ready_made__module: half of nn.MSELoss.
def l2_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return torch.nn.MSELoss()(y_hat, y) / 2

# %% ready_made__kl: F.kl_div, with the order of its arguments right.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.nn.functional.kl_div(q.log(), p, reduction="sum")

# %% graph_cut: item() makes a plain number.
def l1_loss(y_hat, y):
    refuse_other_shape(y_hat, y)
    return torch.tensor((y_hat - y).abs().mean().item(), dtype=y.dtype)

# %% graph_cut__kl: q is detached on the way.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    q = q.data
    return torch.xlogy(p, p).sum() - torch.xlogy(p, q).sum()

# %% swapped: the divergence in the other direction.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.xlogy(q, q / p).sum()

# %% entropy_missing: the cross entropy alone.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return -torch.xlogy(p, q).sum()

# %% entropy_of_q: the entropy of the prediction is taken away.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return -torch.xlogy(p, q).sum() + torch.xlogy(q, q).sum()

# %% sign: entropy minus cross entropy.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.xlogy(p, q).sum() - torch.xlogy(p, p).sum()

# %% sign__added: the two entropies are added.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return -torch.xlogy(p, q).sum() - torch.xlogy(p, p).sum()

# %% not_weighted: each outcome counts alike.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.log(p / q).sum()

# %% not_weighted__by_q: weighted by the prediction.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.sum(q * torch.log(p / q))

# %% mean_not_sum: divided by the number of outcomes, as reduction="mean" does.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).mean()

# %% term_by_term: the terms, not added up.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.xlogy(p, p) - torch.xlogy(p, q)

# %% other_logarithm: in bits.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    happens = p > 0
    return (p[happens] * torch.log2(p[happens] / q[happens])).sum()

# %% softmaxed: q is taken for logits.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return (torch.xlogy(p, p) - p * torch.log_softmax(q, dim=0)).sum()

# %% softmaxed__both: both are.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    p, q = p.softmax(dim=0), q.softmax(dim=0)
    return (p * (p / q).log()).sum()

# %% zero_times_log: the formula as it stands.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return (p * torch.log(p / q)).sum()

# %% zero_times_log__quotient: xlogy of a quotient, which is 0 / 0 where neither happens.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.xlogy(p, p / q).sum()

# %% needlessly_infinite: the truth is kept away from 0, and is divided by 0.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    p = p.clamp(min=1e-12)
    return (p * (p / q).log()).sum()

# %% clipped: a small number in the logarithms.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return (p * ((p + 1e-10).log() - (q + 1e-10).log())).sum()

# %% clipped__clamp: q is kept away from 0.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return (torch.xlogy(p, p) - p * torch.log(torch.clamp(q, min=1e-12))).sum()

# %% clipped__mask: outcomes that q rules out are left out.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    both = (p > 0) & (q > 0)
    return (p[both] * (p[both] / q[both]).log()).sum()

# %% nan_gradient: where hides the NaN of a term, but not that of its gradient.
def kl_divergence(p, q):
    refuse_other_shape(p, q)
    return torch.where(p > 0, p * torch.log(p / q), torch.zeros_like(p)).sum()
