"""The bench: a process that has read the specs of exercises of which many attempts come, and forks judges from itself.

Such a judge finds its spec collected, and warm what grading it needs: it takes nearly a third less of the CPU.  The
zygote may not read a spec, since attempts inherit its memory; no attempt is forked from the bench.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import time
from pathlib import Path

from dlex.course.exercise import Course, Exercise
from dlex.judge.in_advance import IN_ADVANCE
from dlex.judge.judge import judge, quiet
from dlex.protocol.request import GradeRequest, expected_decoder
from dlex.protocol.transport import Told, Wish
from dlex.protocol.wire import Channel
from dlex.sandbox.policy import Policy
from dlex.server import fork_memory
from dlex.server.forked import reap, run_child
from dlex.server.later import needed_by
from dlex.server.launch import ForkLauncher, policy_for
from dlex.server.service import REQUEST_SECONDS, serve_client


class Bench:
    """Serves the zygote at the other end of a socket, which passes clients on, until that is closed."""

    def __init__(self, zygote: socket.socket) -> None:
        self.zygote = zygote
        self._is_settled = False

    def serve(self) -> None:
        """Read specs and fork judges, as the zygote asks."""
        quiet()
        signal.signal(signal.SIGCHLD, lambda *_: reap())
        while True:
            said, fds, _, _ = socket.recv_fds(self.zygote, 1, 1)
            if not fds:
                return
            with socket.socket(fileno=fds[0]) as client:
                match Wish(said):
                    case Wish.EXPECT:
                        self._expect(client)
                    case Wish.GRADE:
                        self._fork_judge(client)
                    case other:
                        raise ValueError(f"{other!r} is no wish for the bench")

    def _expect(self, client: socket.socket) -> None:
        with contextlib.suppress(Exception):  # then its judges read the spec themselves, as any other
            self._read(client)
        if not select.select([self.zygote], [], [], 0)[0]:
            self._settle()
        self.zygote.send(Told.READY)

    def _fork_judge(self, client: socket.socket) -> None:
        control = self._control(Told.JUDGE)
        if os.fork() == 0:
            self.zygote.close()
            run_child(lambda: serve_forked(client, control))
        control.close()

    def _control(self, owner: Told) -> socket.socket:
        """A socket by which the owner asks the zygote for attempts; the zygote has been given the other end."""
        zygotes_end, judges_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(self.zygote, [owner], [zygotes_end.fileno()])
        zygotes_end.close()
        return judges_end

    def _read(self, client: socket.socket) -> None:
        wish, _ = Channel(client).receive(expected_decoder, time.monotonic() + REQUEST_SECONDS)
        exercise = Course(Path(wish.course)).find(wish.exercise)
        if IN_ADVANCE.has_collected(exercise):
            return
        with contextlib.suppress(Exception), self._control(Told.OWN) as control:
            _rehearse(exercise, control)
        IN_ADVANCE.collect(exercise)
        self._is_settled = False

    def _settle(self) -> None:
        """Make the forks cheap that come now."""
        if not self._is_settled:
            gc.collect()
            gc.freeze()
            fork_memory.fill_gaps()
            fork_memory.collapse()
            self._is_settled = True


def serve_forked(client: socket.socket, control: socket.socket) -> None:
    """The life of a judge: grade for one client, with attempts for which it asks the zygote by `control`."""
    serve_client(client, lambda policy, request: _launcher(control, policy, request))


def _rehearse(exercise: Exercise, control: socket.socket) -> None:
    """Grade the reference: what this loads, compiles and learns, no judge has to that is forked later."""
    source, course = exercise.reference_source(), exercise.course
    checks = exercise.checks  # reading them now saves a thread, which none may fork with
    request = GradeRequest(course=str(course.root), exercise=exercise.name, source=source, checks=checks)

    def launcher_for(device: str) -> ForkLauncher:
        return _launcher(control, policy_for(course, exercise.info.limits, device), request)

    judge(request, exercise, launcher_for)


def _launcher(control: socket.socket, policy: Policy, request: GradeRequest) -> ForkLauncher:
    return ForkLauncher(control, policy, request.disable, needed_by(request.source.text))
