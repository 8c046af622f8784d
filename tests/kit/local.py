"""An attempt that lives in this process: the kit's questions without processes, by the attempt's own probes."""

from __future__ import annotations

import sys
import types
from typing import Any

from dlex.attempt.probes import PROBES
from dlex.attempt.recording import recorded
from dlex.judge import explanation
from dlex.judge.session import Outcome
from dlex.kit.attempt import Attempt
from dlex.kit.judged import Judged as Remote
from dlex.kit.syntax import Source
from dlex.protocol import wire
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Frame
from dlex.protocol.values import Encoder
from dlex.protocol.wire import Handle, Reference


class LocalSession:
    """What the kit uses of a session, answered at once."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.module: dict[str, Any] = {}
        exec(compile(text, "attempt.py", "exec"), self.module)
        self.held: list[Any] = []
        self.calls = 0

    def heard(self) -> None:
        """Nobody asks."""

    def call(
        self,
        target: Reference,
        args: Any,
        kwargs: Any,
        *,
        record_ops: bool = False,
        keep: bool = False,
        on_host: bool = False,
    ) -> Outcome:
        """Call something of the attempt."""
        self.calls += 1
        ops: list[str] = []
        function, given, named = self._found(target), self._found(args), self._found(kwargs)
        try:
            if record_ops:
                with recorded(ops, self.module):
                    value = function(*given, **named)
            else:
                value = function(*given, **named)
        except Exception as error:
            raise self._failure(error) from None
        return Outcome(self._came(value, keep), [], ops)

    def get(self, target: Reference, *, keep: bool = False) -> Any:
        """Fetch something of the attempt."""
        return self._came(self._found(target), keep)

    def probe(self, name: str, *args: Any) -> Any:
        """Run a probe."""
        try:
            return PROBES[name](*self._found(args))
        except Exception as error:
            raise self._failure(error) from None

    def _failure(self, error: Exception) -> CheckFailure:
        frames, traceback = [], error.__traceback__
        while traceback is not None:
            code, line = traceback.tb_frame.f_code, traceback.tb_lineno
            if code.co_filename == "attempt.py":
                frames.append(Frame("attempt.py", line, code.co_name, self.lines[line - 1].strip()))
            traceback = traceback.tb_next
        bases = [base.__name__ for base in type(error).__mro__]
        return CheckFailure(explanation.raised(wire.Raised(type(error).__name__, bases, str(error), frames)))

    def _came(self, value: Any, keep: bool) -> Any:
        tree = Encoder(lambda _: Handle(0, "", False)).encode(value)
        plain = not (isinstance(tree, list) and tree and tree[0] == "h")
        return value if plain and not keep else self._handle(value)

    def _handle(self, value: Any) -> Remote:
        self.held.append(value)
        return Remote.of_handle(self, Handle(len(self.held) - 1, type(value).__name__, callable(value)))  # type: ignore[arg-type]  # stands in

    def _found(self, value: Any) -> Any:
        if isinstance(value, Reference):
            if isinstance(value.root, int):
                found, path = self.held[value.root], value.path
            elif value.root == "module":
                found, path = types.SimpleNamespace(**self.module), value.path
            else:
                found, path = sys.modules[value.root], value.path
            for name in path:
                found = getattr(found, name)
            return found
        if type(value) in (list, tuple):
            return type(value)(self._found(v) for v in value)
        if type(value) is dict:
            return {k: self._found(v) for k, v in value.items()}
        return value


def attempt_of(text: str) -> Attempt:
    """The attempt with this source."""
    return Attempt(LocalSession(text), Source(text))  # type: ignore[arg-type]  # stands in
