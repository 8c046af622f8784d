"""Grades on a cluster: few orders under way at a time, lost ones sent again, unfit nodes left out.

Knows nothing of Ray but through `Cluster`, which `dlex.classroom.ray_cluster` implements.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from dlex.classroom.engine import Job, Outcome
from dlex.classroom.keys import spec_hash
from dlex.classroom.node import Failed, Graded, Order, Unfit, reply_decoder, versions
from dlex.course.errors import DlexError, UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text, same

TRIES = 3  # of one job, besides those that Ray makes by itself when a node dies
AHEAD = 2  # orders under way for each place on the cluster: the next is there when one is done
TICK = 1.0  # seconds between two looks at the nodes
PATIENCE = 120.0  # seconds without any node that can grade; one that restarts is back by then


class Node(NamedTuple):
    """A live machine of the cluster."""

    id: str
    name: str
    cpus: float
    gpus: float


class Answer(NamedTuple):
    """What came back of an order: from which node, and the reply; without one, what went wrong there.

    `lacks_dlex`: it went wrong because the node cannot import what grades.
    """

    node: str
    name: str
    reply: bytes
    problem: str = ""
    lacks_dlex: bool = False


class Lost(Exception):
    """An order was lost with the node or the process that had it."""


class Cluster(Protocol):
    """Machines that take orders."""

    gpu_share: float

    def submit(self, order: bytes, *, gpu: bool, avoid: Sequence[str]) -> Hashable:
        """Have an order done by some node that is not in `avoid`; returns what to ask for it by."""
        ...

    def finished(self, orders: Sequence[Hashable], seconds: float) -> Sequence[Hashable]:
        """Those of the orders that are done; waits so long for the first."""
        ...

    def answer(self, order: Hashable) -> Answer:
        """The answer to an order that is done; raises `Lost`."""
        ...

    def cancel(self, orders: Iterable[Hashable]) -> None:
        """Forget orders."""
        ...

    def nodes(self) -> Sequence[Node]:
        """The nodes that live now."""
        ...


class UnderWay(NamedTuple):
    """A job that some node has, and how often it was tried before."""

    job: Job
    gpu: bool
    tries: int


class ClusterEngine:
    """Grades wherever the cluster has a place; `left_out` says of each node that may not grade what it lacks."""

    def __init__(self, connect: Callable[[], Cluster], *, workers: int = 0, weak_isolation: bool = False) -> None:
        """`connect` is called once there is something to grade; at most `workers` orders are under way (0: as the
        cluster has places)."""
        self.connect = connect
        self.workers = workers
        self.weak_isolation = weak_isolation
        self.left_out: dict[str, Text] = {}
        self._cluster: Cluster | None = None

    def expect(self, course: str, attempts: Mapping[str, int]) -> None:
        """Nothing: which node will grade what is not known."""

    def grade(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Grade on the cluster; raises `UsageError` when no node of it may, or is there any more."""
        waiting = iter(jobs)
        for first in waiting:
            self._cluster = self._cluster or self.connect()
            run = _Run(self, self._cluster, itertools.chain([first], waiting))
            try:
                yield from run.outcomes()
            finally:
                self._cluster.cancel(list(run.under_way))

    def leave_out(self, answer: Answer, lacks: Text) -> None:
        """Send this node no more orders."""
        self.left_out[answer.node] = Text(
            en="Node {name} was left out: {lacks}.", zh="节点 {name} 未参与评测：{lacks}。"
        ).format(name=answer.name, lacks=lacks)


class _Run:
    """One row of jobs on its way through the cluster."""

    def __init__(self, engine: ClusterEngine, cluster: Cluster, waiting: Iterator[Job]) -> None:
        self.engine = engine
        self.cluster = cluster
        self.waiting = waiting
        self.under_way: dict[Hashable, UnderWay] = {}
        self.nodes: Sequence[Node] = ()
        self.looked = self.last_able = time.monotonic()
        self.room = 1

    def outcomes(self) -> Iterator[Outcome]:
        self._look_at_nodes()
        self._fill()
        while self.under_way:
            for done in self.cluster.finished(list(self.under_way), TICK):
                outcome = self._settle(done, self.under_way.pop(done))
                if outcome is not None:
                    yield outcome
            if time.monotonic() - self.looked > TICK:
                self._look_at_nodes()
            self._fill()

    def _fill(self) -> None:
        while len(self.under_way) < self.room:
            job = next(self.waiting, None)
            if job is None:
                return
            gpu = self._needs_gpu(job)
            if gpu and not any(node.gpus for node in self.nodes):
                raise _no_gpu()
            self._send(UnderWay(job, gpu, 0))

    def _send(self, sent: UnderWay) -> None:
        order = msgspec.msgpack.encode(_order(sent.job, self.engine.weak_isolation))
        self.under_way[self.cluster.submit(order, gpu=sent.gpu, avoid=sorted(self.engine.left_out))] = sent

    def _needs_gpu(self, job: Job) -> bool:
        """Whether the job is for a node's GPU: `auto` takes one where there is one, as it does on one machine."""
        if job.request.device != "auto":
            return job.request.device == "cuda"
        return any(node.gpus for node in self.nodes) and "cuda" in _exercise(job).info.devices

    def _settle(self, done: Hashable, sent: UnderWay) -> Outcome | None:
        """The outcome of an order that is done; None if it was sent again."""
        try:
            answer = self.cluster.answer(done)
            reply = reply_decoder.decode(answer.reply) if answer.reply else _unanswered(answer)
        except Lost as error:
            reply = Failed(Text(en="the cluster lost it ({why})", zh="它在集群上丢失了（{why}）").format(why=error))
        except msgspec.MsgspecError as error:
            reply = Failed(same(str(error)))
        match reply:
            case Graded(result, was_alone):
                return Outcome(sent.job, result, was_alone=was_alone)
            case Unfit(lacks):
                self.engine.leave_out(answer, lacks)
                self._look_at_nodes()
                self._send(sent)
                return None
            case Failed(message) if sent.tries + 1 >= TRIES:
                return Outcome(sent.job, None, _given_up(message))
            case Failed():
                self._send(sent._replace(tries=sent.tries + 1))
                return None

    def _look_at_nodes(self) -> None:
        """See who is there now; raises `UsageError` if nobody will grade what is left."""
        self.looked = time.monotonic()
        self.nodes = self.cluster.nodes()
        gpu = any(sent.gpu for sent in self.under_way.values())
        able = [node for node in self.nodes if (node.gpus if gpu else node.cpus)]
        fit = [node for node in able if node.id not in self.engine.left_out]
        if able and not fit:
            raise _all_left_out(self.engine.left_out[able[0].id])
        if fit:
            self.last_able = self.looked
        elif self.looked - self.last_able > PATIENCE:
            raise _nobody_there()
        places = sum(max(node.cpus, node.gpus / self.cluster.gpu_share) for node in fit)
        self.room = self.engine.workers or max(1, int(AHEAD * places))


def _unanswered(answer: Answer) -> Failed | Unfit:
    if answer.lacks_dlex:
        return Unfit(
            Text(en="dlex cannot be imported there ({problem})", zh="那里无法导入 dlex（{problem}）").format(
                problem=answer.problem
            )
        )
    return Failed(same(f"{answer.name}: {answer.problem}"))


def _exercise(job: Job) -> Exercise:
    return Exercise(Course(Path(job.request.course)), job.request.exercise)


def _order(job: Job, weak_isolation: bool) -> Order:
    exercise = _exercise(job)
    return Order(
        request=job.request,
        spec_hash=spec_hash(exercise.course.root, exercise),
        versions=versions(),
        weak_isolation=weak_isolation,
        alone=job.alone,
    )


def _given_up(last: Text) -> DlexError:
    return DlexError(
        Text(
            en="No node of the cluster could grade this, in {tries} tries; at last: {last}",
            zh="集群上的节点试了 {tries} 次都未能评测；最后一次：{last}",
        ).format(tries=TRIES, last=last),
        Text(
            en="Grade again: what is graded is kept, and only this is tried once more.",
            zh="请重新评测：已有的成绩会保留，只会再试这一份。",
        ),
    )


def _all_left_out(why: Text) -> UsageError:
    return UsageError(
        Text(en="No node of the cluster may grade. {why}", zh="集群中没有可以评测的节点。{why}").format(why=why),
        Text(
            en="Install the same dlex, torch and course on each node; `dlex doctor` there says what it lacks.",
            zh="请在每个节点上安装相同的 dlex、torch 和课程；在节点上运行 `dlex doctor` 可以查看缺少什么。",
        ),
    )


def _nobody_there() -> UsageError:
    return UsageError(
        Text(en="No node of the cluster is left that could grade.", zh="集群中已经没有可以评测的节点。"),
        Text(
            en="Start nodes again and repeat the command: what is graded is kept.",
            zh="请重新启动节点，再执行一次命令：已有的成绩会保留。",
        ),
    )


def _no_gpu() -> UsageError:
    return UsageError(
        Text(en="The cluster has no GPU.", zh="集群中没有 GPU。"),
        Text(
            en="`--device auto` grades without; `ray start --num-gpus` says what a node has.",
            zh="`--device auto` 在没有 GPU 时也能评测；`ray start --num-gpus` 可以声明节点的 GPU 数量。",
        ),
    )
