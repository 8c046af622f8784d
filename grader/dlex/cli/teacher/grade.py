"""`dlex class grade`: every submission of a class, and what has changed since the last time."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlex.classroom.engine import Engine
from dlex.classroom.folder import Found, find_submissions, require_right_height
from dlex.classroom.notebooks.places import CONFIG, exercises_of, is_course, is_unmarked
from dlex.classroom.run import Tally, Wish, grade_class
from dlex.classroom.store import STORE, Mark, Store
from dlex.cli.frame.ending import BROKEN, NOT_RUN, PASSED
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.cli.teacher.engine import Place, chosen_engine
from dlex.cli.teacher.leftovers import say_leftovers
from dlex.cli.teacher.missing import say_what_is_missing
from dlex.course.errors import UsageError
from dlex.course.exercise import Course, find_course
from dlex.course.text import Text, shown
from dlex.devices.choice import known
from dlex.feedback.bar import progress_bar
from dlex.feedback.console import BAD, CODE, DIM, LOOK, OK, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext
from dlex.feedback.words import number

if TYPE_CHECKING:
    from dlex.classroom.notebooks.gradebook import NbgraderCourse

LISTED = 20  # changed marks shown without --verbose


def grade(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The class: one folder a student."))],
    only: Annotated[
        list[str] | None, typer.Option("--exercise", metavar="NN", help=_("Only this exercise; may be repeated."))
    ] = None,
    workers: Annotated[
        int, typer.Option(metavar="N", min=0, help=_("How many gradings at a time (0: one a core)."))
    ] = 0,
    force: Annotated[bool, typer.Option("--force", help=_("Grade again what has not changed."))] = False,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|sim", help=_("The device to grade on."))] = "auto",
    weak: Annotated[
        bool, typer.Option("--allow-weak-isolation", help=_("Grade although the isolation is not full."))
    ] = False,
    engine: Annotated[
        str, typer.Option(metavar="local|ray", help=_("Where to grade: on this machine, or on a Ray cluster."))
    ] = "local",
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help=_("The Ray cluster (without it: one just for this run)."))
    ] = None,
    gpu_share: Annotated[
        float, typer.Option(metavar="X", help=_("How much of a GPU one grading takes on a Ray cluster."))
    ] = 1.0,
) -> None:
    """Grade the class and say what came."""
    session = session_of(ctx)
    wish = Wish(device=known(device), force=force, weak_isolation=weak)
    place = Place(engine=engine, address=address, workers=workers, gpu_share=gpu_share, weak_isolation=weak)
    with chosen_engine(session, place) as grader:
        code = grade_folder(session, folder, only or [], grader, wish)
    raise typer.Exit(code)


def grade_folder(session: Session, folder: Path, only: Sequence[str], engine: Engine, wish: Wish) -> int:
    """Grade an nbgrader course or a plain folder of submissions; returns the exit code."""
    course = course_of(session, folder)
    wanted = [course.find(name) for name in only] or list(course.exercises)
    with contextlib.ExitStack() as stack:
        store: Store | None
        there: NbgraderCourse | None = None
        if is_course(folder):
            from dlex.classroom.notebooks.gradebook import NbgraderCourse

            store = stack.enter_context(Store(folder / STORE))
            there = stack.enter_context(NbgraderCourse(folder, course, store, session.language))
            found = there.find_submissions(wanted)
        else:
            _say_that_no_configuration_runs(session, folder)
            found = find_submissions(folder, course, wanted)
            require_right_height(found, folder)
            store = stack.enter_context(Store(folder / STORE)) if found.submissions else None
        if store is None or not (found.submissions or any(store.marks())):
            say_leftovers(session, found)
            raise no_submission(folder)
        with progress_bar(session.screen(stderr=True), _("Grading"), rate=True) as progress:
            tally = grade_class(
                course, found.submissions, store, engine, wish, there,
                on_progress=lambda tally: progress(tally.done, tally.total),
            )  # fmt: skip
        here = {submission.slot for submission in found.submissions}
        gone = [mark for mark in store.marks() if mark.slot not in here] if not only else []
        if there is not None:
            there.withdraw(gone)
        store.withdraw([mark.slot for mark in gone])
        if not only:
            store.leave(found.leftovers)
        _say_what_came(session, tally, list(store.marks()), found)
        _say_what_is_gone(session, gone)
        _say_notes(session, there)
        store.told()
    if tally.broken or tally.undelivered:
        return BROKEN
    return NOT_RUN if tally.left_out else PASSED


def _say_that_no_configuration_runs(session: Session, folder: Path) -> None:
    if is_unmarked(folder):
        screen = session.screen(stderr=True)
        told = _(
            "{file} is not run: nothing says that it is yours and not handed in. `dlex class init {folder}` makes this "
            "folder a course."
        )
        screen.say((f"{screen.signs.warning} ", LOOK), told.format(file=CONFIG, folder=shown(str(folder))), hanging=2)


def course_of(session: Session, folder: Path) -> Course:
    """The exercises: those that were named, else those that an nbgrader course is made of, else dlex's own."""
    named = exercises_of(folder) if session.course_folder is None and is_course(folder) else None
    return find_course(named) if named is not None else session.course


def no_submission(folder: Path) -> UsageError:
    """What is said of a folder in which nobody has handed anything in."""
    return UsageError(
        Text(en=f"There is no submission in {folder}.", zh=f"{folder} 中没有作业。"),
        Text(
            en="It must hold one folder a student, and each of those the exercises' files, such as 05.py.",
            zh="其中应为每个学生一个子文件夹，子文件夹里是练习文件，例如 05.py。",
        ),
    )


def _say_what_came(session: Session, tally: Tally, marks: Sequence[Mark], found: Found) -> None:
    screen = session.screen()
    screen.say(
        (f"{screen.signs.passed} ", OK),
        (
            ngettext("{count} submission has its mark", "{count} submissions have their mark", tally.done).format(
                count=tally.done
            ),
            STRONG,
        ),
        _(": {graded} graded now, {known} known.").format(graded=tally.graded, known=tally.known),
    )
    say_what_is_missing(screen, tally.left_out, _("Not graded, since what it needs is not installed here:"))
    if session.quiet:
        return
    if tally.again:
        screen.say(
            ngettext(
                "{count} attempt may have failed because of others beside it: it was graded again, alone.",
                "{count} attempts may have failed because of others beside them: they were graded again, each alone.",
                tally.again,
            ).format(count=tally.again),
            indent=2,
            hanging=2,
        )
    _each_exercise(screen, marks)
    _changes(screen, marks, all_of_them=session.verbose)
    for slot in tally.broken:
        screen.say(
            (f"{screen.signs.warning} ", LOOK),
            _("{student}, {exercise}: dlex itself broke; it is graded again next time.").format(**slot._asdict()),
            hanging=2,
        )
    for slot, error in tally.undelivered.items():
        told = f"{slot.student}, {slot.exercise}: {shown(error.message.in_language(session.language))}"
        screen.say((f"{screen.signs.warning} ", LOOK), told, hanging=2)
    say_leftovers(session, found)


def _each_exercise(screen: Screen, marks: Sequence[Mark]) -> None:
    for exercise in sorted({mark.exercise for mark in marks}):
        of_it = [mark for mark in marks if mark.exercise == exercise]
        passed = sum(mark.status == "passed" for mark in of_it)
        mean = sum(mark.points for mark in of_it) / len(of_it)
        screen.say(
            (f"{exercise}: ", CODE),
            _("{passed} of {count} passed, {mean} of {most} points on average").format(
                passed=passed, count=len(of_it), mean=f"{mean:.1f}", most=number(of_it[0].max_points)
            ),
            indent=2,
            hanging=2,
        )


def _changes(screen: Screen, marks: Sequence[Mark], *, all_of_them: bool) -> None:
    changed = [mark for mark in marks if mark.has_changed]
    new = [mark for mark in marks if mark.is_new]
    if len(new) < len(marks):
        screen.say(_("Since the last run: {new} new, {changed} changed.").format(new=len(new), changed=len(changed)))
    for mark in changed if all_of_them else changed[:LISTED]:
        better = mark.points > (mark.told_points or 0.0)
        screen.say(
            (f"{mark.student}, {mark.exercise}: "),
            (
                _("{before} before, {now} now").format(before=number(mark.told_points or 0.0), now=number(mark.points)),
                OK if better else BAD,
            ),
            indent=2,
            hanging=2,
        )
    if len(changed) > LISTED and not all_of_them:
        screen.say((_("(and {count} more: --verbose)").format(count=len(changed) - LISTED), DIM), indent=2)


def _say_what_is_gone(session: Session, gone: Sequence[Mark]) -> None:
    """Whose marks were taken back, because what was handed in is not there any more."""
    if not gone or session.quiet:
        return
    screen = session.screen()
    said = ngettext(
        "{count} mark is withdrawn: its submission is gone.",
        "{count} marks are withdrawn: their submissions are gone.",
        len(gone),
    )
    screen.say((f"{screen.signs.warning} ", LOOK), said.format(count=len(gone)), hanging=2)
    for mark in gone if session.verbose else gone[:LISTED]:
        screen.say(
            (f"{mark.student}, {mark.exercise}: "), _("{before} before").format(before=number(mark.points)), indent=2
        )
    if len(gone) > LISTED and not session.verbose:
        screen.say((_("(and {count} more: --verbose)").format(count=len(gone) - LISTED), DIM), indent=2)


def _say_notes(session: Session, there: NbgraderCourse | None) -> None:
    """What else a teacher should know of an nbgrader course, above all which marks dlex does not make."""
    screen = session.screen()
    for note in there.notes() if there is not None else ():
        screen.say((f"{screen.signs.warning} ", LOOK), note.in_language(session.language), hanging=2)


def grade_examples() -> str:
    """The examples of `dlex class grade`."""
    return examples(
        ("dlex class grade submissions/", _("every student's every exercise; again later: only what changed")),
        ("dlex class grade submissions/ --exercise 05", _("one exercise")),
        ("dlex class grade submissions/ --engine ray --address 10.0.0.1:6379", _("on all machines of a Ray cluster")),
    )
