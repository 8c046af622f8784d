"""`dlex hint` and `dlex solution`: help in steps, and the answer after a pass."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from dlex.cli.frame.help_screen import add_command
from dlex.cli.frame.options import examples, last_exercise_argument, no_pager_option
from dlex.cli.frame.session import Session, session_of
from dlex.cli.frame.which import exercise_for
from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise
from dlex.course.hints import Hint, Hints
from dlex.course.progress import Record
from dlex.course.text import Text
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language, ngettext

if TYPE_CHECKING:
    from dlex.feedback.console import Screen


def add(app: typer.Typer, name: str) -> None:
    """Add one of the two commands to the app."""
    if name == "hint":
        add_command(
            app,
            name,
            hint,
            text=_("Give the next hint: first for what failed, then step by step."),
            examples=_hint_examples(),
        )
    else:
        add_command(
            app,
            name,
            solution,
            text=_("Show the solution and why it works, once you have passed."),
            examples=_solution_examples(),
        )


def hint(
    ctx: typer.Context,
    exercise: Annotated[str | None, last_exercise_argument()] = None,
    part: Annotated[
        str, typer.Argument(metavar="NAME", help=_("The function or class to be helped with."), show_default=False)
    ] = "",
    rung: Annotated[int | None, typer.Option(metavar="N", help=_("Show this step of the ladder."))] = None,
    no_pager: Annotated[bool, no_pager_option()] = False,
) -> None:
    """One hint a call."""
    session = session_of(ctx)
    next_hint(session, exercise_for(session, exercise, "hint"), rung, part=part, paging=not no_pager)


def next_hint(session: Session, found: Exercise, rung: int | None, *, part: str = "", paging: bool = False) -> None:
    """Show one hint and remember that it was seen."""
    from dlex.feedback.pager import paged

    hints = found.hints(language())
    record = session.progress.read().of(found.name)
    if part and part not in hints.by_part:
        raise _no_such_part(found, part, hints)
    wanted = part or part_of(found, hints, record)
    chosen, after = chosen_hint(hints, record, rung, wanted, part_alone=bool(part))
    session.progress.update(found.name, lambda _record: after)
    with paged(session.screen(), wanted=paging) as screen:
        print_hint(screen, found, hints, chosen, after, wanted)


def part_of(exercise: Exercise, hints: Hints, record: Record) -> str:
    """The thing to write whose check failed first, the first one if none has; nothing if the hints have no parts."""
    if not hints.by_part:
        return ""
    failed = exercise.parts.get(record.failed, "")
    return failed if failed in hints.by_part else next(iter(hints.by_part))


def chosen_hint(
    hints: Hints, record: Record, rung: int | None, part: str = "", *, part_alone: bool = False
) -> tuple[Hint, Record]:
    """The hint to show, and the record once it is shown; raises `UsageError` for a rung that is not there.

    After a failed check its diagnoses come first, one a call, unless it is the `part_alone` that is asked for; then the
    ladder for that part, one rung a call, ending on its last.
    """
    ladder = hints.ladder(part)
    if rung is not None:
        found = next((h for h in ladder if h.key == str(rung)), None)
        if found is None:
            raise _no_such_rung(rung, len(ladder))
        return found, record.having_seen(part, max(record.seen(part), rung))
    known = [name for name in record.diagnoses if name in hints.by_diagnosis]
    if known and not part_alone:
        return hints.by_diagnosis[known[0]], msgspec.structs.replace(record, diagnoses=tuple(known[1:]))
    if not ladder:
        raise _no_such_rung(1, 0)
    position = min(record.seen(part), len(ladder) - 1)
    after = record.having_seen(part, position + 1)
    return ladder[position], after if part_alone else msgspec.structs.replace(after, diagnoses=())


def _no_such_rung(rung: int, count: int) -> UsageError:
    return UsageError(
        Text(en=f"There is no hint {rung}.", zh=f"没有第 {rung} 条提示。"),
        Text(en=f"The ladder has {count}: `--rung 1` is the first.", zh=f"一共有 {count} 条：`--rung 1` 是第一条。"),
    )


def _no_such_part(exercise: Exercise, part: str, hints: Hints) -> UsageError:
    number, names = exercise.number, list(hints.by_part)
    if not names:
        return UsageError(
            Text(en=f"The hints of {number} are for the whole exercise.", zh=f"练习 {number} 的提示不分函数。"),
            Text(en=f"`dlex hint {number}` gives the next one.", zh=f"`dlex hint {number}` 给出下一条。"),
        )
    there = Text(en=f"There are some for {', '.join(names)}.", zh=f"有提示的是：{'、'.join(names)}。")
    told = Text(en=f"Exercise {number} has no hints for {part!r}.", zh=f"练习 {number} 没有关于“{part}”的提示。")
    near = difflib.get_close_matches(part, names, n=1)
    if not near:
        return UsageError(told, there)
    return UsageError(told + Text(en=f" Did you mean `{near[0]}`?", zh=f"是不是 `{near[0]}`？"), there)


def print_hint(screen: Screen, exercise: Exercise, hints: Hints, shown: Hint, after: Record, part: str = "") -> None:
    """Print a hint, and what is left."""
    from dlex.feedback.console import DIM, LOOK
    from dlex.feedback.page import print_page
    from dlex.feedback.terminal import next_commands

    screen.say((_place(hints, shown), LOOK))
    screen.blank()
    print_page(screen, shown.body or shown.sentence)  # a failed check has told the sentence already
    screen.blank()
    screen.say((left(hints, shown, after, part), DIM))
    goes_on = shown.part and after.seen(part) < len(hints.ladder(part))
    named = f"{exercise.number} {part}" if goes_on else exercise.number
    again = (f"dlex hint {named}", _("the next hint"))
    over = (f"dlex solution {exercise.number} --anyway", _("the solution"))
    more = [again] if not _is_over(hints, after, part) else [over] if exercise.reference.is_file() else []
    next_commands(screen, (f"dlex check {exercise.number}", _("check your answer")), *more)


def _place(hints: Hints, shown: Hint) -> str:
    """Where a hint stands, and its title: `mse, hint 1 of 3: The idea`."""
    total = len(hints.ladder(shown.part))
    if not shown.key.isdigit():
        place = _("For what failed")
    elif shown.part:
        place = _("`{part}`, hint {rung} of {total}").format(part=shown.part, rung=shown.key, total=total)
    else:
        place = _("Hint {rung} of {total}").format(rung=shown.key, total=total)
    return _("{place}: {title}").format(place=place, title=shown.title) if shown.title else place


def left(hints: Hints, shown: Hint, after: Record, part: str = "") -> str:
    """How many hints are left, in words."""
    ladder = hints.ladder(part)
    if _is_over(hints, after, part):
        return _("That was the last hint.") if shown == ladder[-1] else _("You have seen all hints.")
    parts = []
    if after.diagnoses:
        count = len(after.diagnoses)
        parts.append(
            ngettext("{count} more for what failed", "{count} more for what failed", count).format(count=count)
        )
    rungs = len(ladder) - after.seen(part)
    if rungs > 0:
        parts.append(ngettext("{count} step of the ladder", "{count} steps of the ladder", rungs).format(count=rungs))
    return _("Left: {parts}.").format(parts=_(", ").join(parts))


def _is_over(hints: Hints, after: Record, part: str) -> bool:
    return not after.diagnoses and after.seen(part) >= len(hints.ladder(part))


def solution(
    ctx: typer.Context,
    exercise: Annotated[str | None, last_exercise_argument()] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=_("Show it even though you have not passed."))] = False,
    no_pager: Annotated[bool, no_pager_option()] = False,
) -> None:
    """The reference, then the walkthrough."""
    from dlex.feedback.pager import paged

    session = session_of(ctx)
    found = exercise_for(session, exercise, "solution")
    if not found.reference.is_file():
        raise _held_back()
    passed = session.progress.read().of(found.name).passed
    if not (passed or anyway):
        raise _not_yet(found)
    with paged(session.screen(), wanted=not no_pager) as screen:
        print_solution(screen, found)


def print_solution(screen: Screen, exercise: Exercise) -> None:
    """Print the reference and why it works."""
    from dlex.feedback.page import print_code, print_page

    print_code(screen, exercise.reference.read_text(encoding="utf-8"))
    screen.blank()
    print_page(screen, exercise.page("walkthrough", language()))


def _held_back() -> UsageError:
    return UsageError(
        Text(
            en="This course came without its solutions: your teacher has them.",
            zh="这份课程不含参考答案，请向老师索取。",
        )
    )


def _not_yet(exercise: Exercise) -> UsageError:
    number = exercise.number
    return UsageError(
        Text(en=f"Exercise {number} has not passed yet.", zh=f"练习 {number} 还没有通过。"),
        Text(
            en=f"`dlex hint {number}` helps; `dlex solution {number} --anyway` shows it all the same.",
            zh=f"`dlex hint {number}` 会给出提示；`dlex solution {number} --anyway` 直接显示答案。",
        ),
    )


def _hint_examples() -> str:
    return examples(
        ("dlex hint 10", _("the next hint")),
        ("dlex hint 10 --rung 1", _("the first step once more")),
        ("dlex hint 01 mse", _("help with one function, if its hints are by function")),
    )


def _solution_examples() -> str:
    return examples(
        ("dlex solution 10", _("after a pass")),
        ("dlex solution 10 --anyway", _("when you give up")),
    )
