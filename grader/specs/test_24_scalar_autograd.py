"""The hidden checks of exercise 24.

A program is text: over there it is evaluated with Values, here with tensors, whose gradients are right.  What the usual
slips give is computed by a small engine of the judge's own, in which a rule, or the way back, can be wrong.
"""

import math
import re
from functools import partial

import torch

from dlex.kit import DIFFERENTIATION, CheckFailure, Text, Verdict, check, diagnoses, expect, explaining, fail_if

D = diagnoses(__file__)

GRADIENT = Text(en="a gradient", zh="某个梯度")


# ---- an engine in which something may be wrong

RULES = {  # the slopes of each operation, by its operands and its result
    "add": lambda x, y, out: (1.0, 1.0),
    "mul": lambda x, y, out: (y, x),
    "pow": lambda x, n, out: (n * x ** (n - 1),),
    "relu": lambda x, out: (float(x > 0),),
    "tanh": lambda x, out: (1 - out**2,),
    "exp": lambda x, out: (out,),
}


class Traced:
    """A number that remembers its operation, its children, and the slopes that `rules` gives for them."""

    rules = RULES

    def __init__(self, data, name="", children=(), *more):
        self.data, self.name, self.children, self.grad = data, name, children, 0.0
        self.slopes = self.rules[name](*(c.data for c in children), *more, data) if name else ()

    def __add__(self, other):
        return type(self)(self.data + other.data, "add", (self, other))

    def __mul__(self, other):
        return type(self)(self.data * other.data, "mul", (self, other))

    def __pow__(self, n):
        return type(self)(self.data**n, "pow", (self,), n)

    def relu(self):
        return type(self)(max(self.data, 0.0), "relu", (self,))

    def tanh(self):
        return type(self)(math.tanh(self.data), "tanh", (self,))

    def exp(self):
        return type(self)(math.exp(self.data), "exp", (self,))


def in_order(root, turn):
    """The graph, each node after its children; `turn` says in which order children are visited."""
    order = {}

    def visit(node):
        if node not in order:
            for child in turn(node.children):
                visit(child)
            order[node] = None

    visit(root)
    return list(order)


def traced(program, values, *, rules=None, deaf=(), assigning=(), start=lambda root: 1.0, turn=tuple, steps=None):
    """The gradients of the leaves of a program.

    rules: other slopes of some operations; deaf: operations that pass on their slopes and not what arrives; assigning:
    operations that write a gradient where they should add to it; start: what the root begins with; steps: how many
    nodes pass something on.
    """
    kind = type("Wrong", (Traced,), {"rules": RULES | (rules or {})})
    leaves = {name: kind(value) for name, value in values.items()}
    root = last_of(program, leaves)
    root.grad = start(root)
    for node in in_order(root, turn)[::-1][:steps]:
        for child, slope in zip(node.children, node.slopes, strict=True):
            passed = slope if node.name in deaf else slope * node.grad
            child.grad = passed if node.name in assigning else child.grad + passed
    return tuple(leaf.grad for leaf in leaves.values())


def by_rules(operation, *rules):
    """Slips of one operation: its slopes by other rules."""
    return [partial(traced, rules={operation: rule}) for rule in rules]


def one_side(operation, left, right):
    """The rule of an operation, of whose operands one is taken for a constant."""
    return lambda x, y, out: (left * RULES[operation](x, y, out)[0], right * RULES[operation](x, y, out)[1])


SOME = [set(RULES), *({name} for name in RULES)]  # operations that share a slip: all of them, or one
# Each group of slips is for expressions at which those before have been found out.
LAST_STEP = {
    D.own_factor: by_rules("mul", lambda x, y, out: (x, y)),
    D.one_operand: [by_rules(name, one_side(name, *s))[0] for name in ("add", "mul") for s in ((1, 0), (0, 1))],
    D.nothing_arrives: partial(traced, start=lambda root: 0.0),
    D.begins_with_value: partial(traced, start=lambda root: root.data),
}
CHAIN = {D.upstream_forgotten: [partial(traced, deaf=names) for names in SOME], D.one_level: partial(traced, steps=1)}
FUNCTIONS = {
    D.pow_slope: by_rules(
        "pow",
        lambda x, n, out: (n * x**n,),
        lambda x, n, out: (x ** (n - 1),),
        lambda x, n, out: (n * x,),
        lambda x, n, out: ((n - 1) * x ** (n - 1),),
    ),
    D.relu_slope: by_rules("relu", lambda x, out: (1.0,), lambda x, out: (float(x < 0),), lambda x, out: (out,)),
    D.tanh_slope: by_rules(
        "tanh",
        lambda x, out: (1 - x**2,),
        lambda x, out: (1 - math.tanh(out) ** 2,),
        lambda x, out: (1 - out,),
        lambda x, out: (out * (1 - out),),
    ),
    D.exp_slope: by_rules("exp", lambda x, out: (x,), lambda x, out: (1.0,), lambda x, out: (x * math.exp(x - 1),)),
    D.upstream_forgotten: CHAIN[D.upstream_forgotten],
}
AT_ZERO = {D.relu_at_zero: by_rules("relu", lambda x, out: (float(x >= 0),))}
SEVERAL_USES = {
    D.overwritten: [partial(traced, assigning=names, turn=turn) for names in SOME for turn in (tuple, reversed)]
}


# ---- programs


def last_of(program, names, evaluate=eval):
    """What the last line gives; the lines before it have a name on their left."""
    for line in program:
        name, _, text = line.rpartition(" = ")
        value = evaluate(text, {}, {word: names[word] for word in re.findall(r"\w+", text) if word in names})
        names = names | {name: value}
    return value


def tensors(values):
    """The numbers as leaves of torch."""
    return {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in values.items()}


def exact(program, values):
    """The gradients of the leaves of a program by torch."""
    leaves = tensors(values)
    return tuple(g.item() for g in torch.autograd.grad(last_of(program, leaves), list(leaves.values())))


def made(attempt, program, names):
    """The Value that a program gives over there."""
    return last_of(
        program, names, lambda text, _, known: attempt.keep(attempt.library("builtins.eval"), text, None, known)
    )


def leaves_of(attempt, values):
    """A leaf over there for each of these numbers."""
    return {name: attempt.keep(attempt.Value, value) for name, value in values.items()}


def gradients_of(attempt, leaves):
    """The gradients of leaves over there, as they are now."""
    return tuple(attempt.value(leaf.grad) for leaf in leaves.values())


PLAIN = {D.plain_number: r"'(int|float)' object has no attribute '(data|grad|backward)'"}
NOT_WRAPPED = {D.number_not_wrapped: r"'(int|float)' object has no attribute|unsupported operand type"}


def check_gradients(attempt, program, values, slips=None, otherwise=None):
    """Pass if backward gives the leaves of a program their gradients, and autograd has no part in it."""
    leaves = leaves_of(attempt, values)
    root = made(attempt, program, leaves)
    with explaining(PLAIN, in_library=True):
        seen = attempt.observe(root.backward)
    what = Text(en=f"a gradient of {program[-1]}", zh=f"{program[-1]} 的某个梯度")
    expect(gradients_of(attempt, leaves), what).like(exact, program, values, slips=slips or {}, otherwise=otherwise)
    fail_if(DIFFERENTIATION.found_in(seen.ops), D.autograd_used, Verdict.FORBIDDEN_OP)


def is_right(attempt, text, values):
    """Whether the gradients of an expression are right."""
    try:
        check_gradients(attempt, [text], values)
    except CheckFailure:
        return False
    return True


def numbers(rng, text="abc"):
    """Those of three numbers of which a text speaks: one between 0 and 1, a negative one, and a larger one."""
    drawn = {"a": rng.number(0.5, 0.9), "b": rng.number(-1.8, -1.1), "c": rng.number(1.9, 2.7)}
    return {name: value for name, value in drawn.items() if re.search(rf"\b{name}\b", text) or text == "abc"}


# ---- the checks

FORWARD = ("a + b", "a * b", "b ** 3", "a ** -0.5", "a.relu()", "b.relu()", "b.tanh()", "b.exp()")


@check(1, public=True)
def test_forward(attempt, rng):
    """Each operation gives a Value that holds its result.

    zh: 每种运算都得到一个 Value，其中保存着结果。
    """
    for text in FORWARD:
        values = numbers(rng, text)
        out = made(attempt, [text], leaves_of(attempt, values))
        with explaining(PLAIN, in_library=True):
            found = attempt.value(out.data)
        expect(found, text).close_to(last_of([text], tensors(values)).item())


@check(2, public=True)
def test_slopes(attempt, rng):
    """backward multiplies the slope of each operation by the gradient that arrives there.

    zh: backward 把每种运算的局部导数乘以传到那里的梯度。
    """
    for slips, texts in (
        (LAST_STEP, ("a * b", "a + b")),
        (CHAIN, ("b * (a + c)", "a * b * c")),
        (FUNCTIONS, ("b ** 3 * c", "a ** -0.5 * c", "a.tanh() * c", "b.exp() * c", "a.relu() * c", "b.relu() * c")),
    ):
        for text in texts:
            check_gradients(attempt, [text], numbers(rng, text), slips)
    check_gradients(attempt, ["a.relu() * c"], {"a": 0.0} | numbers(rng, "c"), AT_ZERO)


@check(1.5, public=True)
def test_used_twice(attempt, rng):
    """The gradient of a value that is used several times is the sum over its uses.

    zh: 一个值被多次使用时，它的梯度是各次使用的梯度之和。
    """
    alone = all(is_right(attempt, text, numbers(rng, text)) for text in ("a * b", "a + b", "a * b * c"))
    functions = [
        f"a.{name}() + a" for name in ("tanh", "exp", "relu") if is_right(attempt, f"a.{name}()", numbers(rng, "a"))
    ]
    for text in ("a + a", "a * a", "a * b + a", "a * (a + b)", "b + a * b", *functions):
        check_gradients(attempt, [text], numbers(rng, text), SEVERAL_USES if alone else None)


def nested(line, steps):
    """Steps each of which uses twice what the one before gave."""
    return ["u0 = a * b", *(f"u{k + 1} = {line.format(k)}" for k in range(steps)), f"u{steps} * c"]


@check(1.5)
def test_order(attempt, rng):
    """A gradient is passed on when it is complete, however often a value was used on the way.

    zh: 不论中间结果被使用多少次，梯度都在完整之后才继续向后传。
    """
    values = numbers(rng)
    simple = ("a * b * c", "(a + b) * c", "a.tanh() * c", "a + a", "a + a.tanh()", "a.tanh() + a")
    alone = all(is_right(attempt, text, numbers(rng, text)) for text in simple)
    for steps in (1, 6):  # who visits in no order at all is right in some small graphs
        for line in ("u{0} + u{0}.tanh()", "u{0}.tanh() + u{0}"):  # whichever use comes first
            check_gradients(attempt, nested(line, steps), values, otherwise=D.order if alone else None)


@check(1)
def test_large_graphs(attempt, rng):
    """backward goes back through five thousand operations in a row, and through each operation once.

    zh: backward 能回溯五千个相连的运算，每个运算只回溯一次。
    """
    values = numbers(rng)
    a, b, c = values.values()
    leaves = leaves_of(attempt, values)
    with explaining({D.recursion: "RecursionError"}):
        made(attempt, ["sum([a] * 5000, b) * c"], leaves).backward()
    expect(gradients_of(attempt, leaves), GRADIENT).like((5000 * c, c, 5000 * a + b))
    leaves = leaves_of(attempt, values)
    root = made(attempt, ["a * b"], leaves)
    for _ in range(60):
        root = made(attempt, ["u + u"], {"u": root})
    try:
        root.backward()
    except CheckFailure as failure:
        fail_if(failure.finding.verdict is Verdict.TIMEOUT, D.every_path, Verdict.TIMEOUT)
        raise
    expect(attempt.value(leaves["a"].grad), GRADIENT).close_to(b * 2.0**60)


@check(1.5)
def test_again(attempt, rng):
    """What several calls of backward find adds up in the leaves, and only there.

    zh: 多次调用 backward，结果在叶子上累加，而且只在叶子上累加。
    """
    values = numbers(rng)
    a, b, c = values.values()
    leaves = leaves_of(attempt, values)
    made(attempt, ["a * b"], leaves).backward()
    made(attempt, ["a * c"], leaves).backward()
    expect(gradients_of(attempt, leaves), GRADIENT).like((b + c, a, a), slips={D.leaves_reset: (c, a, a)})
    leaves = leaves_of(attempt, values)
    u = made(attempt, ["a * b"], leaves)
    root = made(attempt, ["u * c"], leaves | {"u": u})
    root.backward()
    root.backward()
    kept = [(3 * b * c, 3 * a * c, 2 * a * b), (4 * b * c, 4 * a * c, 3 * a * b)]
    slips = {D.leaves_reset: (b * c, a * c, a * b), D.inner_kept: kept}
    expect(gradients_of(attempt, leaves), GRADIENT).like((2 * b * c, 2 * a * c, 2 * a * b), slips=slips)
    what = Text(en="the gradient of u = a * b", zh="u = a * b 的梯度")
    expect(attempt.value(u.grad), what).like(c, slips={D.inner_kept: [2 * c, 3 * c]})


@check(0.5)
def test_constants(attempt, rng):
    """Plain numbers may stand on either side of an operator.

    zh: 运算符的任何一侧都可以是普通的数。
    """
    for text in ("2 * a", "a * 2", "1 + a", "a + 1", "1 - a", "3 / b", "(2 * a - 1) / (3 - b / 4) + 5"):
        values = numbers(rng, text)
        leaves = leaves_of(attempt, values)
        with explaining(NOT_WRAPPED):
            made(attempt, [text], leaves).backward()
        expect(gradients_of(attempt, leaves), Text(en=f"a gradient of {text}", zh=f"{text} 的某个梯度")).like(
            exact, [text], values
        )


NETWORK = (
    "h1 = (w1 * x1 + w2 * x2 + b1).tanh()",
    "h2 = (w3 * x1 + w4 * x2 + b2).relu()",
    "(v1 * h1 + v2 * h2 + b3 - y) ** 2",
)
WEIGHTS = ("w1", "w2", "b1", "w3", "w4", "b2", "v1", "v2", "b3")


@check(1)
def test_network(attempt, rng):
    """A network of two hidden units learns for three steps as it does with torch.

    zh: 有两个隐藏单元的网络训练三步，与 torch 的结果一致。
    """
    put = attempt.library("builtins.setattr")
    values = {name: rng.number(0.3, 1.2) for name in WEIGHTS}
    weights = leaves_of(attempt, values)
    for _ in range(3):
        sample = {name: rng.number(0.5, 1.5) for name in ("x1", "x2", "y")}
        with explaining(NOT_WRAPPED):
            made(attempt, NETWORK, weights | sample).backward()
        leaves = tensors(values)
        wanted = torch.autograd.grad(last_of(NETWORK, leaves | sample), list(leaves.values()))
        expect(gradients_of(attempt, weights), GRADIENT).like(tuple(g.item() for g in wanted))
        for (name, weight), gradient in zip(weights.items(), wanted, strict=True):
            values[name] -= 0.1 * gradient.item()
            attempt.may_mutate(put, weight, "data", values[name])
            attempt.may_mutate(put, weight, "grad", 0.0)
