"""`dlex class similar`: which submissions of a class are too alike, as a page to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlex.classroom.folder import find_submissions, require_right_height
from dlex.classroom.notebooks.places import is_course
from dlex.classroom.report.writing import Writer
from dlex.classroom.store import STORE, Store
from dlex.classroom.submission import Submission
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.cli.teacher.grade import course_of, no_submission
from dlex.course.errors import UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text
from dlex.feedback.bar import progress_bar
from dlex.feedback.console import CODE, DIM, LOOK, OK, STRONG
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language, ngettext

if TYPE_CHECKING:
    from dlex.classroom.similar.ranking import Comparison

PAGE = "similar.html"
THRESHOLD = 0.8  # whole copies with other names are above 0.9, and most honest pairs below 0.7
PAIRS = 200  # of an exercise in the list
LISTED = 5


def similar(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The class: one folder a student."))],
    only: Annotated[
        list[str] | None, typer.Option("--exercise", metavar="NN", help=_("Only this exercise; may be repeated."))
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help=_("Where the page goes: DIR/similar.html."))] = None,
    threshold: Annotated[
        float, typer.Option(metavar="X", help=_("How alike two must be to be shown, from 0 to 1."))
    ] = THRESHOLD,
) -> None:
    """Compare, write the page and say where it is."""
    if not 0.0 < threshold <= 1.0:
        raise UsageError(
            Text(en="--threshold is more than 0 and at most 1.", zh="--threshold 应大于 0 且不超过 1。"),
            Text(en="0.8 is usual; less shows more.", zh="通常为 0.8；数值越小，显示的越多。"),
        )
    session = session_of(ctx)
    write_likenesses(session, folder, only or (), html or folder / PAGE, threshold)


def write_likenesses(session: Session, folder: Path, only: Sequence[str], html: Path, threshold: float) -> None:
    """Compare the class in `folder`; raises `UsageError` if there is nothing to compare."""
    from dlex.classroom.report.page import require_jinja
    from dlex.classroom.similar.fingerprints import require_copydetect
    from dlex.classroom.similar.page import write_page

    require_jinja()
    require_copydetect()
    course = course_of(session, folder)
    wanted = [course.find(name) for name in only] or list(course.exercises)
    submissions = _submissions(session, folder, course, wanted)
    if not submissions:
        raise no_submission(folder)
    comparisons = _compared(session, submissions, wanted, threshold)
    with Writer(folder) as writer, writer.open(html) as stream:
        write_page(comparisons, threshold, stream, language(), folder.resolve().name)
    _say(session, comparisons, writer)


def _submissions(session: Session, folder: Path, course: Course, wanted: Sequence[Exercise]) -> list[Submission]:
    """Those of an nbgrader course or of a plain folder."""
    if not is_course(folder):
        found = find_submissions(folder, course, wanted)
        require_right_height(found, folder)
        return found.submissions
    from dlex.classroom.notebooks.gradebook import NbgraderCourse

    with Store(folder / STORE) as store, NbgraderCourse(folder, course, store, session.language) as there:
        return there.find_submissions(wanted).submissions


def _compared(
    session: Session, submissions: Sequence[Submission], wanted: Sequence[Exercise], threshold: float
) -> list[Comparison]:
    from dlex.classroom.similar.ranking import compare

    done = 0
    comparisons = []
    with progress_bar(session.screen(stderr=True), _("Comparing")) as progress:
        for exercise in wanted:
            of_it = [submission for submission in submissions if submission.slot.exercise == exercise.name]
            if of_it:
                comparisons.append(compare(exercise, of_it, threshold=threshold, most=PAIRS))
                done += len(of_it)
                progress(done, len(submissions))
    return comparisons


def _say(session: Session, comparisons: Sequence[Comparison], writer: Writer) -> None:
    from dlex.classroom.report.names import shown
    from dlex.classroom.similar.page import percent

    screen = session.screen(stderr=writer.to_output)
    found = sum(comparison.found for comparison in comparisons)
    screen.say(
        (f"{screen.signs.warning} ", LOOK) if found else (f"{screen.signs.passed} ", OK),
        (ngettext("{count} pair is alike", "{count} pairs are alike", found).format(count=found), STRONG),
        _(" ({compared} submissions compared).").format(
            compared=sum(comparison.compared for comparison in comparisons)
        ),
    )
    for comparison in () if session.quiet else comparisons:
        for pair in comparison.pairs[:LISTED]:
            names = dict.fromkeys([*pair.first.names, *pair.second.names])
            told = ", ".join(shown(name) for name in list(names)[:LISTED]) + (
                f", {screen.signs.more}" if len(names) > LISTED else ""
            )
            screen.say(
                (f"{comparison.exercise.name}: ", CODE), f"{percent(pair.likeness)}  {told}", indent=2, hanging=2
            )
    for path in writer.written:
        screen.say((f"{screen.signs.passed} ", OK), _("Written: {file}").format(file=session.show(path)), hanging=2)
    for path in writer.kept:
        screen.say(_("What was there is kept as {file}.").format(file=session.show(path)), indent=2, hanging=2)
    if found:
        screen.say((_("Likeness is no proof: read both, and talk with both."), DIM), hanging=2)


def similar_examples() -> str:
    """The examples of `dlex class similar`."""
    return examples(
        ("dlex class similar submissions/", _("pairs that are too alike: submissions/similar.html")),
        ("dlex class similar submissions/ --exercise 10 --threshold 0.6", _("one exercise, less alike ones too")),
    )
