"""Which of a learner's code is graded for what is asked under another name or in another form, and the notes on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dlex.course.other_ways import OtherWays
from dlex.course.text import Text
from dlex.protocol.result import Note

RENAMED = Text(
    en="Your `{own}` was graded as `{name}`, the name that the exercise asks for.",
    zh="你的 `{own}` 已按题目要求的名字 `{name}` 评测。",
)
OUTSIDE = Text(
    en="`{name}` takes {lacking} from outside, and was graded with it set there. The exercise passes it as an "
    "argument: `{name}({asked})`.",
    zh="`{name}` 从函数外读取 {lacking}，评测时已在外部设好。题目要求把它作为参数传入：`{name}({asked})`。",
)
LOOP = Text(
    en="This loop stands at the top level of your file: its body belongs into `{name}`.",
    zh="这个循环写在了文件的最外层：请把循环体放进函数 `{name}`。",
)


def notes(ways: OtherWays, tree: ast.Module) -> Iterator[Note]:
    """What is told of them."""
    lines = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    for name, own in ways.renamed.items():
        yield Note.of(RENAMED.format(own=own, name=name), lines[own].lineno)
    for name, asked in ways.outside.items():
        node = lines[name]
        taken = [each.arg for each in node.args.args] if isinstance(node, ast.FunctionDef) else []
        lacking = ", ".join(f"`{each}`" for each in asked if each not in taken)
        yield Note.of(OUTSIDE.format(name=name, lacking=lacking, asked=", ".join(asked)), node.lineno)
    for name, line in ways.loops.items():
        yield Note.of(LOOP.format(name=name), line)
