"""Definitions put in place of those of another text: what changes, what stays to the letter, and what is refused."""

from __future__ import annotations

import ast

import pytest

from dlex.authoring.patching import PatchError, patched

BASE = '''\
"""A right attempt."""

import torch
from torch import Tensor, nn

RATE = 0.5  # of the dropout


# the loss
def loss(x, y):
    return (x - y) ** 2  # squared


class Net(nn.Module):
    """Two layers."""

    size = 3

    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 1)

    @property
    def width(self):
        return 3

    def forward(self, x):
        text = """
def loss(x, y):
"""
        return self.l(x)


def train(net):  # trains
    return net
'''

# A patch, the names that it declares as new, and the lines that go and come, as a diff has them.
PATCHES = {
    "a function": ("def train(net):\n    return None\n", "", ["-def train(net):  # trains", "-    return net",
                                                             "+def train(net):", "+    return None"]),
    "its comment comes too": ("# why\ndef train(net):\n    pass\n", "", [
        "-def train(net):  # trains", "-    return net", "+# why", "+def train(net):", "+    pass"]),
    "an assignment": ("RATE = 5", "", ["-RATE = 0.5  # of the dropout", "+RATE = 5"]),
    "an assignment with a type": ("RATE: float = 5", "", ["-RATE = 0.5  # of the dropout", "+RATE: float = 5"]),
    "a method": ("class Net(...):\n    def __init__(self):\n        self.l = 1\n", "", [
        "-        super().__init__()", "-        self.l = nn.Linear(3, 1)", "+        self.l = 1"]),
    "a method with a decorator": ("class Net(...):\n    def width(self):\n        return 3\n", "", ["-    @property"]),
    "a statement of a class": ("class Net(...):\n    size = 4\n", "", ["-    size = 3", "+    size = 4"]),
    "a class whole": ("class Net:\n    pass\n", "", [
        *[f"-{line}" for line in BASE.split("\n")[13:31]], "+class Net:", "+    pass"]),
    "a new function in front of the next": ("def helper():\n    pass\n\n\ndef loss(x, y):\n    return 0\n", "helper", [
        "-    return (x - y) ** 2  # squared", "+def helper():", "+    pass", "+", "+", "+    return 0"]),
    "a new function at the end": ("def helper():\n    pass\n", "helper", ["+", "+", "+def helper():", "+    pass"]),
    "a new method": ("class Net(...):\n    def more(self):\n        pass\n", "Net.more", [
        "+", "+    def more(self):", "+        pass"]),
    "a statement without a name": ("torch.manual_seed(0)", "", ["+", "+", "+torch.manual_seed(0)"]),
    "an import": ("import math\nRATE = math.pi", "", [
        "+import math", "-RATE = 0.5  # of the dropout", "+RATE = math.pi"]),
    "an import for the future": ("from __future__ import annotations", "", ["+from __future__ import annotations"]),
    "imports between new functions": ("def a():\n    pass\n\n\nimport math\n\n\ndef b():\n    pass\n", "a, b", [
        "+import math", "+", "+", "+def a():", "+    pass", "+", "+", "+def b():", "+    pass"]),
    "a function taken away": ("del loss", "", [
        "-# the loss", "-def loss(x, y):", "-    return (x - y) ** 2  # squared", "-", "-"]),
    "a method taken away": ("del Net.width", "", [
        "-    @property", "-    def width(self):", "-        return 3", "-"]),
    "an imported name taken away": ("del nn", "", ["-from torch import Tensor, nn", "+from torch import Tensor"]),
    "an import taken away": ("del torch", "", ["-import torch"]),
}  # fmt: skip


def difference(before: str, after: str) -> list[str]:
    """The lines that differ, as a diff has them, in a form that does not depend on their order."""
    import difflib

    return sorted(line for line in difflib.ndiff(before.split("\n"), after.split("\n")) if line[:1] in "+-")


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_changes_its_definitions_alone(name: str) -> None:
    """Every other line of the base stays as it was written."""
    patch, new, lines = PATCHES[name]
    declared = frozenset(new.split(", ")) if new else frozenset[str]()
    after = patched(BASE, patch, declared)
    assert difference(BASE, after) == sorted(f"{line[0]} {line[1:]}" for line in lines)
    ast.parse(after)


def test_what_is_new_stands_where_it_is_needed() -> None:
    """In front of the definition that follows it in the patch; an import behind the imports."""
    after = patched(BASE, "import math\n\n\nWIDTH = 2\n\n\nclass Net(...):\n    size = WIDTH\n", frozenset({"WIDTH"}))
    assert after.index("import math") < after.index("RATE") < after.index("WIDTH = 2") < after.index("class Net")
    assert after.index("class Net") < after.index("size = WIDTH") < after.index("def __init__")


# What cannot be meant, the names declared as new, the words by which it is told, and the line of the patch.
REFUSED = {
    "a slip in a name": ("def los(x, y):\n    pass", "", "its base does not define los; write `# new: los`", 1),
    "a slip in a method": ("class Net(...):\n    def forwards(self):\n        pass", "",
                           "does not define Net.forwards; write `# new: Net.forwards`", 2),
    "a slip in a class": ("class Nets(...):\n    size = 2", "", "its base does not define Nets", 1),
    "a new class with dots": ("class Nets(...):\n    size = 2", "Nets", "write the new class Nets whole", 1),
    "declared, but in the base": ("RATE = 3", "RATE", "`# new: RATE` names nothing that it adds", 0),
    "declared, but not there": ("RATE = 3", "speed", "`# new: speed` names nothing that it adds", 0),
    "nothing": ("", "", "it changes nothing", 0),
    "a comment alone": ("# nothing\n", "", "it changes nothing", 0),
    "a docstring": ('"""Words."""', "", "this line does nothing", 1),
    "a pass": ("class Net(...):\n    pass", "", "this line does nothing", 2),
    "the same again": ("RATE = 0.5", "", "RATE is as in its base", 1),
    "the same but for words": ("def train(net):\n    'Train it.'\n    return net", "", "train is as in its base", 1),
    "the same method": ("RATE = 3\nclass Net(...):\n    @property\n    def width(self):\n        return 3", "",
                        "Net.width is as in its base", 4),
    "an import that is there": ("import torch", "", "its base has this import", 1),
    "an import in a class": ("class Net(...):\n    import math", "", "an import stands at the top", 2),
    "taking away what is not there": ("del los", "", "its base has no los to take away", 1),
    "taking away no name": ("del loss[0]", "", "its base has no loss[0] to take away", 1),
    "taking away what no class has": ("del loss.forward", "", "its base has no loss.forward to take away", 1),
    "taking away a method that is not there": ("del Net.backward", "", "no Net.backward to take away", 1),
    "taken away and replaced": ("del loss\ndef loss(): pass", "", "the same lines of its base twice", 0),
    "defined twice": ("RATE = 1\nRATE = 2", "", "the same lines of its base twice", 0),
    "two on a line": ("RATE = 1; SIZE = 2", "SIZE", "two statements share a line", 1),
    "a class on a line": ("class Net(...): size = 4", "", "two statements share a line", 1),
    "a function as a class": ("class loss(...):\n    x = 1", "", "keeps the class of its base", 1),
    "a decorated class": ("@final\nclass Net(...):\n    size = 4", "", "keeps the class of its base", 2),
    "another indent": ("class Net(...):\n  size = 4", "", "it is indented in another way", 2),
    "a tab": ("class Net(...):\n\tsize = 4", "", "it is indented in another way", 2),
    "no Python": ("RATE = 1\ndef loss(:", "", "it is no Python: ", 2),
    "a zero byte": ("RATE = '\0'", "", "it is no Python: ", 0),
    "a class that becomes empty": ("class Two(...):\n    del a", "", "what it makes is no Python", 0),
    "one of two names": ("A = 3", "", "its base defines A more than once, or together with another name", 1),
    "one of two definitions": ("def again():\n    return 3", "", "its base defines again more than once", 1),
    "half a line": ("C = 3", "", "what it replaces shares a line of its base", 1),
    "a class of one line": ("class Flat(...):\n    a = 2", "", "what it replaces shares a line of its base", 2),
}  # fmt: skip
AWKWARD = """

A, B = 1, 2
C = 1; D = 2


def again(): pass
def again(): pass


class Two:
    a = 1


class Flat:    a = 1
"""


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_told(name: str) -> None:
    """By the line of the patch, in both languages, and never as another fault."""
    patch, new, words, line = REFUSED[name]
    with pytest.raises(PatchError) as caught:
        patched(BASE + AWKWARD, patch, frozenset(new.split(", ")) if new else frozenset())
    assert words in caught.value.message.en
    assert caught.value.message.zh != caught.value.message.en
    assert "{" not in caught.value.message.zh
    assert caught.value.line == line


def test_a_base_that_is_no_python_is_told() -> None:
    with pytest.raises(PatchError, match="its base is no Python"):
        patched("def f(:", "RATE = 1")


def test_lines_are_those_that_python_counts() -> None:
    """A form feed or a line separator in a string of the base is no end of a line."""
    base = 'A = "\x0c\u2028"\nB = 1\n'
    assert patched(base, "B = 2") == 'A = "\x0c\u2028"\nB = 2\n'
