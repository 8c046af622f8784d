"""What a call in the attempt process used: functions of torch, the operators that it dispatched, and of every library
the functions written in Python, by which torch has its operators a second time (`torch._refs`, `torch._decomp`).
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
import threading
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._python_dispatch import TorchDispatchMode

from dlex.protocol import wire

MAX_REPEATED = wire.MAX_OPS // 2  # what comes for the first time has room even after a loop of a thousand steps
IMPORT = importlib._bootstrap._find_and_load.__code__  # type: ignore[attr-defined]  # not part of its interface
OWN = __name__.partition(".")[0]


class Record:
    """The names of what was used, in order; a function of Python's is named once, everything else each time."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._known: set[str] = set()

    def note(self, name: str) -> None:
        """Add a name while there is room."""
        name = name[: wire.MAX_NAME].encode("utf-8", "replace").decode("utf-8")  # half characters fit into no frame
        if len(self.names) < (MAX_REPEATED if name in self._known else wire.MAX_OPS):
            self._known.add(name)
            self.names.append(name)

    def note_once(self, name: str) -> None:
        """Add a name that is not there yet."""
        if name not in self._known:
            self.note(name)


class _Functions(TorchFunctionMode):
    def __init__(self, record: Record) -> None:
        self.record = record

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.record.note(str(resolve_name(func) or getattr(func, "__name__", "?")))
        return func(*args, **(kwargs or {}))


class _Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own class is not typed
    def __init__(self, record: Record) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.record = record

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Else torch imports its compiler and sympy, for two seconds, at the first operator of a process."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.record.note(str(func.overloadpacket).replace("::", "."))
        return func(*args, **(kwargs or {}))


class _Calls:
    """A profile function: notes the calls that the learner's module, whose globals are `own`, leads to.

    Also in threads that it starts, where torch's modes do not look.
    """

    def __init__(self, record: Record, own: dict[str, Any]) -> None:
        self.record = record
        self.own = own
        self._seen: dict[int, CodeType] = {}  # by identity: the hash of code is that of all its parts
        self._imports: dict[int, int] = {}  # how many are under way, one within the other, by thread

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code is IMPORT:
            thread = threading.get_ident()
            change = {"call": 1, "return": -1}.get(event, 0)
            self._imports[thread] = max(0, self._imports.get(thread, 0) + change)
        elif self._imports and self._imports.get(threading.get_ident()):
            return  # what runs because a module is imported, such as half of torch when it is first needed
        elif event == "call":
            if id(code) not in self._seen and frame.f_globals is not self.own:
                self._seen[id(code)] = code
                self._note_function(frame, code)
        elif event == "c_call" and frame.f_globals is self.own:
            self.record.note_once(f"{argument.__module__}.{argument.__qualname__}")

    def _note_function(self, frame: FrameType, code: CodeType) -> None:
        module = frame.f_globals.get("__name__")
        is_function = code.co_flags & inspect.CO_OPTIMIZED  # the body of a class or a module is run by its import
        if is_function and isinstance(module, str) and module.partition(".")[0] != OWN:
            self.record.note_once(f"{module}.{getattr(code, 'co_qualname', code.co_name)}")


@contextlib.contextmanager
def recorded(names: list[str], own: dict[str, Any]) -> Iterator[None]:
    """List in `names` what the block uses of torch and of other libraries; `own` are the learner's globals."""
    record = Record(names)
    calls, before = _Calls(record, own), sys.getprofile()
    with _Functions(record), _Operators(record):
        threading.setprofile(calls)
        sys.setprofile(calls)
        try:
            yield
        finally:
            sys.setprofile(before)
            threading.setprofile(before)
