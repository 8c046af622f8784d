'''Reads `solutions/NN_slug/mistakes.py`, the page of what learners get wrong, and makes whole attempts of it.

The page is Python in percent cells, as VS Code and Jupytext show them.  A cell is one wrong attempt:

    """What learners get wrong in exercise 10: each cell stands for a whole attempt (`dlex author mistake 10 ID`)."""

    # base: lecture_style

    # %% max_pool: the pooling branch takes the maximum.
    class InceptionA(...):
        def forward(self, x):
            ...

    # %% relu_inside__helper: a helper of the learner's own puts a ReLU behind each convolution.
    # base: reference
    # new: conv_relu
    def conv_relu(conv, x):
        ...

* The first line of a cell names it and says in a line what is wrong.  The name is the id of the diagnosis that the
  attempt must get first; `relu_inside__helper` is another form of `relu_inside`.
* A cell holds only what differs from its base: `reference`, or the name of a file in `accepted/`.  `# base:` above the
  first cell is the base of them all; below a cell's first line, of that one.  With `# base: none` the cell is the whole
  attempt, to the letter: for one of quite another shape, or where white space or the order of statements is the point.
* A function, a class or an assignment takes the place of the base's of that name; a class with an ordinary header does
  so whole.  `class Net(...):`, with three dots, holds only the members that differ.
* `del name` and `del Net.forward` take away what the base has.  What it does not have is declared: `# new: name,
  Net.name`, so that a slip of typing is no new function.  Imports and other statements need not be declared.  What is
  new goes in front of the next definition that the base has too, or to the end; an import goes behind the base's.
* A cell `# %% [markdown]` is for the reader of the page.

The base's comments, blank lines and formatting stay: `patching.py` replaces whole lines.
'''

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path

from dlex.authoring.patching import PatchError, patched
from dlex.authoring.statements import blank_stop, lines_of
from dlex.course.errors import CourseError, UsageError
from dlex.course.exercise import Exercise
from dlex.course.text import Text, same

PAGE = "mistakes.py"
ENCODING = "utf-8-sig"  # as some editors save it
REFERENCE, NOTHING = "reference", "none"
MARK = re.compile(r"#\s?%%")
HEAD = re.compile(r"# %% (?P<id>[a-z]\w*): +(?P<told>\S.*?)\s*")
PROSE = re.compile(r"# %% \[markdown\].*")
DIRECTIVE = re.compile(r"#\s*(?P<word>base|new)\s*:\s*(?P<value>.*?)\s*")


@dataclass(frozen=True)
class Mistake:
    """A cell of the page: `code` is what differs from `base`, the first line of it is line `code_line` of the page."""

    id: str
    told: str
    line: int
    base: str
    new: frozenset[str]
    code: str
    code_line: int

    @property
    def diagnosis(self) -> str:
        """The id of the diagnosis that the attempt must get first."""
        return self.id.partition("__")[0]


def read_mistakes(exercise: Exercise) -> tuple[Mistake, ...]:
    """The mistakes on an exercise's page in order, none if it has no page; raises `CourseError` for a wrong page."""
    path = page(exercise)
    try:
        text = path.read_text(encoding=ENCODING)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(exercise, 0, same(str(error))) from error
    preamble, *cells = _cells(text)
    common = _common_base(exercise, preamble)
    found = tuple(_mistake(exercise, cell, common) for cell in cells if not PROSE.fullmatch(cell.lines[0]))
    twice = [name for name, count in Counter(mistake.id for mistake in found).items() if count > 1]
    if twice:
        line = [mistake.line for mistake in found if mistake.id == twice[0]][1]
        raise _wrong(exercise, line, Text(en="{id} is there already", zh="{id} 已经存在").format(id=twice[0]))
    return found


def find_mistake(exercise: Exercise, name: str) -> Mistake:
    """The mistake called `name`; raises `UsageError` with a guess if there is none."""
    import difflib

    ids = {mistake.id: mistake for mistake in read_mistakes(exercise)}
    if name in ids:
        return ids[name]
    near = difflib.get_close_matches(name, ids, n=1)
    number = exercise.number
    message = Text(en=f"Exercise {number} has no mistake {name!r}", zh=f"练习 {number} 没有错误“{name}”")
    guess = Text(en=f": did you mean {near[0]}?", zh=f"：是不是 {near[0]}？") if near else Text(en=".", zh="。")
    command = f"`dlex author mistake {number}`"
    raise UsageError(message + guess, Text(en=f"{command} lists them all.", zh=f"{command} 会列出全部错误。"))


def whole_attempt(exercise: Exercise, mistake: Mistake) -> str:
    """The text of the wrong attempt that a cell stands for; raises `CourseError` if it does not fit its base."""
    if mistake.base == NOTHING:
        return mistake.code
    try:
        text = patched(_bases(exercise)[mistake.base].read_text(encoding=ENCODING), mistake.code, mistake.new)
    except PatchError as error:
        line = mistake.code_line + error.line - 1 if error.line else mistake.line
        raise _wrong(exercise, line, same(f"{mistake.id}: ") + error.message) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(exercise, mistake.line, same(f"{mistake.id}: {mistake.base}: {error}")) from error
    return f"# {mistake.id}: {mistake.told}\n{_without_docstring(text)}"


def _without_docstring(text: str) -> str:
    """A module without its docstring, which says what is good about the base."""
    module = ast.parse(text)
    if ast.get_docstring(module) is None:
        return text
    start, stop = lines_of(module.body[0])
    lines = text.split("\n")
    return "\n".join([*lines[:start], *lines[blank_stop(lines, stop) :]])


def page(exercise: Exercise) -> Path:
    """Where the mistakes of an exercise stand."""
    return exercise.solution_folder / PAGE


def _bases(exercise: Exercise) -> dict[str, Path]:
    """The right attempts that a cell may be based on."""
    accepted = {path.stem: path for path in sorted((exercise.solution_folder / "accepted").glob("*.py"))}
    return accepted | {REFERENCE: exercise.reference}


@dataclass(frozen=True)
class _Cell:
    """Lines of the page, of which the first is its line `line`."""

    line: int
    lines: list[str]


def _cells(text: str) -> Iterator[_Cell]:
    """What stands above the first mark, then the cells."""
    lines = text.split("\n")
    marks = [number for number, line in enumerate(lines) if MARK.match(line)]
    starts = [0, *marks, len(lines)]
    for start, stop in pairwise(starts):
        yield _Cell(start + 1, lines[start:stop])


def _common_base(exercise: Exercise, preamble: _Cell) -> str:
    """The base of the cells that name none; above them stand only comments and a docstring."""
    text = "\n".join(preamble.lines)
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError) as error:
        what = Text(en="it is no Python: {error}", zh="不是合法的 Python：{error}")
        line = error.lineno or 0 if isinstance(error, SyntaxError) else 0
        raise _wrong(exercise, line, what.format(error=getattr(error, "msg", error))) from error
    if len(body) > 1 or (body and ast.get_docstring(ast.Module(body, [])) is None):
        raise _wrong(
            exercise,
            body[-1].lineno,
            Text(en="this code stands above the first cell", zh="这段代码写在第一个单元格之前"),
        )
    said = _directives(exercise, preamble.line, [line for line in preamble.lines if DIRECTIVE.fullmatch(line)])
    if "new" in said:
        raise _wrong(exercise, preamble.line, Text(en="`# new:` is said of one cell", zh="`# new:` 只能写在单元格里"))
    return said.get("base", REFERENCE)


def _directives(exercise: Exercise, line: int, lines: list[str]) -> dict[str, str]:
    """What the lines say that tell of the base and of what is new, up to the first that does not."""
    said: dict[str, str] = {}
    for match in takewhile(bool, map(DIRECTIVE.fullmatch, lines)):
        assert match is not None
        if match["word"] in said:
            what = Text(en="`# {word}:` is said twice", zh="`# {word}:` 写了两次").format(word=match["word"])
            raise _wrong(exercise, line, what)
        said[match["word"]] = match["value"]
    return said


def _mistake(exercise: Exercise, cell: _Cell, common: str) -> Mistake:
    head = HEAD.fullmatch(cell.lines[0])
    if head is None:
        raise _wrong(
            exercise,
            cell.line,
            Text(
                en="a cell begins with `# %% name_of_the_mistake: what is wrong, in a line`",
                zh="单元格的第一行应为 `# %% 错误的名字: 一句话说明错在哪里`",
            ),
        )
    said = _directives(exercise, cell.line, cell.lines[1:])
    base = said.get("base", common)
    if base not in {NOTHING, *_bases(exercise)}:
        bases = ", ".join([REFERENCE, NOTHING, *(name for name in _bases(exercise) if name != REFERENCE)])
        what = Text(en="there is no base {base}: {bases}", zh="没有 {base} 这个基础代码：{bases}")
        raise _wrong(exercise, cell.line, what.format(base=base, bases=bases))
    count = 1 + len(said)
    comments = takewhile(lambda line: not line.strip() or line.startswith("#"), cell.lines[count:])
    if any(map(DIRECTIVE.fullmatch, comments)):
        what = Text(
            en="`# base:` and `# new:` stand right below this line", zh="`# base:` 和 `# new:` 必须紧跟在这一行之下"
        )
        raise _wrong(exercise, cell.line, what)
    code = "\n".join(cell.lines[count:]).rstrip() + "\n"
    new = frozenset(name.strip() for name in said.get("new", "").split(",") if name.strip())
    if new and base == NOTHING:
        raise _wrong(exercise, cell.line, Text(en="without a base all is new", zh="没有基础代码，全部都是新增的"))
    return Mistake(head["id"], head["told"], cell.line, base, new, code, cell.line + count)


def _wrong(exercise: Exercise, line: int, what: Text) -> CourseError:
    where = f"solutions/{exercise.name}/{PAGE}"
    template = Text(en="{where}, line {line}: {what}.", zh="{where} 第 {line} 行：{what}。")
    if not line:
        template = Text(en="{where}: {what}.", zh="{where}：{what}。")
    return CourseError(template.format(where=where, line=line, what=what))
