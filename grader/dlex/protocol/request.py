"""What a client asks of the server, and the events that come back."""

from __future__ import annotations

import msgspec

from dlex.course.manifest import Check
from dlex.course.source import AttemptSource
from dlex.protocol.result import ExerciseResult


class GradeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Grade one attempt.

    `disable` leaves layers of the confinement out (tests of degrading), `seed` fixes the run, and `measure` also counts
    the CPU time of each check.  `examples` shows the call that a failed check made, as simple as it can be found.
    `picture` is the language of the words in a picture of what the learner's functions give; without it none is drawn.
    `seconds` gives the import and each check less time than the exercise does.  `checks` are those of the spec, from a
    client that has read them already; None lets the judge read them.  `died` names, for each judge that has died over
    this attempt, the check in which it did.
    """

    course: str
    exercise: str
    source: AttemptSource
    device: str = "auto"
    seed: int | None = None
    measure: bool = False
    examples: bool = False
    picture: str = ""
    seconds: float | None = None
    disable: tuple[str, ...] = ()
    checks: tuple[Check, ...] | None = None
    died: tuple[str, ...] = ()


class Expected(msgspec.Struct, frozen=True):
    """Many attempts at an exercise will come: it is worth while to make ready for them."""

    course: str
    exercise: str


class Answered(msgspec.Struct, tag=True, frozen=True):
    """The judge begins to handle what came from the attempt in this check: should it die now, it died over that."""

    check: str


class CheckDone(msgspec.Struct, tag=True, frozen=True):
    """One more check has ended."""

    check: str


class Done(msgspec.Struct, tag=True, frozen=True):
    """The result."""

    result: ExerciseResult


class Broken(msgspec.Struct, tag=True, frozen=True):
    """The judge itself broke; `detail` is for the report of the fault."""

    detail: str


Event = Answered | CheckDone | Done | Broken

request_decoder: msgspec.msgpack.Decoder[GradeRequest] = msgspec.msgpack.Decoder(GradeRequest)
expected_decoder: msgspec.msgpack.Decoder[Expected] = msgspec.msgpack.Decoder(Expected)
event_decoder: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)
