"""The mutants of a reference: each small change by itself, and what is true of all of them."""

from __future__ import annotations

import ast
import itertools
import warnings

import pytest
from engine import COURSE
from hypothesis import given, settings
from hypothesis import strategies as st

from dlex.authoring.mutants import Mutant, diff, mutants, same_line
from dlex.authoring.regions import answer_regions
from dlex.course.exercise import Course, Exercise, find_course

HEAD = '''"""An exercise."""

import math

import torch
from torch.nn import functional as F

SIZE = 3
DEPTH = 2


class Model:
    """A model of {SIZE}."""

    def __init__(self, n: int) -> None:
        self.first = torch.nn.Linear(n, 4)
        self.second = torch.nn.Linear(4, n)

'''
FUNCTION = '''    def forward(self, x: torch.Tensor, y: torch.Tensor, n: int = 5, flag: bool = True) -> torch.Tensor:
        """Say 1 + 1."""
{body}
'''


def module(*lines: str) -> str:
    """A module in which a method has these lines."""
    return HEAD + FUNCTION.format(body="\n".join(f"        {line}" for line in lines))


STUB = module("raise NotImplementedError  # TODO: 1 + 1")


def of(*lines: str) -> list[Mutant]:
    """The mutants of an answer."""
    return mutants(STUB, module(*lines))


# An answer, a kind of change, and all that it makes of it.
CHANGES: list[tuple[str, str, list[str]]] = [
    ("return x + y", "arithmetic", ["return x - y"]),
    ("return x // n", "arithmetic", ["return x / n"]),
    ("return x @ y", "swapped_operands", ["return y @ x"]),
    ("return x - y", "swapped_operands", ["return y - x"]),
    ("return x + y", "swapped_operands", []),
    ("return (x - y) ** 2", "swapped_operands", ["return 2 ** (x - y)"]),
    ("return x @ y", "dropped_operand", ["return x", "return y"]),
    ("return x * (y + n)", "dropped_operand", ["return x", "return y + n", "return x * (y)", "return x * (n)"]),
    ("return x < y", "comparison", ["return x <= y", "return x > y"]),
    ("return flag and n", "boolean", ["return flag or n", "return not flag and n"]),
    ("return -x", "sign", ["return x"]),
    ("return x + y", "sign", ["return -(x + y)"]),
    ("return not flag", "unary", ["return flag"]),
    ("return x[0]", "constant", ["return x[1]", "return x[-1]"]),
    ("return x * 3", "constant", ["return x * 4", "return x * 2", "return x * 0", "return x * 6"]),
    ("return x + 0.5", "constant", ["return x + 1.5", "return x + -0.5", "return x + 0.0", "return x + 1.0"]),
    ("return torch.cat([x, y], dim=1)", "dimension", ["return torch.cat([x, y], dim=-1)"]),
    ("return torch.cat([x, y], dim=1)", "dropped_keyword", ["return torch.cat([x, y])"]),
    ("return torch.cat([x, y])", "dropped_item", ["return torch.cat([y])", "return torch.cat([x])"]),
    ("return x.std(correction=True)", "boolean_constant", ["return x.std(correction=False)"]),
    ("return F.mse_loss(x, y, reduction='sum')", "option",
     ["return F.mse_loss(x, y, reduction='mean')", "return F.mse_loss(x, y, reduction='none')"]),
    ("return print('mine')", "option", []),
    ("return x.mean()", "function", ["return x.sum()"]),
    ("return x.mean()", "dropped_link", ["return x"]),
    ("return max(n, 7)", "function", ["return min(n, 7)"]),
    ("return sum(x)", "function", []),  # there is no `mean` without a prefix
    ("return F.relu(x)", "activation", ["return F.sigmoid(x)", "return F.tanh(x)"]),
    ("return torch.nn.Softmax()", "activation", ["return torch.nn.Identity()", "return torch.nn.LogSoftmax()"]),
    ("return F.relu(x)", "dropped_call", ["return x"]),
    ("return self.first(x)", "dropped_call", ["return x"]),
    ("return F.max_pool2d(x, 2)", "pooling", ["return F.avg_pool2d(x, 2)"]),
    ("return F.max_pool2d(x, 2)", "swapped_arguments", ["return F.max_pool2d(2, x)"]),
    ("return F.max_pool2d(x, 2)", "dropped_argument", ["return F.max_pool2d(x)"]),
    ("return torch.maximum(x, y)", "swapped_arguments", []),
    ("return range(n)", "off_by_one", ["return range(n + 1)", "return range(n - 1)", "return range(1, n)"]),
    ("return x[:n]", "off_by_one", ["return x[:n + 1]", "return x[:n - 1]"]),
    ("return x[1:n]", "dropped_bound", ["return x[:n]", "return x[1:]"]),
    ("return x[n]", "dropped_index", ["return x"]),
    ("return x.T", "dropped_transpose", ["return x"]),
    ("return x, n", "swapped_items", ["return n, x"]),
    ("a, b = x, n", "swapped_items", ["a, b = n, x"]),  # as `b, a = x, n`
    ("a, b = 0, 0.0", "swapped_items", []),
    ("a, b = x", "swapped_items", ["b, a = x"]),
    ("return {'a': x, 'b': n}", "swapped_items", ["return {'a': n, 'b': x}"]),
    ("return [i for i in zip(x, y, strict=True)]", "boolean_constant", []),
    ("return [i for i in x if i]", "condition", ["return [i for i in x if not i]"]),
    ("return x if flag else y", "condition", ["return x if not flag else y"]),
    ("return x if flag else y", "dropped_branch", ["return x if False else y", "return x if True else y"]),
    ("return torch.exp(x)", "other_name", ["return torch.exp(y)"]),
    ("return x.view(SIZE)", "other_name", ["return y.view(SIZE)", "return x.view(DEPTH)"]),
    ("return self.first(x)", "other_attribute", ["return self.second(x)"]),
    ("return f'{x + y}'", "arithmetic", []),
]  # fmt: skip


@pytest.mark.parametrize(("line", "operator", "wanted"), CHANGES, ids=lambda value: str(value)[:40])
def test_an_expression(line: str, operator: str, wanted: list[str]) -> None:
    """Each kind of change makes what it should, and no more."""
    found = [mutant for mutant in of(line) if mutant.operator == operator]
    assert [mutant.after for mutant in found] == wanted
    assert {mutant.where for mutant in found} <= {"Model.forward"}
    assert {mutant.before for mutant in found} <= {line}


# An answer of several lines, a kind of change, and the changed lines of each mutant.
STATEMENTS: list[tuple[list[str], str, list[tuple[str, str]]]] = [
    (["n += 1", "return n"], "not_added", [("n += 1", "n = 1")]),
    (["x -= y  # in place", "return x"], "not_in_place", [("x -= y", "x = x - y")]),
    (["total = 0", "total += n", "return total"], "not_in_place", []),
    (["x.zero_()", "return x"], "dropped_statement", [("x.zero_()", "pass"), ("return x", "pass")]),
    (["with torch.no_grad():", "    x += y", "return x"], "dropped_context", [("with torch.no_grad():", "if True:")]),
    (["with (torch.no_grad(),):", "    x += y", "return x"], "dropped_context",
     [("with (torch.no_grad(),):", "if True:")]),
    (["with open(x) as f, open(y) as g:", "    return f"], "dropped_context",
     [("with open(x) as f, open(y) as g:", "with open(y) as g:"),
      ("with open(x) as f, open(y) as g:", "with open(x) as f:")]),
    (["for i in x:", "    n += 1", "    n += 2", "return n"], "dropped_statement",
     [("for i in x: ...", "pass"), ("n += 1", "pass"), ("n += 2", "pass"), ("return n", "pass")]),
    (["for i in x:", "    n += i  # so", "return n"], "single_round", [("n += i", "n += i break")]),
    (["for i in x:", "    if i:", "        break", "return n"], "loop_control", [("break", "continue")]),
    (["x.backward()", "y.step()", "return x"], "other_order", [("x.backward() y.step()", "y.step() x.backward()")]),
    # That the condition never holds is the same as no statement.
    (["if flag:", "    n = 1", "return n"], "dropped_branch", [("if flag:", "if True:")]),
    (["if flag:", "    n = 1", "else:", "    n = 2", "return n"], "dropped_branch",
     [("if flag:", "if False:"), ("if flag:", "if True:")]),
    (["a = x.abs()", "b = x.exp()", "return b"], "other_name", [
        ("a = x.abs()", "a = y.abs()"), ("b = x.exp()", "b = y.exp()"), ("return b", "return a")]),
    (["return torch.cat([", "    x,  # the first", "    y,", "])"], "dropped_call", []),
    (["return F.relu(  # why", "    x", ")"], "dropped_call", [("return F.relu( x )", "return x")]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "operator", "wanted"), STATEMENTS, ids=lambda value: str(value)[:40])
def test_a_statement(lines: list[str], operator: str, wanted: list[tuple[str, str]]) -> None:
    """Statements lose, swap and change what they should; a line is told without its comment."""
    assert [(m.before, m.after) for m in of(*lines) if m.operator == operator] == wanted


def test_only_the_answer_is_changed() -> None:
    """What the stub has too stays: docstrings, annotations, defaults, constants, whole functions and statements."""
    assert of("raise NotImplementedError") == []
    stub = module("n = n + 1", "raise NotImplementedError")
    assert {mutant.before for mutant in mutants(stub, module("n = n + 1", "return n * 2"))} == {"return n * 2"}


def test_what_only_the_reference_has_is_the_answer() -> None:
    """Its own constants, helpers and decorators, but neither its imports nor their names."""
    reference = (
        f"import math\nEPS = 1e-3\n{module('return helper(x)')}\n\n@torch.no_grad()\ndef helper(x: int) -> int:\n"
    )
    found = mutants(STUB, f'{reference}    """Help."""\n    return x + EPS\n')
    assert {mutant.where for mutant in found} == {"<module>", "Model.forward", "helper"}
    assert {m.operator for m in found if m.where == "<module>"} == {"dropped_statement", "constant"}
    dropped = next(mutant for mutant in found if mutant.operator == "dropped_decorator")
    assert (dropped.before, dropped.after) == ("@torch.no_grad()", "")
    assert "import math" not in {mutant.before for mutant in found}


def test_a_block_that_both_have_is_looked_into() -> None:
    """Only the line that differs inside a loop is the learner's."""
    stub = module("for i in x:", "    n += 1", "    raise NotImplementedError", "return n")
    found = mutants(stub, module("for i in x:", "    n += 1", "    n *= 2", "return n"))
    assert {mutant.before for mutant in found} == {"n *= 2"}


def test_the_diff_is_short() -> None:
    """One line out, one line in, and the kind of the change."""
    reference = module("return x + y")
    mutant = next(m for m in mutants(STUB, reference) if m.operator == "arithmetic")
    assert diff(reference, mutant, "a.py").splitlines() == [
        "--- a.py", "+++ a.py (arithmetic)", f"@@ -{mutant.line} +{mutant.line} @@",
        "-        return x + y", "+        return x - y",
    ]  # fmt: skip


def test_lines_are_compared_without_comments_and_layout() -> None:
    """A `#` inside a text is none."""
    assert same_line("  x  =  1  # one") == "x = 1"
    assert same_line("x = '#'  # one\n   + 2,  # two") == "x = '#' + 2,"


def check_all(stub: str, reference: str) -> list[Mutant]:
    """What is true of every list of mutants."""
    found = mutants(stub, reference)
    assert found == mutants(stub, reference)
    assert [mutant.line for mutant in found] == sorted(mutant.line for mutant in found)
    trees = [ast.dump(ast.parse(text)) for text in (reference, *(mutant.text for mutant in found))]
    assert len(set(trees)) == len(trees)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # `(0)[1]` is odd, and compiles
        assert all(compile(mutant.text, "mutant", "exec") for mutant in found)
    lines = answer_lines(stub, reference)
    for mutant in found:
        assert changed_lines(reference, mutant.text) <= lines, mutant
        assert mutant.before
        assert mutant.before != mutant.after
    return found


def answer_lines(stub: str, reference: str) -> set[int]:
    """The lines of the answer regions."""
    regions = answer_regions(ast.parse(stub), ast.parse(reference))
    return {n for r in regions for n in range(r.node.lineno, r.node.end_lineno + 1)}  # type: ignore[attr-defined]  # all have a place


def changed_lines(reference: str, text: str) -> set[int]:
    """The lines of the reference from the first that a text changes to the last; a new one counts to that before."""
    old, new = reference.splitlines(), text.splitlines()
    first = equal_at_the_start(old, new)
    last = equal_at_the_start(old[first:][::-1], new[first:][::-1])
    return set(range(first + 1, len(old) - last + 1)) or {first}


def equal_at_the_start(one: list[str], two: list[str]) -> int:
    """How many lines."""
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False))))


def exercises() -> list[Exercise]:
    """Every exercise of the course and of the tests' own whose files are there."""
    every = [*find_course().exercises, *Course(COURSE).exercises]
    return [exercise for exercise in every if exercise.stub.is_file() and exercise.reference.is_file()]


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.name)
def test_mutants_of_the_course(exercise: Exercise) -> None:
    """Every mutant of every exercise compiles, is another program, and leaves alone what the learner does not write."""
    assert check_all(exercise.stub.read_text(encoding="utf-8"), exercise.reference.read_text(encoding="utf-8"))


NAMES = st.sampled_from(["x", "y", "n", "flag", "SIZE", "self.first", "x.T", "中"])
NUMBERS = st.sampled_from(["0", "1", "7", "2.5", "True", "'sum'", "None"])


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of expressions."""
    binary = st.sampled_from(["+", "-", "*", "/", "//", "**", "@", "<", "==", "in", "and", "or", "is not"])
    return st.one_of(
        st.builds("({} {} {})".format, parts, binary, parts),
        st.builds("{} {} {}".format, NAMES, binary, NAMES),
        st.builds("(-{})".format, parts),
        st.builds("(not {})".format, parts),
        st.builds("F.relu({})".format, parts),
        st.builds("torch.cat([{}, {}], dim={})".format, parts, parts, parts),
        st.builds("({}).mean({}, keepdim=True)".format, parts, parts),
        st.builds("({} if {} else {})".format, parts, parts, parts),
        st.builds("({})[{}:{}, {}]".format, parts, parts, parts, parts),
        st.builds("({},\n            {})".format, parts, parts),
        st.builds("{{1: {}, 2: {}}}".format, parts, parts),
        st.builds("[i for i in range({}) if {}]".format, parts, parts),
        st.builds("(lambda z: {})".format, parts),
    )


EXPRESSIONS = st.recursive(st.one_of(NAMES, NUMBERS), combined, max_leaves=5)
LINES = st.one_of(
    st.builds("n = {}".format, EXPRESSIONS),
    st.builds("n += {}  # why: it has to be".format, EXPRESSIONS),
    st.builds("for i in {}:\n            n -= {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("with torch.no_grad():\n            x += {}".format, EXPRESSIONS),
    st.builds("if {}:\n            x.backward()\n            y.step()".format, EXPRESSIONS),
    st.builds("return {}".format, EXPRESSIONS),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_mutants_of_anything(lines: list[str]) -> None:
    """Whatever the answer is, its mutants compile, differ from it and from each other, and stay inside it."""
    check_all(STUB, module(*lines))
