"""What learners get wrong in exercise 01: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 01 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% axes_swapped: plots w over the loss.
def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.plot(losses, ws)
    ax.set_xlabel("Loss")
    ax.set_ylabel("w")
    return fig

# %% best_not_tracked: the smallest loss begins at 0, and no loss is smaller.
def exhaustive_search(xs, ys, ws):
    best_w, best_loss = 0.0, 0.0
    mse_list = []
    for w in ws:
        l = mse(xs, ys, w)
        mse_list.append(l)
        if l < best_loss:
            best_w, best_loss = w, l
    return best_w, mse_list

# %% best_not_tracked__grid: best_loss is not renewed in the grid, so the last pair wins.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    best_loss = float("inf")
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
            if losses[i, j] < best_loss:
                best_w, best_b = w, b
    return best_w, best_b, losses

# %% best_not_tracked__loss_not_renewed: best_w is renewed without best_loss, so the last w wins.
def exhaustive_search(xs, ys, ws):
    best_loss = float("inf")
    mse_list = []
    for w in ws:
        l = mse(xs, ys, w)
        mse_list.append(l)
        if l < best_loss:
            best_w = w
    return best_w, mse_list

# %% best_not_tracked__none: best_w begins as None and stays so, since best_loss begins at 0.
def exhaustive_search(xs, ys, ws):
    best_w, best_loss = None, 0
    mse_list = []
    for w in ws:
        l = mse(xs, ys, w)
        mse_list.append(l)
        if l < best_loss:
            best_w, best_loss = w, l
    return best_w, mse_list

# %% caret_power: ^ is taken for a power.
def loss(x, y, w):
    return (forward(x, w) - y) ^ 2

# %% course_signature: forward and loss read a global weight, as in the lecture's script.
# new: weight
weight = 1.0


def forward(x):
    return x * weight


def loss(x, y):
    y_pred = forward(x)
    return (y_pred - y) * (y_pred - y)


def mse(xs, ys):
    l_sum = 0
    for x_val, y_val in zip(xs, ys):
        l_sum += loss(x_val, y_val)
    return l_sum / len(xs)


def exhaustive_search(xs, ys, ws):
    global weight
    mse_list = []
    for weight in ws:
        mse_list.append(mse(xs, ys))
    return ws[int(np.argmin(mse_list))], mse_list

# %% course_signature__name_error: the parameter w was left out, and there is no global one either.
def loss(x, y, weight):
    return (forward(x, w) - y) ** 2

# %% course_signature__not_passed_on: loss has a w, but does not hand it to forward.
def loss(x, y, w):
    y_pred = forward(x)
    return (y_pred - y) ** 2

# %% dev_in_train: the training set is still the whole data set.
def split(xs, ys, n_dev):
    n = len(xs) - n_dev
    return xs, ys, xs[n:], ys[n:]

# %% dev_in_train__off_by_one: the first development sample is in the training set, too.
def split(xs, ys, n_dev):
    n = len(xs) - n_dev
    return xs[:n + 1], ys[:n + 1], xs[n:], ys[n:]

# %% dev_not_last: takes the first n_dev samples for development.
def split(xs, ys, n_dev):
    return xs[n_dev:], ys[n_dev:], xs[:n_dev], ys[:n_dev]

# %% dev_not_last__eighty_percent: always keeps 80% for training and ignores n_dev.
def split(xs, ys, n_dev):
    n = int(len(xs) * 0.8)
    return xs[:n], ys[:n], xs[n:], ys[n:]

# %% dev_not_last__shuffled: shuffles the pairs first.
import random

def split(xs, ys, n_dev):
    pairs = list(zip(xs, ys))
    random.shuffle(pairs)
    n = len(pairs) - n_dev
    train, dev = pairs[:n], pairs[n:]
    return [p[0] for p in train], [p[1] for p in train], [p[0] for p in dev], [p[1] for p in dev]

# %% dev_not_last__training_size: takes n_dev for the size of the training set.
def split(xs, ys, n_dev):
    return xs[:n_dev], ys[:n_dev], xs[n_dev:], ys[n_dev:]

# %% divides_by_three: l_sum / 3 copied from the lecture, which has three samples.
def mse(xs, ys, w):
    l_sum = 0
    for x_val, y_val in zip(xs, ys):
        l_sum += loss(x_val, y_val, w)
    return l_sum / 3

# %% figure_not_returned: shows the figure, as the lecture does, and returns nothing.
def plot_loss(ws, losses):
    plt.plot(ws, losses)
    plt.ylabel("Loss")
    plt.xlabel("w")
    plt.show()

# %% figure_not_returned__lines: plt.plot returns a list of lines, not the figure.
def plot_loss(ws, losses):
    plt.figure()
    plt.xlabel("w")
    plt.ylabel("Loss")
    return plt.plot(ws, losses)

# %% figure_not_returned__module: returns the module plt itself.
def plot_loss(ws, losses):
    plt.figure()
    plt.plot(ws, losses)
    plt.xlabel("w")
    plt.ylabel("Loss")
    return plt

# %% figure_reused: plt.plot goes on in the current figure, so the curves pile up.
def plot_loss(ws, losses):
    plt.plot(ws, losses)
    plt.xlabel("w")
    plt.ylabel("Loss")
    return plt.gcf()

# %% figure_reused__cleared: the current figure is wiped, and the caller's first one with it.
def plot_loss(ws, losses):
    plt.clf()
    plt.plot(ws, losses)
    plt.xlabel("w")
    plt.ylabel("Loss")
    return plt.gcf()

# %% flat_index: divides the flat index by the number of rows instead of columns.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    k = int(np.argmin(losses))
    i, j = k // len(ws), k % len(ws)
    return ws[i], bs[j], losses

# %% flat_index__out_of_range: takes the flat index of the table for a position in ws.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    i = j = np.argmin(losses)
    return ws[i], bs[j], losses

# %% grid_transposed: np.meshgrid puts its first argument along the columns (indexing="xy").
def grid_search(xs, ys, ws, bs):
    w, b = np.meshgrid(ws, bs)
    l_sum = 0
    for x_val, y_val in zip(xs, ys):
        l_sum += (x_val * w + b - y_val) ** 2
    losses = l_sum / len(xs)
    k = losses.argmin()
    return w.flat[k], b.flat[k], losses

# %% grid_transposed__loops: the loop over b is outside, so each row belongs to a b.
def grid_search(xs, ys, ws, bs):
    losses = []
    best = (None, None)
    best_loss = float("inf")
    for b in bs:
        row = []
        for w in ws:
            l = sum((x * w + b - y) ** 2 for x, y in zip(xs, ys)) / len(xs)
            row.append(l)
            if l < best_loss:
                best, best_loss = (w, b), l
        losses.append(row)
    return best[0], best[1], np.array(losses)

# %% halved: a factor 1/2, to simplify a derivative that nobody takes here.
def loss(x, y, w):
    return (forward(x, w) - y) ** 2 / 2

# %% halved__in_mse: divides by 2N, as some books do.
def mse(xs, ys, w):
    return sum(loss(x, y, w) for x, y in zip(xs, ys)) / (2 * len(xs))

# %% ignores_w: forward multiplies with the global w, whatever it is given.
# new: w
w = 1.0


def forward(x, weight):
    return x * w

# %% ignores_w__answer_inside: the answer of the lecture's example, w = 2, is built in.
def forward(x, w):
    return x * 2.0

# %% labels_swapped: the labels of the two axes are exchanged.
def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.plot(ws, losses)
    ax.set_xlabel("Loss")
    ax.set_ylabel("w")
    return fig

# %% last_sample_only: = where += is needed, so only the last sample counts.
def mse(xs, ys, w):
    l_sum = 0
    for x_val, y_val in zip(xs, ys):
        l_sum = loss(x_val, y_val, w)
    return l_sum / len(xs)

# %% last_sample_only__not_divided: overwrites the loss in each pass and returns the last one.
def mse(xs, ys, w):
    for x, y in zip(xs, ys):
        loss_val = loss(x, y, w)
    return loss_val

# %% loss_accumulates: l_sum is set to 0 once, before the loop over w.
def exhaustive_search(xs, ys, ws):
    mse_list = []
    l_sum = 0
    for w in ws:
        for x_val, y_val in zip(xs, ys):
            l_sum += loss(x_val, y_val, w)
        mse_list.append(l_sum / len(xs))
    return ws[int(np.argmin(mse_list))], mse_list

# %% loss_accumulates__grid: in the grid l_sum is never set back to 0.
def grid_search(xs, ys, ws, bs):
    losses = np.zeros((len(ws), len(bs)))
    l_sum = 0
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            for x, y in zip(xs, ys):
                l_sum += (x * w + b - y) ** 2
            losses[i, j] = l_sum / len(xs)
    i, j = np.unravel_index(np.argmin(losses), losses.shape)
    return ws[i], bs[j], losses

# %% negative_zero: xs[:-n_dev] is empty when n_dev is 0.
def split(xs, ys, n_dev):
    return xs[:-n_dev], ys[:-n_dev], xs[-n_dev:], ys[-n_dev:]

# %% no_bias: the grid calls mse, whose model has no b.
def grid_search(xs, ys, ws, bs):
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = mse(xs, ys, w)
    i, j = np.unravel_index(losses.argmin(), losses.shape)
    return ws[i], bs[j], losses

# %% no_curve: the axes are there, but nothing is drawn.
def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.set_xlabel("w")
    ax.set_ylabel("Loss")
    ax.set_xlim(min(ws), max(ws))
    ax.set_ylim(min(losses), max(losses))
    return fig

# %% no_curve__dots: single dots, not joined to a curve.
def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.scatter(ws, losses)
    ax.set_xlabel("w")
    ax.set_ylabel("Loss")
    return fig

# %% no_labels: no label on either axis.
def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.plot(ws, losses)
    ax.set_title("loss over w")
    return fig

# %% no_labels__twice_x: the label of y overwrites that of x.
def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.plot(ws, losses)
    ax.set_xlabel("w")
    ax.set_xlabel("Loss")
    return fig

# %% no_w_values: plots the losses over their index.
def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.plot(losses)
    ax.set_xlabel("w")
    ax.set_ylabel("Loss")
    return fig

# %% not_each_w: tries its own values 0.0, 0.1, ..., 4.0 as the lecture does.
def exhaustive_search(xs, ys, ws):
    w_list = np.arange(0.0, 4.1, 0.1)
    mse_list = [mse(xs, ys, w) for w in w_list]
    return w_list[int(np.argmin(mse_list))], mse_list

# %% not_each_w__append_after_loop: append stands after the loop, so the list has a single value.
def exhaustive_search(xs, ys, ws):
    mse_list = []
    best_w, best_loss = None, float("inf")
    for w in ws:
        l = mse(xs, ys, w)
        if l < best_loss:
            best_w, best_loss = w, l
    mse_list.append(l)
    return best_w, mse_list

# %% not_each_w__endpoint: the last w is never tried.
def exhaustive_search(xs, ys, ws):
    mse_list = []
    for i in range(len(ws) - 1):
        mse_list.append(mse(xs, ys, ws[i]))
    return ws[mse_list.index(min(mse_list))], mse_list

# %% not_each_w__stops_early: stops as soon as the loss rises: that is no exhaustive search.
def exhaustive_search(xs, ys, ws):
    best_w, best_loss = None, float("inf")
    mse_list = []
    for w in ws:
        l = mse(xs, ys, w)
        mse_list.append(l)
        if l > best_loss:
            break
        best_w, best_loss = w, l
    return best_w, mse_list

# %% not_squared: absolute value instead of the square.
def loss(x, y, w):
    return abs(forward(x, w) - y)

# %% not_squared__difference: the difference itself, which may be negative.
def loss(x, y, w):
    y_pred = forward(x, w)
    return y_pred - y

# %% not_squared__in_mse: mse averages absolute differences by itself.
def mse(xs, ys, w):
    return sum(abs(forward(x, w) - y) for x, y in zip(xs, ys)) / len(xs)

# %% only_label_squared: no brackets, so only y is squared.
def loss(x, y, w):
    return forward(x, w) - y ** 2

# %% one_at_a_time: looks for the best w with the first b, and then for the best b.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    i = np.argmin(losses[:, 0])
    j = np.argmin(losses[i])
    return ws[i], bs[j], losses

# %% one_at_a_time__without_b: finds w without b, by exhaustive_search, and then the b for it.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    best_w, _ = exhaustive_search(xs, ys, ws)
    j = np.argmin(losses[ws.index(best_w)])
    return best_w, bs[j], losses

# %% pairs_broken: shuffles xs and ys independently.
def split(xs, ys, n_dev):
    xs = np.random.permutation(xs)
    ys = np.random.permutation(ys)
    n = len(xs) - n_dev
    return xs[:n], ys[:n], xs[n:], ys[n:]

# %% pairs_broken__cut_apart: xs keeps its last samples for development, ys its first.
def split(xs, ys, n_dev):
    n = len(xs) - n_dev
    return xs[:n], ys[n_dev:], xs[n:], ys[:n_dev]

# %% results_swapped: returns the losses first.
def exhaustive_search(xs, ys, ws):
    mse_list = []
    for w in ws:
        mse_list.append(mse(xs, ys, w))
    return mse_list, ws[int(np.argmin(mse_list))]

# %% results_swapped__w_and_b: returns b before w.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    i, j = np.unravel_index(np.argmin(losses), losses.shape)
    return bs[j], ws[i], losses

# %% return_in_loop: the return is indented too far and ends the loop after the first sample.
def mse(xs, ys, w):
    l_sum = 0
    for x_val, y_val in zip(xs, ys):
        l_sum += loss(x_val, y_val, w)
        return l_sum / len(xs)

# %% returns_index: returns the position of the best w.
def exhaustive_search(xs, ys, ws):
    mse_list = [mse(xs, ys, w) for w in ws]
    return int(np.argmin(mse_list)), mse_list

# %% returns_index__grid: returns row and column instead of w and b.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    i, j = np.unravel_index(np.argmin(losses), losses.shape)
    return i, j, losses

# %% returns_min_loss: returns the smallest loss instead of its w.
def exhaustive_search(xs, ys, ws):
    mse_list = [mse(xs, ys, w) for w in ws]
    return min(mse_list), mse_list

# %% split_order: the order of scikit-learn: both xs first, then both ys.
def split(xs, ys, n_dev):
    n = len(xs) - n_dev
    train_xs, dev_xs = xs[:n], xs[n:]
    train_ys, dev_ys = ys[:n], ys[n:]
    return train_xs, dev_xs, train_ys, dev_ys

# %% square_of_mean: averages the differences first and squares the average.
def mse(xs, ys, w):
    errors = [forward(x, w) - y for x, y in zip(xs, ys)]
    return (sum(errors) / len(errors)) ** 2

# %% sum_not_mean: the sum of the losses, not their mean.
def mse(xs, ys, w):
    l_sum = 0
    for x_val, y_val in zip(xs, ys):
        l_sum += loss(x_val, y_val, w)
    return l_sum

# %% sum_not_mean__grid: the mean in mse, but a sum in the grid.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.sum((x * w + b - y) ** 2)
    i, j = np.unravel_index(np.argmin(losses), losses.shape)
    return ws[i], bs[j], losses

# %% takes_largest: the comparison points the wrong way.
def exhaustive_search(xs, ys, ws):
    best_w, best_loss = ws[0], 0.0
    mse_list = []
    for w in ws:
        l = mse(xs, ys, w)
        mse_list.append(l)
        if l > best_loss:
            best_w, best_loss = w, l
    return best_w, mse_list

# %% takes_largest__grid: argmax where argmin is needed.
def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    i, j = np.unravel_index(np.argmax(losses), losses.shape)
    return ws[i], bs[j], losses
