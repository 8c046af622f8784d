"""The `attempt` fixture: the learner's module, seen through the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlex.kit.diagnosis import Diagnosis
from dlex.kit.figures import Figure, drawn
from dlex.kit.judged import Judged
from dlex.kit.proxy import Probes, Remote
from dlex.kit.syntax import Source
from dlex.protocol.wire import Reference

if TYPE_CHECKING:
    from dlex.judge.session import AttemptSession


class Attempt(Probes):
    """The learner's module.  `attempt.InceptionA(10)` calls what the learner wrote; the methods are probes.

    A learner's name that a probe hides is reached as `attempt["name"]`.
    """

    _remote = Judged

    def __init__(self, session: AttemptSession, source: Source) -> None:
        super().__init__(session)
        self._source = source

    @property
    def source(self) -> Source:
        """The learner's source and its syntax tree."""
        self._session.heard()  # it may be as odd as any answer
        return self._source

    def __getattr__(self, name: str) -> Judged:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Judged:
        return Judged(self._session, Reference("module", (name,)))

    def drawn(self, function: Remote, *args: Any, no_figure: Diagnosis | None = None) -> Figure:
        """Call what draws a figure, and read what that shows: `attempt.drawn(attempt.plot, x).level(0.5, D.no_half)`.

        It is called with tensors on the CPU, which matplotlib wants; `no_figure` is told if what it gives is none.
        """
        return drawn(self, function, args, no_figure)
