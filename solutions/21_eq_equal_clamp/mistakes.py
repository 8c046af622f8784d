"""What learners get wrong in exercise 21: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 21 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% truth_not_count: equal compares the whole.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return torch.equal(a, b)

# %% truth_not_count__any: whether there is one.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return bool((a == b).any())

# %% mask_not_count: eq compares element by element, and nobody counts.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return torch.eq(a, b)

# %% counts_differences: the mistakes are counted.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return int((a != b).sum())

# %% every_element: b is compared with itself.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return int((b == b).sum())

# %% share_not_count: an accuracy.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return (a == b).float().mean().item()

# %% one_dimension: a count for each row.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return (a == b).sum(dim=-1)

# %% whole_rows: rows that are equal as a whole.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return sum(torch.equal(row, other) for row, other in zip(a, b))

# %% not_plain: a tensor comes back.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return (a == b).sum()

# %% not_plain__float: the sum of ones is a float.
def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError
    return float((a == b).type(a.dtype).sum())

# %% broadcast_comparison: (N,) and (N, 1) are compared as N x N pairs.
def count_equal(a, b):
    return int((a == b).sum())

# %% broadcast_comparison__numel: as many elements, another shape.
def count_equal(a, b):
    if a.numel() != b.numel():
        raise ValueError("sizes differ")
    return int((a.flatten() == b.flatten()).sum())

# %% other_exception: assert raises AssertionError.
def count_equal(a, b):
    assert a.shape == b.shape
    return int((a == b).sum())

# %% equal_denied: is asks whether it is one object.
def same(a, b):
    return a is b

# %% equal_denied__memory: neither does the place in memory.
def same(a, b):
    return a.data_ptr() == b.data_ptr()

# %% one_differs: one equal element is enough.
def same(a, b):
    return a.shape == b.shape and bool((a == b).any())

# %% one_differs__shape: only the shapes.
def same(a, b):
    return a.shape == b.shape

# %% nearly_equal: a tolerance.
def same(a, b):
    return a.shape == b.shape and bool(((a - b).abs() < 1e-6).all())

# %% nearly_equal__sum: what is small in all is nothing.
def same(a, b):
    return a.shape == b.shape and float((a - b).abs().sum()) < 1e-5

# %% nan_equal: what differs is counted, and NaN - NaN is not more than 0.
def same(a, b):
    return a.shape == b.shape and not bool(((a - b).abs() > 0).any())

# %% shape_ignored: torch broadcasts, or raises.
def same(a, b):
    return bool((a == b).all())

# %% shape_ignored__flat: the elements in a row.
def same(a, b):
    return a.flatten().tolist() == b.flatten().tolist()

# %% not_plain__same: a tensor of one truth value.
def same(a, b):
    if a.shape != b.shape:
        return torch.tensor(False)
    return (a == b).all()

# %% equal_ready_made: torch's own.
def same(a, b):
    return torch.equal(a, b)

# %% bounds_exchanged: min and max the wrong way round.
def clip(x, low, high):
    low, high = torch.tensor(low, dtype=x.dtype), torch.tensor(high, dtype=x.dtype)
    return torch.maximum(torch.minimum(x, low), high)

# %% one_bound: the lower one only.
def clip(x, low, high):
    return torch.where(x < low, low, x)

# %% one_bound__upper: the second line begins with x again.
def clip(x, low, high):
    y = torch.where(x < low, low, x)
    y = torch.where(x > high, high, x)
    return y

# %% other_side: what is too small becomes the upper bound.
def clip(x, low, high):
    return torch.where(x < low, high, torch.where(x > high, low, x))

# %% other_side__inside: what is inside becomes the lower bound, too.
def clip(x, low, high):
    y = torch.where(x < high, low, x)
    return torch.where(y > high, high, y)

# %% zero_outside: a mask makes zeros.
def clip(x, low, high):
    return x * ((x >= low) & (x <= high))

# %% left_out: indexing with a mask leaves out.
def clip(x, low, high):
    return x[(x >= low) & (x <= high)]

# %% unchanged: what was made is not returned.
def clip(x, low, high):
    y = torch.where(x < low, low, x)
    y = torch.where(y > high, high, y)
    return x

# %% max_of_dimension: the second argument of torch.max is a dimension.
def clip(x, low, high):
    return torch.min(torch.max(x, low), high)

# %% gradient_outside: the gradient goes straight through.
def clip(x, low, high):
    y = torch.where(x < low, low, x)
    y = torch.where(y > high, high, y)
    return x + (y - x).detach()

# %% graph_cut: .data has no graph.
def clip(x, low, high):
    y = torch.where(x.data < low, low, x.data)
    return torch.where(y > high, high, y)

# %% clip_ready_made: torch's own.
def clip(x, low, high):
    return torch.clamp(x, min=low, max=high)

# %% clip_ready_made__hardtanh: torch's own by another name.
def clip(x, low, high):
    return torch.nn.functional.hardtanh(x, low, high)

# %% low_wins: the upper bound first.
def clip(x, low, high):
    y = torch.where(x > high, high, x)
    return torch.where(y < low, low, y)

# %% bounds_sorted: the bounds are put into order.
def clip(x, low, high):
    low, high = min(low, high), max(low, high)
    y = torch.where(x < low, low, x)
    return torch.where(y > high, high, y)

# %% log_of_zero: probabilities are never negative, so this clamps nothing.
def safe_log(p):
    return p.clamp(min=0).log()

# %% other_floor: the usual small number.
def safe_log(p):
    return torch.log(p + 1e-8)

# %% other_floor__clamped: a floor of 1e-12.
def safe_log(p):
    return p.clamp(min=1e-12).log()

# %% other_at_zero: as in p log p.
def safe_log(p):
    positive = p > 0
    return torch.where(positive, torch.where(positive, p, 1.0).log(), 0.0)

# %% negative_log: the information, not the logarithm.
def safe_log(p):
    return torch.where(p > 0, -torch.where(p > 0, p, 1).log(), 100)

# %% no_log: zeros are looked after, and the logarithm is forgotten.
def safe_log(p):
    return torch.where(p > 0, p, -100)

# %% other_base: in bits.
def safe_log(p):
    return torch.where(p > 0, torch.where(p > 0, p, 1).log2(), -100)

# %% nan_gradient: the branch that is not taken is differentiated, too.
def safe_log(p):
    return torch.where(p > 0, torch.log(p), -100.0)

# %% nan_gradient__clamped: minus infinity is cut off afterwards.
def safe_log(p):
    return p.log().clamp(min=-100)

# %% graph_cut__log: numbers of Python.
import math


def safe_log(p):
    values = [math.log(v) if v > 0 else -100.0 for v in p.flatten().tolist()]
    return torch.tensor(values, dtype=p.dtype).reshape(p.shape)

# %% gradient_at_zero: 1 is added where p is 0, so p has its part in the result there.
def safe_log(p):
    zero = (p == 0).to(p.dtype)
    return torch.log(p + zero) - 100 * zero

# %% other_at_zero__sign: a sign.
def safe_log(p):
    positive = p > 0
    return torch.where(positive, torch.where(positive, p, 1).log(), 100)
