"""Where `dlex class grade` grades: on this machine or on a Ray cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from dlex.classroom.engine import Engine, LocalEngine
from dlex.cli.frame.session import Session
from dlex.course.errors import UsageError
from dlex.course.text import Text
from dlex.feedback.console import LOOK
from dlex.feedback.language import language

ENGINES = ("local", "ray")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the options say of where to grade."""

    engine: str = "local"
    address: str | None = None
    workers: int = 0
    gpu_share: float = 1.0
    weak_isolation: bool = False

    def validate(self) -> None:
        """Raise `UsageError` for options that do not go together."""
        if self.engine not in ENGINES:
            raise UsageError(
                Text(en=f"There is no engine {self.engine!r}.", zh=f"没有评测引擎“{self.engine}”。"),
                Text(en=f"It is one of {', '.join(ENGINES)}.", zh=f"可选：{'、'.join(ENGINES)}。"),
            )
        if self.address is not None and self.engine != "ray":
            raise UsageError(
                Text(en="--address is of a Ray cluster.", zh="--address 是 Ray 集群的地址。"),
                Text(en="Add `--engine ray`.", zh="请同时加上 `--engine ray`。"),
            )
        if not 0.0 < self.gpu_share <= 1.0:
            raise UsageError(
                Text(en="--gpu-share is more than 0 and at most 1.", zh="--gpu-share 应大于 0 且不超过 1。")
            )


@contextlib.contextmanager
def chosen_engine(session: Session, place: Place) -> Iterator[Engine]:
    """The engine to grade with; in the end it says which nodes of a cluster took no part, and why."""
    place.validate()
    if place.engine == "local":
        yield LocalEngine(place.workers)
        return
    from dlex.classroom.cluster import ClusterEngine
    from dlex.classroom.ray_cluster import connected

    with contextlib.ExitStack() as stack:
        cluster = connected(place.address, workers=place.workers, gpu_share=place.gpu_share, verbose=session.verbose)
        engine = ClusterEngine(
            lambda: stack.enter_context(cluster), workers=place.workers, weak_isolation=place.weak_isolation
        )
        yield engine
    screen = session.screen(stderr=True)
    for why in engine.left_out.values():
        screen.say((f"{screen.signs.warning} ", LOOK), why.in_language(language()), hanging=2)
