"""What one node of a cluster does with one order: it makes sure that it is fit to grade, then grades.

Imports no Ray: bytes come in and go out.  As a program it starts this node's warm server.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import signal
import subprocess
import sys
import zlib
from pathlib import Path

import msgspec

import dlex
from dlex.classroom import company
from dlex.classroom.engine import Job, Outcome, graded
from dlex.classroom.keys import spec_hash
from dlex.classroom.proof import Fails, TooWeak, objection
from dlex.course.errors import DlexError
from dlex.course.exercise import Course, Exercise, find_course
from dlex.course.text import Text
from dlex.interpreter import NEUTRAL_FOLDER, python_command, python_environment
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult
from dlex.server import client
from dlex.server.environment import server_folder

START_SECONDS = 180.0
LONGEST_FOLDER = 60  # the path of a socket may not be long
TRIES = 2  # of the reference, which may be late on a machine that is busy


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and what must be the same on a node as where the class is graded from."""

    request: GradeRequest
    spec_hash: str
    versions: dict[str, str]
    weak_isolation: bool = False
    alone: bool = False


class Graded(msgspec.Struct, frozen=True, tag=True):
    """The result; `was_alone`: nothing was graded beside it on this node for certain."""

    result: ExerciseResult
    was_alone: bool = False


class Failed(msgspec.Struct, frozen=True, tag=True):
    """dlex broke on this node, which says nothing of the attempt: another try may go well."""

    message: Text
    next_step: Text | None = None


class Unfit(msgspec.Struct, frozen=True, tag=True):
    """What this node lacks: its marks could be others than those of other nodes."""

    lacks: Text


Reply = Graded | Failed | Unfit

reply_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)
_order_decoder: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)


class Lacking(Exception):
    """This node is not fit to grade."""

    def __init__(self, lacks: Text) -> None:
        super().__init__(lacks.en)
        self.lacks = lacks


def versions() -> dict[str, str]:
    """The versions on which a result depends, of this machine."""
    found = {"dlex": dlex.__version__}
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        found["torch"] = importlib.metadata.version("torch")
    return found


def grade_here(data: bytes) -> bytes:
    """The encoded reply to an encoded order; raises `msgspec.MsgspecError` for what is no order."""
    order = _order_decoder.decode(data)
    try:
        # Outside, since what a node's tasks share is the machine and not the server.
        with company.alone() if order.alone else company.beside_others() as was_alone:
            reply = _reply(order, _folder_for_these_gpus())
            if isinstance(reply, Graded):
                reply = Graded(reply.result, was_alone())
    except Lacking as error:
        reply = Unfit(error.lacks)
    except DlexError as error:
        reply = Failed(error.message, error.next_step)
    return msgspec.msgpack.encode(reply)


def _reply(order: Order, folder: Path) -> Reply:
    _compare_versions(order.versions)
    exercise = _exercise_here(order)
    request = msgspec.structs.replace(order.request, course=str(exercise.course.root))
    lacks = PROOFS.lacks(exercise, order, folder)
    if lacks is not None:
        raise Lacking(lacks)
    outcome = graded(Job("", request), folder)
    if outcome.result is not None:
        return Graded(outcome.result)
    return _failed(outcome)


def _failed(outcome: Outcome) -> Failed:
    assert outcome.error is not None
    return Failed(outcome.error.message, outcome.error.next_step)


def _compare_versions(wanted: dict[str, str]) -> None:
    here = versions()
    for package, version in wanted.items():
        if package not in here:
            raise Lacking(Text(en=f"it has no {package}", zh=f"没有安装 {package}"))
        if here[package] != version:
            raise Lacking(
                Text(
                    en=f"it has {package} {here[package]}, not {version}",
                    zh=f"{package} 的版本是 {here[package]}，不是 {version}",
                )
            )


def _exercise_here(order: Order) -> Exercise:
    """The exercise in the same place as where the class is graded from, else in this node's own course."""
    name = order.request.exercise
    places = [Path(order.request.course)]
    with contextlib.suppress(DlexError):
        places.append(find_course().root)
    found = [Exercise(Course(root), name) for root in places if Exercise(Course(root), name).spec.is_file()]
    for exercise in found:
        with contextlib.suppress(DlexError, OSError):
            if spec_hash(exercise.course.root, exercise) == order.spec_hash:
                return exercise
    if found:
        raise Lacking(
            Text(
                en=f"its files of exercise {name} are others ({found[0].course.root})",
                zh=f"练习 {name} 的文件与这里的不同（{found[0].course.root}）",
            )
        )
    raise Lacking(Text(en=f"it has no exercise {name} ({places[0]})", zh=f"没有练习 {name}（{places[0]}）"))


class Proofs:
    """What a worker has found out of exercises; it lives no longer than the run that it works for."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], Text | None] = {}

    def lacks(self, exercise: Exercise, order: Order, folder: Path) -> Text | None:
        """Why this node must not grade the exercise: before any student's code runs, the reference passes, confined."""
        of = (exercise.name, order.spec_hash, order.request.device, str(folder))
        if of not in self._found:
            _start_server(folder)
            self._found[of] = _objection(exercise, order, folder)
        return self._found[of]


PROOFS = Proofs()


def _objection(exercise: Exercise, order: Order, folder: Path) -> Text | None:
    course, device = str(exercise.course.root), order.request.device
    source = exercise.reference_source()
    job = Job("", GradeRequest(course=course, exercise=exercise.name, source=source, device=device))
    found: Fails | TooWeak | None = None
    for _ in range(TRIES):
        found = objection(graded(job, folder), weak_isolation=order.weak_isolation)
        if not isinstance(found, Fails):
            break
    match found:
        case Fails(why):
            return Text(
                en="the reference solution of {name} does not pass there: {why}",
                zh="{name} 的参考答案在那里没有通过：{why}",
            ).format(name=exercise.name, why=why)
        case TooWeak(missing):
            return _too_weak(missing)
    return None


def _too_weak(missing: str) -> Text:
    return Text(
        en=f"students' code would run there with weaker isolation than a class needs (missing: {missing})",
        zh=f"学生代码在那里的隔离程度不足以评测一个班级（缺少：{missing}）",
    )


def _start_server(folder: Path) -> None:
    """Start the warm server apart from this process: Ray kills the children of a worker that ends, and all use it.

    That it does not come up shows in the grading that follows, which says why.
    """
    with contextlib.suppress(subprocess.SubprocessError):
        subprocess.run(
            python_command("dlex.classroom.node", str(folder)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=START_SECONDS,
            check=False,
            env=python_environment(),
            cwd=NEUTRAL_FOLDER,
        )


def _folder_for_these_gpus() -> Path:
    """Where the warm server is that sees the GPUs that Ray gave to this task, and no others.

    A server sees what it was started with, so there is one in a folder of its own for each set of GPUs; and where Ray
    hides them all, one that is not the user's own.
    """
    of_the_user, visible = server_folder(), os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return of_the_user
    folder = of_the_user / f"{zlib.crc32(visible.encode()):08x}"
    if len(str(folder)) >= LONGEST_FOLDER:
        return of_the_user
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


if __name__ == "__main__":
    # Ray's workers block it, and the server and all that it forks would inherit that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    client.warm_up(Path(sys.argv[1]))
