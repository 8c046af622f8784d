"""The attempt process: runs the learner's code and answers the judge's requests with plain data.

Everything here may be broken by the code that it runs, so nothing here decides anything: no spec, no reference, no
expected value and no seed of the judge ever reaches this process.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import sys
import traceback
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dlex.attempt import loading, near
from dlex.attempt.adapting import adapt
from dlex.attempt.placement import Placement
from dlex.attempt.probes import PROBES
from dlex.attempt.recording import recorded
from dlex.attempt.surroundings import print_nothing, seed_everything, tell_where_when_asked
from dlex.attempt.tracing import StandIn, Trace
from dlex.protocol import wire
from dlex.protocol.result import Frame
from dlex.protocol.values import Decoder, Encoder
from dlex.protocol.wire import Handle, Reference

LIBRARIES = ("torch", "numpy", "builtins", "operator")
MAX_CODE, MAX_LINE = 200, 1 << 31


class NotThere(Exception):
    """The learner's module has no such name."""


class AttemptServer:
    """Serves one learner's module over a channel until the judge hangs up."""

    def __init__(self, channel: wire.Channel) -> None:
        self.channel = channel
        self.module = types.ModuleType("attempt")
        self.filename = ""
        self.device = Placement("cpu")
        self.held: list[Any] = []
        self.trace: Trace | None = None
        self.asked: dict[str, str] = {}  # for a name in the file the one that is asked for
        self.replaced: dict[str, Any] = {}  # what stand-ins have taken the place of

    def serve(self) -> None:
        """Answer requests until the judge closes the wire."""
        tell_where_when_asked()
        with contextlib.suppress(EOFError):
            while True:
                request, payload = self.channel.receive(wire.request_decoder)
                self._reply(request, payload)

    def _reply(self, request: wire.Request, payload: memoryview) -> None:
        encoder = Encoder(self._hold)
        try:
            with self.trace.following() if self.trace is not None else contextlib.nullcontext():
                answer: wire.Reply = self._answer(request, payload, encoder)
        except NotThere as error:
            names = [plain(name, wire.MAX_NAME) for name in vars(self.module) if isinstance(name, str)]
            answer = wire.Missing(str(error), [name for name in names if not name.startswith("_")][: wire.MAX_PRESENT])
        except BaseException as error:  # the learner's code may raise anything, SystemExit included
            answer = self._raised(error)
            encoder.buffers.clear()
        try:
            self.channel.send(answer, encoder.buffers)
        except wire.WireError as error:
            self.channel.send(wire.Raised("ResultTooLarge", ["ResultTooLarge"], str(error), []))
        except (UnicodeError, TypeError, OverflowError, RecursionError) as error:  # of what no frame can hold
            self.channel.send(wire.Raised("UnsupportedResult", ["UnsupportedResult"], plain(str(error), 200), []))

    def _answer(self, request: wire.Request, payload: memoryview, encoder: Encoder) -> wire.Reply:
        decoder = Decoder(payload, self._resolve, self.device.arrive)
        match request:
            case wire.Load():
                return wire.Value(encoder.encode(self._load(request)))
            case wire.Begin():
                self._begin(request)
                return wire.Value(None)
            case wire.Get(target, keep):
                return wire.Value(self._encode(encoder, self._find(target), keep))
            case wire.Probe("ran"):
                return wire.Value(encoder.encode(sorted(self.trace.names) if self.trace is not None else []))
            case wire.Probe(name, args, kwargs):
                values = [decoder.decode(a) for a in args]
                named = {k: decoder.decode(v) for k, v in kwargs.items()}
                return wire.Value(encoder.encode(PROBES[name](*values, **named)))
            case wire.Call():
                return self._call(request, decoder, encoder)

    def _begin(self, request: wire.Begin) -> None:
        if request.mute:
            print_nothing()
        self.held.clear()
        own = vars(self.module)
        own.update(self.replaced)
        self.replaced = {name: own[name] for name in request.answered if name in own}
        own.update({name: StandIn(self.channel, name) for name in self.replaced})
        self.trace = Trace(self.filename, own, self.asked) if request.followed else None
        seed_everything(request.seed)

    def _place(self, request: wire.Load) -> None:
        """Go to the device, before any of the learner's code runs: if that fails, it is not the learner's fault."""
        failed = ""
        try:
            self.device = Placement(request.device, request.device_bytes)
        except Exception as error:
            failed = f"{type(error).__name__}: {safe_text(error)}"
        self.channel.send(wire.Placed(failed))

    def _load(self, request: wire.Load) -> list[list[Any]]:
        self._place(request)
        seed_everything(request.seed)
        self.filename = request.filename
        if isinstance(sys.stdout, io.TextIOWrapper):
            # The process is killed, not ended, after its last answer: what it printed must not wait in a buffer.
            sys.stdout.reconfigure(line_buffering=True)
        lines = request.source.splitlines(keepends=True)
        linecache.cache[request.filename] = (len(request.source), None, lines, request.filename)
        self.module = types.ModuleType(request.module)
        self.module.__file__ = own_file(request)
        sys.path.append(os.path.dirname(self.module.__file__))  # last: what lies there hides no library
        sys.modules[request.module] = self.module
        sys.argv = [self.module.__file__]
        loading.make_at_home(request.source, Path(request.data))
        skipped = loading.run(
            request.source,
            request.filename,
            self.module.__dict__,
            seconds=request.seconds,
            passed_over=request.passed_over,
            needed=request.needed,
        )
        adapt(self.module.__dict__, request.renamed, request.outside)
        self.asked = {own: name for name, own in request.renamed.items()}
        return skipped

    def _call(self, request: wire.Call, decoder: Decoder, encoder: Encoder) -> wire.Reply:
        function = self._find(request.target)
        if request.on_host:
            decoder.arrive = Placement("cpu").arrive
        args = [decoder.decode(a) for a in request.args]
        kwargs = {k: decoder.decode(v) for k, v in request.kwargs.items()}
        named: dict[str, Any] = {str(i): a for i, a in enumerate(args)} | kwargs
        before = {name: fingerprint(value) for name, value in named.items()}
        ops: list[str] = []
        # What is followed is not recorded too: there is one profile function.
        is_recorded = request.record_ops and self.trace is None
        recorder = recorded(ops, vars(self.module)) if is_recorded else contextlib.nullcontext()
        with recorder:
            value = function(*args, **kwargs)
        if not request.on_host:
            self.device.settle(value)
        mutated = [name[: wire.MAX_NAME] for name, value in named.items() if fingerprint(value) != before[name]]
        return wire.Value(self._encode(encoder, value, request.keep), mutated, ops)

    def _encode(self, encoder: Encoder, value: Any, keep: bool) -> Any:
        return Encoder._handle(self._hold(value)) if keep else encoder.encode(value)

    def _hold(self, value: Any) -> Handle:
        self.held.append(value)
        return Handle(len(self.held) - 1, class_name(type(value)), callable(value))

    def _resolve(self, item: Handle | Reference) -> Any:
        return self._find(item) if isinstance(item, Reference) else self.held[item.number]

    def _find(self, reference: Reference) -> Any:
        if isinstance(reference.root, int):
            return _walk(self.held[reference.root], reference.path)
        if reference.root in LIBRARIES:
            return _walk(sys.modules[reference.root], reference.path)
        name = reference.path[0]
        if name not in vars(self.module):
            raise NotThere(name)
        return _walk(vars(self.module)[name], reference.path[1:])

    def _raised(self, error: BaseException) -> wire.Raised:
        kind = type(error)
        return wire.Raised(
            class_name(kind),
            [class_name(base) for base in type.__dict__["__mro__"].__get__(kind)][: wire.MAX_BASES],
            safe_text(error),
            [*self._frames(error), *self._syntax_frame(error)][-wire.MAX_FRAMES :],
            near_name(error),
        )

    def _frames(self, error: BaseException) -> Iterable[Frame]:
        """The learner's own lines of the traceback, outermost first."""
        for frame, line in traceback.walk_tb(BaseException.__dict__["__traceback__"].__get__(error)):
            if frame.f_code.co_filename == self.filename:
                code = linecache.getline(self.filename, line).strip()
                yield Frame(self.filename, line, plain(frame.f_code.co_name, wire.MAX_NAME), plain(code, MAX_CODE))

    def _syntax_frame(self, error: BaseException) -> Iterable[Frame]:
        """The line of a `SyntaxError`, whose attributes may be anything."""
        if not isinstance(error, SyntaxError):
            return
        try:
            if str(error.filename) != self.filename:
                return
            line = error.lineno if isinstance(error.lineno, int) and 0 <= error.lineno < MAX_LINE else 0
            text = str(error.text or "")
            offset = error.offset if isinstance(error.offset, int) else 0
            code = plain(text.strip(), MAX_CODE)
            column = offset - 1 - (len(text) - len(text.lstrip()))
        except BaseException:  # the learner's code, by way of a property or a `__str__`
            return
        yield Frame(self.filename, int(line), "", code, int(column) if 0 <= column <= len(code) else -1)


def _walk(value: Any, path: Iterable[str]) -> Any:
    for name in path:
        value = getattr(value, name)
    return value


def own_file(request: wire.Load) -> str:
    """The absolute path of the learner's file; what lies in no folder is written into the attempt's own."""
    name = os.path.basename(request.filename) or request.module
    path = os.path.join(request.folder, name)
    if request.folder and os.path.isfile(path):
        return path
    path = os.path.abspath(name)
    with contextlib.suppress(OSError, ValueError):
        Path(path).write_text(request.source, encoding="utf-8")
    return path


def plain(text: str, limit: int) -> str:
    """`text` cut to a size, with what is no whole character replaced: no frame can hold that."""
    return str.__str__(text)[:limit].encode("utf-8", "replace").decode("utf-8")


def class_name(kind: type) -> str:
    """The name of a class, whatever its metaclass does."""
    return plain(type.__dict__["__name__"].__get__(kind), wire.MAX_NAME)


def safe_text(error: BaseException) -> str:
    """The message of `error`, cut to a size, whatever its `__str__` does."""
    try:
        said = error.msg if isinstance(error, SyntaxError) else str(error)  # the line is told apart
        return plain(str(said), wire.MAX_MESSAGE)
    except BaseException:
        return ""


def near_name(error: BaseException) -> str:
    """The name that may have been meant by one that is missing, whatever the attributes of `error` do."""
    try:
        return plain(near.nearest(error), wire.MAX_NAME)
    except BaseException:
        return ""


def fingerprint(value: Any) -> Any:
    """Something that changes when a plain value is changed in place; None for anything that is not plain."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return None
    encoder = Encoder(lambda held: Handle(id(held), "", False))
    tree = encoder.encode(value)
    if isinstance(tree, list) and tree and tree[0] == "h":
        return None
    return _without_flags(tree), [bytes(b) for b in encoder.buffers]


def _without_flags(tree: Any) -> Any:
    """`tree` without what a tensor says beyond dtype, shape and content: asking for its gradient does not change it."""
    if not isinstance(tree, list):
        return tree
    return tree[:3] if tree[:1] == ["T"] else [_without_flags(item) for item in tree]
