"""`dlex check NN --example [FILE]`: the call that failed, as a script that runs without dlex."""

from __future__ import annotations

from pathlib import Path

from dlex.cli.frame.session import Session
from dlex.course.errors import UsageError, cannot_write
from dlex.course.exercise import Exercise
from dlex.course.source import is_notebook, read_attempt
from dlex.course.text import Text, same
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.protocol.result import CheckResult, ExerciseResult

ANOTHER = Text(en="Name another file.", zh="请换一个文件名。")
MADE_BY = "Made by `dlex check"  # a file that begins so may be written again
LOAD = """spec = importlib.util.spec_from_file_location("{module}", {path!r})
{module} = sys.modules["{module}"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module({module})
"""
INLINE = """import types

{module} = sys.modules["{module}"] = types.ModuleType("{module}")
exec({text!r}, vars({module}))
"""


def write_example(session: Session, exercise: Exercise, result: ExerciseResult, file: str | None, target: str) -> None:
    """Write the script of the first failed check that has one and say so; raises `UsageError` if it cannot be written.

    `target` is a file's path, `-` for standard output, or empty for `example_NN.py` here.
    """
    check = next((c for c in result.checks if c.finding and c.finding.example and c.finding.example.script), None)
    if check is None:
        raise UsageError(
            Text(en="No failed check has a call to show.", zh="没有可以展示调用的未通过检查。"),
            Text(
                en=f"`dlex check {exercise.number}` says what there is.",
                zh=f"`dlex check {exercise.number}` 会说明情况。",
            ),
        )
    path = Path(target or f"example_{exercise.number}.py")
    text = script_of(exercise, check, file or str(session.attempt_path(exercise)), path.name)
    if target == "-":
        print(text)  # noqa: T201  # the script itself is what was asked for
        return
    _write(path, text)
    screen = session.screen()
    screen.say(_("{sign} Written: {file}").format(sign=screen.signs.passed, file=session.show(path)))
    from dlex.feedback.terminal import next_commands

    next_commands(
        screen,
        (f"python {path}", _("yours beside expected")),
        (f"python {path} --debug", _("stop just before the call")),
    )


def script_of(exercise: Exercise, check: CheckResult, file: str, name: str) -> str:
    """The whole script: what it is, the learner's code loaded from `file`, and the call."""
    assert check.finding is not None
    assert check.finding.example is not None
    title = check.title.in_language(language())
    told = _("prints yours beside expected; with --debug it stops before the call")
    top = f'"""{title}\n\n{MADE_BY} {exercise.number} --example`.\n\n    python {name}    {told}\n"""\n'
    body = check.finding.example.script.replace("{module}", exercise.slug)
    stop = 'if "--debug" in sys.argv:\n    breakpoint()\n'
    body = body.replace("\nyours = ", f"\n{stop}yours = ", 1)
    return f"{top}\nimport importlib.util\nimport sys\n\n{_loaded(exercise, file)}\n{body}"


def _loaded(exercise: Exercise, file: str) -> str:
    if file != "-" and not is_notebook(file):
        return LOAD.format(module=exercise.slug, path=str(Path(file).resolve()))
    if file == "-":
        raise UsageError(
            Text(en="An example needs your code in a file.", zh="生成示例需要代码保存在文件里。"),
            same(f"`dlex check {exercise.number} FILE --example`"),
        )
    text = read_attempt(file, number=exercise.number, slug=exercise.slug, names=exercise.info.writes).text
    return INLINE.format(module=exercise.slug, text=text)


def _write(path: Path, text: str) -> None:
    try:
        if path.exists() and MADE_BY not in path.read_text(encoding="utf-8", errors="replace")[:2000]:
            raise UsageError(
                Text(
                    en=f"{path} is there already, and dlex did not make it.",
                    zh=f"{path} 已经存在，且不是由 dlex 生成的。",
                ),
                ANOTHER,
            )
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error, ANOTHER) from error
