"""Asks the process that parses what students handed in, and starts another when a file has killed it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from dlex.classroom.reading.child import CPU_SECONDS, PLAIN, READY
from dlex.classroom.reading.messages import Exercise, Problem, Request, receive, reply_decoder, send
from dlex.classroom.reading.starting import ReaderProcess, start
from dlex.course.errors import AttemptError, CourseError
from dlex.course.exercise import Exercise as CourseExercise
from dlex.course.source import Wanted
from dlex.course.text import Text

T = TypeVar("T")

TRIES = 2  # a reader that died by itself may have been killed by the machine, not by the file
WALL_SECONDS = 30.0  # for one file on a machine that stands still; where there is no CPU clock, the only limit
START_SECONDS = 120.0


class Reader:
    """A confined process that reads one file after the other.  `with Reader() as reader: reader.ask(request, Kind)`."""

    def __init__(self) -> None:
        """Nothing is started before it is asked."""
        self._process: ReaderProcess | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, request: Request, kind: type[T]) -> T:
        """What comes of a request; raises `AttemptError` for what is the file's fault, `CourseError` for what is ours.

        No file costs another one anything: what kills the reader is this file's, and the next gets a fresh one.
        """
        with self._lock:
            for left in reversed(range(TRIES)):
                try:
                    content = self._ask(request)
                    break
                except _Died as death:
                    if death.out_of_time or not left:
                        raise _deadly(request, death) from None
        if isinstance(content, Problem):
            raise content.error()
        if not isinstance(content, kind):
            raise _deadly(request, _Died(0))
        return content

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.drop()

    @property
    def pid(self) -> int | None:
        """The process that reads now, if there is one."""
        return self._process.pid if self._process else None

    def _ask(self, request: Request) -> object:
        process = self._process or self._start()
        try:
            with _at_most(WALL_SECONDS, process) as has_passed:
                send(process.requests, request)
                reply = receive(process.replies, reply_decoder.decode)
        except (EOFError, OSError, ValueError, RecursionError, msgspec.MsgspecError):
            self._process = None
            raise _Died(process.end(), WALL_SECONDS if has_passed.is_set() else 0.0) from None
        except BaseException:  # interrupted: what it says next would be taken for another file's
            self.close()
            raise
        if reply.last:
            self.close()
        return reply.content

    def _start(self) -> ReaderProcess:
        """A process that has imported everything; raises `CourseError` if there is none."""
        self._process = process = start()
        with _at_most(START_SECONDS, process):
            ready = process.replies.read(1)
        if ready != READY:
            self.close()
            raise CourseError(
                Text(
                    en="The process that reads submissions cannot be started here.", zh="无法在这里启动读取作业的进程。"
                ),
                Text(en="`dlex doctor` says what to report.", zh="`dlex doctor` 会说明应报告哪些信息。"),
            )
        return process


class _Died(Exception):
    """The reader has ended without an answer, with this exit code, or after so many `seconds` by the clock."""

    def __init__(self, code: int, seconds: float = 0.0) -> None:
        super().__init__(code)
        self.out_of_time = code == -getattr(signal, "SIGPROF", 0) != 0
        self.seconds = CPU_SECONDS if self.out_of_time else seconds


def _deadly(request: Request, death: _Died) -> AttemptError:
    name, seconds = request.name, f"{death.seconds:g}"
    if death.seconds:
        return AttemptError(
            Text(
                en=f"{name} takes too long to read (more than {seconds} seconds).",
                zh=f"读取 {name} 用时过长（超过 {seconds} 秒）。",
            ),
            PLAIN,
        )
    return AttemptError(
        Text(
            en=f"{name} cannot be read: it ends the program that reads it.", zh=f"无法读取 {name}：它使读取程序退出。"
        ),
        PLAIN,
    )


@contextlib.contextmanager
def _at_most(seconds: float, process: ReaderProcess) -> Iterator[threading.Event]:
    """Kill the process if the block takes longer than so, which the event tells."""
    has_passed = threading.Event()

    def stop() -> None:
        has_passed.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield has_passed
    finally:
        timer.cancel()


def the_reader() -> Reader:
    """The reader of this process, which all that reads a class shares; it ends with the process."""
    return _reader_of(os.getpid())  # a forked process has its own


@functools.cache
def _reader_of(_pid: int) -> Reader:
    reader = Reader()
    atexit.register(reader.close)
    return reader


def known(exercise: CourseExercise) -> Exercise:
    """What the reader has to know of an exercise."""
    return _known(exercise.number, exercise.slug, exercise.stub)


@functools.lru_cache(maxsize=256)
def _known(number: str, slug: str, stub: Path) -> Exercise:
    try:
        text = stub.read_text(encoding="utf-8")
    except (OSError, ValueError):  # a course without this stub: then nothing is the stub
        text = ""
    return Exercise(Wanted(number, slug), text)
