"""Rules about how the learner's code is written, read from its syntax tree and never from its text."""

from __future__ import annotations

import ast

MAX_SOURCE = 200_000
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
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.Module(body=[], type_ignores=[])
        self.refused = len(text) > MAX_SOURCE
        try:
            if not self.refused:
                self.tree = ast.parse(text)
        except (SyntaxError, ValueError):
            pass  # the attempt's own import says so, with the line
        except (RecursionError, MemoryError):
            self.refused = True

    def find(self, name: str) -> ast.FunctionDef | ast.ClassDef | None:
        """The function or class `name`, the last one if there are several; `Linear.forward` finds a method."""
        scope: ast.Module | ast.ClassDef | ast.FunctionDef = self.tree
        for part in name.split("."):
            found = [n for n in scope.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == part]
            if not found:
                return None
            scope = found[-1]
        return scope if not isinstance(scope, ast.Module) else None

    def calls(self, within: str | None = None) -> list[str]:
        """The dotted names of all that is called: `torch.softmax`, `loss.backward`; `.backward` of what has no name."""
        root = self.find(within) if within else self.tree
        nodes = ast.walk(root) if root is not None else ()
        return [name for n in nodes if isinstance(n, ast.Call) and (name := dotted(n.func))]

    def attributes(self, within: str | None = None) -> set[str]:
        """Every attribute that is named: `data`, `grad`, `backward`."""
        root = self.find(within) if within else self.tree
        return {n.attr for n in ast.walk(root) if isinstance(n, ast.Attribute)} if root is not None else set()

    def keywords(self) -> set[str]:
        """Every keyword argument that is passed anywhere."""
        return {k.arg for n in ast.walk(self.tree) if isinstance(n, ast.Call) for k in n.keywords if k.arg}

    def calls_without(self, keyword: str, positions: dict[str, int]) -> set[str]:
        """Which of the functions named in `positions` is called without `keyword`, given by name or at its position."""
        calls = [n for n in ast.walk(self.tree) if isinstance(n, ast.Call) and dotted(n.func) in positions]
        return {
            dotted(n.func)
            for n in calls
            if len(n.args) <= positions[dotted(n.func)] and all(k.arg not in (keyword, None) for k in n.keywords)
        }

    def has_loop(self, within: str) -> bool:
        """Whether `within` holds a `for`, a `while` or a comprehension."""
        root = self.find(within)
        loops = (ast.For, ast.While, ast.comprehension)
        return root is not None and any(isinstance(n, loops) for n in ast.walk(root))
