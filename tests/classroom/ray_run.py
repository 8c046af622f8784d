"""A class graded on a Ray cluster of this machine: one node, a second that joins, and is killed while it grades.

`python ray_run.py COURSE NODE1 NODE2` prints what came of each job, in the order in which it came; NODE1 and NODE2 are
the runtime folders of the two nodes, so that each has a warm server of its own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from ray.cluster_utils import Cluster

from dlex.classroom.cluster import ClusterEngine
from dlex.classroom.engine import Job
from dlex.classroom.ray_cluster import connected
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.server import client

DOUBLE = "def double(x):\n    return {}\n"
KINDS = {
    "right": DOUBLE.format("x * 2"),
    "square": DOUBLE.format("x * x"),
    "broken": "def double(x:\n",
    "raising": DOUBLE.format("1 / 0"),
    "leaving": "import os\nos._exit(0)\n",
    "slow": "import time\ntime.sleep(1)\n" + DOUBLE.format("x + x"),
}
QUICK = [kind for kind in KINDS if kind != "slow"]
MANY = 2000  # jobs after which a node that joined would have been used long ago


def says(folder: str) -> dict[str, Any]:
    """What the warm server of a node says of itself."""
    before = os.environ["XDG_RUNTIME_DIR"]
    os.environ["XDG_RUNTIME_DIR"] = folder
    try:
        return client.status() or {}
    finally:
        os.environ["XDG_RUNTIME_DIR"] = before


class Run:
    """The jobs, and what is done to the cluster between them."""

    def __init__(self, course: str, first: str, second: str) -> None:
        self.course = course
        self.second = second
        self.cluster = Cluster(True, head_node_args={"num_cpus": 1, "env_vars": {"XDG_RUNTIME_DIR": first}})
        self.sent: list[str] = []
        self.killed_while_grading = False

    def job(self, kind: str) -> Job:
        """One more job."""
        self.sent.append(f"{len(self.sent)} {kind}")
        source = AttemptSource(f"{KINDS[kind]}# {len(self.sent)}\n", "double.py", None)
        return Job(self.sent[-1], GradeRequest(course=self.course, exercise="01_double", source=source, device="cpu"))

    def jobs(self) -> Iterator[Job]:
        """Some of each kind on one node; then on two; the second is killed while it grades; then some more."""
        yield from map(self.job, QUICK)
        second = self.cluster.add_node(num_cpus=1, env_vars={"XDG_RUNTIME_DIR": self.second})
        while says(self.second).get("graded", 0) < 3 and len(self.sent) < MANY:
            yield self.job(QUICK[len(self.sent) % len(QUICK)])
        while not says(self.second).get("grading") and len(self.sent) < MANY:
            yield self.job("slow")
        self.killed_while_grading = bool(says(self.second).get("grading"))
        self.cluster.remove_node(second, allow_graceful=False)
        yield from map(self.job, QUICK)


def main(course: str, first: str, second: str) -> None:
    """Grade, and print what came."""
    run = Run(course, first, second)
    with connected(run.cluster.address) as cluster:
        engine = ClusterEngine(lambda: cluster)
        came = [
            (
                outcome.job.key,
                *((result.status, result.points) if (result := outcome.result) else (str(outcome.error), 0)),
            )
            for outcome in engine.grade(run.jobs())
        ]
    run.cluster.shutdown()
    print(json.dumps({"sent": run.sent, "came": came, "killed_while_grading": run.killed_while_grading}))


if __name__ == "__main__":
    main(*sys.argv[1:])
