"""Rules read the syntax tree, never the text."""

from dlex.kit.syntax import MAX_SOURCE, Source

CODE = """
import torch
# loss.backward() in a comment is no call
class Linear:
    def forward(self, x):
        "torch.softmax(x) in a docstring is no call"
        return torch.softmax(x, dim=1)
    def backward(self, dy):
        for row in dy:
            row.sum().backward()
def free(x, *, k=1):
    return [v for v in x]
"""


def test_calls_are_found_where_they_are():
    source = Source(CODE)
    assert source.calls("Linear.forward") == ["torch.softmax"]
    assert source.calls("Linear.backward") == [".backward", "row.sum"]
    assert source.calls("nowhere") == []


def test_loops_and_comprehensions_count():
    source = Source(CODE)
    assert source.has_loop("Linear.backward")
    assert source.has_loop("free")
    assert not source.has_loop("Linear.forward")


def test_a_source_that_does_not_parse_uses_nothing():
    for text in ("def (", "x = 1\0"):
        assert Source(text).calls() == []
        assert not Source(text).refused


def test_a_source_that_cannot_be_read_is_refused():
    for text in ("f()\n" * MAX_SOURCE, "x = a" + ".b" * 20_000):
        assert Source(text).refused


def test_attributes_and_keywords():
    source = Source("a.b.c(d=1)\n")
    assert source.attributes() == {"b", "c"}
    assert source.keywords() == {"d"}
