"""`dlex watch`: check again at every save; h, n and q work while it waits."""

from __future__ import annotations

import contextlib
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dlex.cli.frame.ending import report
from dlex.cli.frame.help_screen import add_command
from dlex.cli.frame.options import examples, exercise_argument
from dlex.cli.frame.session import Session, session_of
from dlex.cli.frame.which import exercise_to_do, following, require_file
from dlex.cli.learner.check_one import show
from dlex.cli.learner.grading import How, grade
from dlex.course.errors import DlexError
from dlex.course.exercise import Exercise
from dlex.devices.choice import known
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language

DEBOUNCE_MS = 150
TICK_MS = 100


def add(app: typer.Typer, name: str) -> None:
    """Add the command to the app."""
    add_command(app, name, watch, text=_("Check an exercise again at every save."), examples=_examples())


def watch(
    ctx: typer.Context,
    exercise: Annotated[str | None, exercise_argument(_("The exercise; without it, the one you are at."))] = None,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|sim", help=_("Where to run your code."))] = "auto",
) -> None:
    """Watch until the learner has had enough."""
    session = session_of(ctx)
    found = exercise_to_do(session, exercise)
    require_file(session, found)
    how = How(device=known(device))
    with contextlib.suppress(KeyboardInterrupt), _keys():
        Watcher(session, found, how).run()


class Watcher:
    """Checks one exercise again and again, and another when it is asked to."""

    def __init__(self, session: Session, exercise: Exercise, how: How) -> None:
        self.session = session
        self.exercise = exercise
        self.how = how
        self.checked: object = None

    @property
    def _file(self) -> Path:
        """The learner's file, or where it is to be made."""
        if self.session.has_own_file(self.exercise):
            return self.session.attempt_path(self.exercise)
        return Path.cwd() / self.exercise.stub.name

    def run(self) -> None:
        """Check now, then at every save; returns when the learner ends it."""
        self._check()
        while (wish := self._wait()) != "q":
            if wish == "h":
                self._hint()
            elif wish == "n":
                self.exercise = self._following()
                self._check()
            else:
                self._check()

    def _wait(self) -> str:
        """The key that was pressed, or "" when the file is not the one that was checked."""
        file = self._file
        # An editor may save by writing another file and moving it here, so the folder is watched and not the file.
        for _tick in _ticks(file.parent):
            # Asked of the file itself, so that a save while a check ran is seen, and one that changed nothing is not.
            if _stamp(file) != self.checked:
                return ""
            key = _pressed()
            if key in ("h", "n", "q"):
                return key
        return "q"

    def _check(self) -> None:
        screen = self.session.screen()
        screen.clear()
        self.checked = _stamp(self._file)
        try:
            result = grade(self.session, self.exercise, None, self.how)
        except DlexError as error:
            title = self.exercise.info.title.in_language(language())
            screen.say(f"{self.exercise.number} {title}")
            report(error)
        else:
            screen.clear()
            show(self.session, self.exercise, result, None, commands=False)
        self._keys_line()

    def _hint(self) -> None:
        from dlex.cli.learner.hints import next_hint

        self.session.screen().rule(characters=self.session.screen().signs.empty, style="dim")  # below what failed
        try:
            next_hint(self.session, self.exercise, None)
        except DlexError as error:
            report(error)
        self._keys_line()

    def _following(self) -> Exercise:
        """The next one that has not passed; the next one at all once all have."""
        return following(self.session, self.exercise) or self._after()

    def _after(self) -> Exercise:
        exercises = self.session.course.exercises
        return exercises[(exercises.index(self.exercise) + 1) % len(exercises)]

    def _keys_line(self) -> None:
        from dlex.feedback.console import DIM

        screen = self.session.screen()
        screen.blank()
        name = self.session.show(self._file)
        at = time.strftime("%H:%M:%S")  # without it, the same result after a save would look as if nothing came
        text = _("{time} Watching {file}: save to check again.").format(time=at, file=name)
        keys = _("Keys: h hint, n next exercise, q quit.") if sys.stdin.isatty() else _("Ctrl-C ends it.")
        screen.say((text, DIM))
        screen.say((keys, DIM))


@contextlib.contextmanager
def _keys() -> Iterator[None]:
    """Keys arrive one by one and unseen inside the block, where there is a terminal that can do it."""
    try:
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
    except (ImportError, OSError, ValueError):
        yield
        return
    except termios.error:
        yield
        return
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _ticks(folder: Path) -> Iterator[None]:
    """Ten times a second, and as soon as something changes in the folder, where the system can tell."""
    from watchfiles import watch as changes

    try:
        for _found in changes(
            folder, debounce=DEBOUNCE_MS, rust_timeout=TICK_MS, yield_on_timeout=True, recursive=False,
            raise_interrupt=True,
        ):  # fmt: skip
            yield
    except (OSError, RuntimeError):  # all of the user's inotify instances are taken, or the file system has none
        while True:
            time.sleep(TICK_MS / 1000)
            yield


def _stamp(file: Path) -> object:
    """What changes when the file is saved; None while there is no file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _pressed() -> str:
    """A key that was pressed, if one was."""
    if not sys.stdin.isatty() or sys.platform == "win32":
        return ""
    ready, _writable, _broken = select.select([sys.stdin], [], [], 0)
    return sys.stdin.read(1).lower() if ready else ""


def _examples() -> str:
    return examples(
        ("dlex watch 10", _("check exercise 10 at every save")),
        ("dlex watch", _("the next exercise that has not passed")),
    )
