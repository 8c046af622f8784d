"""What the judge knows of an attempt process, however it was started: its wire, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dlex.protocol import wire


@dataclass(frozen=True)
class Exit:
    """How an attempt process ended: its exit code or signal, and why it was killed if the confinement killed it.

    `cpu_seconds` is what all its processes used; `lacked_seconds` what they would have used besides, had one processor
    been theirs alone.
    """

    code: int | None = None
    signal: int | None = None
    reason: str | None = None
    cpu_seconds: float = 0.0
    lacked_seconds: float = 0.0


class AttemptProcess(Protocol):
    """A running attempt process, however it was started."""

    channel: wire.Channel

    def hang_up(self) -> None:
        """Begin to end it, without waiting."""
        ...

    def lacked_seconds(self) -> float:
        """How much more it would have computed so far, had one processor been its own."""
        ...

    def end(self) -> Exit:
        """Kill what still runs, wait until nothing is left, and say how it ended."""
        ...

    def stack(self, seconds: float) -> list[tuple[str, int, str]]:
        """Where it is, innermost first: file, line, function; empty if it does not say so within these seconds."""
        ...

    def output(self) -> str:
        """What it printed, cut to a size; complete after `end`."""
        ...

    def printed(self) -> int:
        """How much it has printed so far."""
        ...

    def printed_since(self, mark: int) -> str:
        """What it has printed since `printed` gave `mark`."""
        ...


class Launcher(Protocol):
    """Starts attempt processes."""

    def launch(self) -> AttemptProcess:
        """A fresh attempt process; its first message says how it is confined."""
        ...
