"""`dlex author mistake`: the wrong attempts that an exercise's author stored, listed, or one of them whole."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlex.cli.frame.options import examples, exercise_argument
from dlex.cli.frame.session import Session, session_of
from dlex.course.errors import UsageError, cannot_write
from dlex.course.text import Text
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext

if TYPE_CHECKING:
    from dlex.authoring.mistakes import Mistake
    from dlex.course.exercise import Exercise

SCHEMA = "dlex/mistakes/1"


def mistake(
    ctx: typer.Context,
    exercise: Annotated[str, exercise_argument()],
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help=_("Which mistake; without it, all are listed."))
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help=_("Write the attempt into a new file."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print everything as JSON."))] = False,
) -> None:
    """List them, or print one."""
    from dlex.authoring.mistakes import find_mistake, read_mistakes

    session = session_of(ctx)
    if output is not None and name is None:
        raise typer.BadParameter(_("name the mistake that --output is to write"))
    found = session.course.find(exercise)
    wanted = read_mistakes(found) if name is None else (find_mistake(found, name),)
    if as_json:
        _print_json(found, wanted, whole=name is not None)
    elif name is None:
        _list(session, found, wanted)
    elif output is None:
        _print(_whole(found, wanted[0]))
    if output is not None:
        _write(output, _whole(found, wanted[0]))
        if not as_json:
            session.screen().say(_("New file: {path}").format(path=session.show(output)))


def mistake_examples() -> str:
    """How the command is used, and how a page is written."""
    used = examples(
        ("dlex author mistake 10", _("what learners get wrong in exercise 10")),
        ("dlex author mistake 10 max_pool", _("one wrong attempt, whole")),
        ("dlex author mistake 10 max_pool | dlex check 10 -", _("and what it is told")),
        ("dlex author mistake 10 max_pool -o wrong.py", _("the same into a file")),
    )
    return f"{used}\n{_format()}"


def _format() -> str:
    """How a cell of the page is written, in a sentence for each form."""
    sentences = (
        _("They stand in solutions/NN_slug/mistakes.py. A cell begins `# %% diagnosis: what is wrong, in a line`; "
          "`diagnosis__word` is another form of `diagnosis`."),
        _("A cell holds the functions, classes and assignments that differ from its base. `class Net(...):` holds the "
          "members that differ. `del Net.forward` takes one away, `# new: name` declares one that the base lacks."),
        _("`# base: reference`, or the name of a file in accepted/, stands above the first cell for all, or below the "
          "first line of one. With `# base: none` the cell is the whole attempt."),
    )  # fmt: skip
    return "\n".join(sentences)


def _list(session: Session, exercise: Exercise, mistakes: tuple[Mistake, ...]) -> None:
    from dlex.feedback.console import STRONG

    screen = session.screen()
    for each in mistakes:
        screen.say((each.id, STRONG), f": {each.told}", hanging=2)
    if not session.quiet:
        said = ngettext("{exercise}: {count} mistake.", "{exercise}: {count} mistakes.", len(mistakes))
        screen.say(said.format(exercise=exercise.name, count=len(mistakes)))


def _whole(exercise: Exercise, found: Mistake) -> str:
    from dlex.authoring.mistakes import whole_attempt

    return whole_attempt(exercise, found)


def _print(text: str) -> None:
    """Print a program as it is: in UTF-8, whatever the terminal's width and encoding."""
    sys.stdout.buffer.write(text.encode("utf-8"))


def _write(path: Path, text: str) -> None:
    """Write a new file; raises `UsageError` where there is one already, or none can be."""
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            Text(en=f"{path} is there already; nothing was written.", zh=f"{path} 已经存在；没有写入任何内容。"),
            Text(en="Name a new file.", zh="请指定一个新文件。"),
        ) from None
    except (OSError, ValueError) as error:
        own = Text(en="Name a file in a folder of your own.", zh="请指定你有写权限的文件夹中的文件。")
        raise cannot_write(path, error, own) from error


def _print_json(exercise: Exercise, mistakes: tuple[Mistake, ...], *, whole: bool) -> None:
    from dlex.feedback.as_json import encode

    data = {"schema": SCHEMA, "exercise": exercise.name, "mistakes": [_as_data(exercise, m, whole) for m in mistakes]}
    sys.stdout.buffer.write(encode(data))


def _as_data(exercise: Exercise, found: Mistake, whole: bool) -> dict[str, Any]:
    names = ("id", "diagnosis", "told", "base", "line")
    told = {name: getattr(found, name) for name in names}
    return told | ({"text": _whole(exercise, found)} if whole else {})
