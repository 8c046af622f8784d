"""Rules about how the learner's code is written, read from its syntax tree and never from its text."""

from __future__ import annotations

import ast

from dlex.course.other_ways import AS_ASKED, OtherWays
from dlex.course.source import MAX_CODE

MAX_SOURCE = MAX_CODE
MAX_PARTS = 20


def dotted(node: ast.expr) -> str:
    """`torch.nn.Linear` for such a chain of attributes; `.backward` for a method of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < MAX_PARTS:
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))


class Source:
    """The learner's source and its syntax tree, which is empty when the source has errors of syntax.

    `refused` is True for a source that Python might run but that cannot be read here, since it is too long or nested
    too deeply: such an attempt must not be graded, or every rule would hold for it.  Make it early, on a shallow stack.

    `ways` tells what it holds in another way than the stub: `find` finds a class under the name that is asked for.
    """

    def __init__(self, text: str, ways: OtherWays = AS_ASKED) -> None:
        self.text = text
        self.ways = ways
        self.tree = ast.Module(body=[], type_ignores=[])
        self.refused = len(text) > MAX_SOURCE
        try:
            if not self.refused:
                self.tree = ast.parse(text)
        except (SyntaxError, ValueError):
            pass  # the attempt's own import says so, with the line
        except (RecursionError, MemoryError):
            self.refused = True
        self._walked: dict[str | None, list[ast.AST]] = {}
        self._called: dict[str | None, list[str]] = {}

    def find(self, name: str) -> ast.FunctionDef | ast.ClassDef | None:
        """The function or class `name`, the last one if there are several; `Linear.forward` finds a method."""
        scope: ast.Module | ast.ClassDef | ast.FunctionDef = self.tree
        first, *rest = name.split(".")
        for part in (self.ways.renamed.get(first, first), *rest):
            found = [n for n in scope.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == part]
            if not found:
                return None
            scope = found[-1]
        return scope if not isinstance(scope, ast.Module) else None

    def calls(self, within: str | None = None) -> list[str]:
        """The dotted names of all that is called: `torch.softmax`, `loss.backward`; `.backward` of what has no name."""
        if within not in self._called:
            calls = [n for n in self._nodes(within) if isinstance(n, ast.Call)]
            self._called[within] = [name for n in calls if (name := dotted(n.func))]
        return [*self._called[within]]

    def attributes(self, within: str | None = None) -> set[str]:
        """Every attribute that is named: `data`, `grad`, `backward`."""
        return {n.attr for n in self._nodes(within) if isinstance(n, ast.Attribute)}

    def own_attributes(self) -> set[str]:
        """Every attribute that a class of the source sets of its own: `self.data = 1`."""
        stored = [n for n in self._nodes() if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
        return {n.attr for n in stored if isinstance(n.value, ast.Name) and n.value.id == "self"}

    def methods(self, *, of_plain: bool = False) -> set[str]:
        """The names of all functions that stand in a class, or only in one that derives from no other (`of_plain`)."""
        classes = [n for n in self._nodes() if isinstance(n, ast.ClassDef) and not (of_plain and n.bases)]
        return {f.name for c in classes for f in c.body if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef))}

    def keywords(self) -> set[str]:
        """Every keyword argument that is passed anywhere."""
        return {k.arg for n in self._nodes() if isinstance(n, ast.Call) for k in n.keywords if k.arg}

    def calls_without(self, keyword: str, positions: dict[str, int]) -> set[str]:
        """Which of the functions named in `positions` is called without `keyword`, given by name or at its position."""
        calls = [n for n in self._nodes() if isinstance(n, ast.Call) and dotted(n.func) in positions]
        return {
            dotted(n.func)
            for n in calls
            if len(n.args) <= positions[dotted(n.func)] and all(k.arg not in (keyword, None) for k in n.keywords)
        }

    def has_loop(self, within: str) -> bool:
        """Whether `within` holds a `for`, a `while` or a comprehension."""
        loops = (ast.For, ast.While, ast.comprehension)
        return any(isinstance(n, loops) for n in self._nodes(within))

    def _nodes(self, within: str | None = None) -> list[ast.AST]:
        """All nodes of the tree, or of what `find` finds: walked once, since a spec and the habits ask many times."""
        if within not in self._walked:
            root = self.find(within) if within else self.tree
            self._walked[within] = [] if root is None else list(ast.walk(root))
        return self._walked[within]
