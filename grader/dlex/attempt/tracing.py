"""Which functions and classes of the learner's a check led to, and functions of it that the judge answers for."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from dlex.protocol import wire
from dlex.protocol.values import Decoder, Encoder
from dlex.protocol.wire import Handle


class Trace:
    """The top-level names of the learner's module whose code has run, while `following`.

    `asked` gives, for a name in the file, the one that the exercise has for it.
    """

    def __init__(self, filename: str, namespace: dict[str, Any], asked: Mapping[str, str] | None = None) -> None:
        self.names: set[str] = set()
        self._filename = filename
        self._asked = asked or {}
        # A lambda knows nothing of the name that it was given.
        self._named = {id(v.__code__): k for k, v in namespace.items() if isinstance(v, types.FunctionType)}

    @contextlib.contextmanager
    def following(self) -> Iterator[None]:
        """Note what runs inside, in this thread."""
        before = sys.getprofile()
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename == self._filename:
            name = self._named.get(id(code)) or code.co_qualname.partition(".")[0]
            if len(self.names) < wire.MAX_PRESENT:
                self.names.add(self._asked.get(name, name)[: wire.MAX_NAME])


class StandIn:
    """In the place of one of the learner's functions: each call is answered by the judge."""

    def __init__(self, channel: wire.Channel, name: str) -> None:
        self._channel = channel
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        encoder = Encoder(_refuse)
        given = [encoder.encode(a) for a in args]
        named = {key: encoder.encode(value) for key, value in kwargs.items()}
        self._channel.send(wire.Ask(self._name, given, named), encoder.buffers)
        answer, payload = self._channel.receive(wire.answer_decoder)
        if not answer.known:
            raise RuntimeError(f"nobody answers for {self._name}")
        return Decoder(payload, _refuse).decode(answer.tree)


def _refuse(value: Any) -> Handle:
    raise TypeError(f"the judge answers for plain values, not for {type(value).__name__}")
