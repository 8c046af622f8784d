"""Grading on a cluster: the row of orders with a made-up cluster, what a node does, and Ray itself."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from engine import COURSE, Server
from ray_run import KINDS

from dlex.classroom import cluster as cluster_module
from dlex.classroom import node as node_module
from dlex.classroom.cluster import AHEAD, TRIES, Answer, ClusterEngine, Lost, Node
from dlex.classroom.engine import Job, LocalEngine, Outcome
from dlex.classroom.keys import spec_hash
from dlex.classroom.node import Failed, Graded, Order, Reply, Unfit, grade_here, reply_decoder, versions
from dlex.classroom.ray_cluster import connected
from dlex.course.errors import DlexError, UsageError
from dlex.course.exercise import Course
from dlex.course.source import AttemptSource
from dlex.course.text import same
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, IsolationReport, Status
from dlex.server import client, environment

RIGHT = KINDS["right"]
WITH_RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
PATIENCE = 300.0  # s for what takes 20: a machine may be busy


def request(text: str = RIGHT, **more: str) -> GradeRequest:
    """Grade `text` as an answer to the first exercise."""
    source = AttemptSource(text, "double.py", None)
    return GradeRequest(**{"course": str(COURSE), "exercise": "01_double", "source": source, "device": "cpu"} | more)  # type: ignore[arg-type]  # all but one are strings


def passed(**more: object) -> ExerciseResult:
    """A result."""
    given = {
        "exercise": "01_double", "status": Status.PASSED, "points": 4.0, "max_points": 4.0, "checks": (),
        "isolation": IsolationReport("full"), "device": "cpu", "stdout": "", "seconds": 0.0, "versions": {},
    }  # fmt: skip
    return ExerciseResult(**given | more)  # type: ignore[arg-type]  # a dict of many types


class MadeUp:
    """A cluster of two nodes that does in turn what `script` says: a reply, bytes, or an exception."""

    gpu_share = 0.5

    def __init__(self, script: Iterable[Reply | bytes | Exception] = (), gpus: float = 0.0) -> None:
        self.script = iter(script)
        self.gpus = gpus
        self.names = ["one", "two"]
        self.orders: dict[int, tuple[Order, bool, Sequence[str]]] = {}
        self.open: set[int] = set()
        self.most = 0
        self.cancelled: list[Hashable] = []

    def submit(self, order: bytes, *, gpu: bool, avoid: Sequence[str]) -> Hashable:
        """Keep the order."""
        number = len(self.orders)
        self.orders[number] = (msgspec.msgpack.decode(order, type=Order), gpu, avoid)
        self.open.add(number)
        self.most = max(self.most, len(self.open))
        return number

    def finished(self, orders: Sequence[Hashable], seconds: float) -> Sequence[Hashable]:
        """The newest first, to have them out of order."""
        return orders[-1:]

    def answer(self, order: Hashable) -> Answer:
        """What the script says; else a pass."""
        assert isinstance(order, int)
        self.open.remove(order)
        name = next(name for name in self.names if f"id of {name}" not in self.orders[order][2])
        step = next(self.script, None) or Graded(passed())
        if isinstance(step, Exception):
            raise step
        reply = step if isinstance(step, bytes) else msgspec.msgpack.encode(step)
        return Answer(f"id of {name}", name, reply)

    def cancel(self, orders: Iterable[Hashable]) -> None:
        """Remember them."""
        self.cancelled += orders

    def nodes(self) -> Sequence[Node]:
        """Those that live."""
        return [Node(f"id of {name}", name, 2.0, self.gpus) for name in self.names]


def jobs(count: int, device: str = "cpu") -> Iterator[Job]:
    """So many jobs."""
    return (Job(f"key {i}", request(device=device)) for i in range(count))


def grade(cluster: MadeUp, count: int = 1, device: str = "cpu") -> list[Outcome]:
    """What comes of so many jobs."""
    return list(ClusterEngine(lambda: cluster).grade(jobs(count, device)))


def test_each_job_comes_out_once_and_few_are_under_way() -> None:
    """Jobs are drawn as there is room, and each has one outcome."""
    cluster = MadeUp()
    outcomes = grade(cluster, 50)
    assert sorted(outcome.job.key for outcome in outcomes) == sorted(f"key {i}" for i in range(50))
    assert all(outcome.result == passed() for outcome in outcomes)
    assert cluster.most == AHEAD * 4


def test_workers_bounds_what_is_under_way() -> None:
    """`--workers 3` has three orders under way, and draws no more jobs."""
    cluster = MadeUp()
    drawn: list[Job] = []
    waiting = (drawn.append(job) or job for job in jobs(50))  # type: ignore[func-returns-value]  # append gives None
    row = ClusterEngine(lambda: cluster, workers=3).grade(waiting)
    next(row)
    assert len(drawn) == 3
    row.close()  # type: ignore[attr-defined]  # the iterator is a generator
    assert len(cluster.cancelled) == 2


def test_nothing_to_grade_needs_no_cluster() -> None:
    """A class that is graded already waits for no Ray."""
    assert list(ClusterEngine(lambda: pytest.fail("connected")).grade([])) == []


def test_a_lost_order_is_sent_again() -> None:
    """A job whose node died is graded elsewhere, and has one outcome."""
    (outcome,) = grade(MadeUp([Lost("the node died"), b"no reply at all", Graded(passed())]))
    assert outcome.result == passed()


@pytest.mark.parametrize("trouble", [Lost("the node died"), Failed(same("the node died")), b"\xff"])
def test_what_fails_thrice_is_an_error(trouble: Reply | bytes | Exception) -> None:
    """One job that cannot be graded stops nothing: it has an error, the next has its result."""
    cluster = MadeUp([trouble] * TRIES)
    first, second = ClusterEngine(lambda: cluster, workers=1).grade(jobs(2))
    assert first.result is None
    assert isinstance(first.error, DlexError)
    assert f"in {TRIES} tries" in first.error.message.en
    assert isinstance(trouble, bytes) or "the node died" in first.error.message.zh
    assert second.result == passed()
    assert len(cluster.orders) == TRIES + 1


def test_an_unfit_node_is_left_out() -> None:
    """The job goes to another node, no further one goes to this, and it is told."""
    cluster = MadeUp([Unfit(same("it has torch 1.0, not 2.0"))])
    engine = ClusterEngine(lambda: cluster, workers=1)
    assert [outcome.result for outcome in engine.grade(jobs(3))] == [passed()] * 3
    assert [list(avoid) for _, _, avoid in cluster.orders.values()] == [[], *[["id of one"]] * 3]
    (told,) = engine.left_out.values()
    assert told.en == "Node one was left out: it has torch 1.0, not 2.0."


def test_no_fit_node_ends_the_run() -> None:
    """When every node lacks something the teacher reads which, and what."""
    with pytest.raises(UsageError, match=r"No node .* may grade. Node \w+ was left out: it has no torch\."):
        grade(MadeUp([Unfit(same("it has no torch"))] * 99), 5)


def test_no_node_at_all_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster without nodes is waited for, but not for ever."""
    monkeypatch.setattr(cluster_module, "PATIENCE", -1.0)
    cluster = MadeUp()
    cluster.names = []
    with pytest.raises(UsageError, match="No node of the cluster is left"):
        grade(cluster)


def test_a_gpu_is_asked_for_where_one_is_needed() -> None:
    """`cuda` takes a GPU, `auto` where there is one, `cpu` none; without any, `cuda` is a slip."""
    for device, gpus, asked in (("cuda", 1.0, True), ("auto", 1.0, True), ("auto", 0.0, False), ("cpu", 1.0, False)):
        cluster = MadeUp(gpus=gpus)
        grade(cluster, 1, device)
        assert [gpu for _, gpu, _ in cluster.orders.values()] == [asked], device
    with pytest.raises(UsageError, match="has no GPU"):
        grade(MadeUp(), 1, "cuda")


def order(**more: object) -> Order:
    """An order for this very machine, but for what `more` says."""
    exercise = Course(COURSE).find("01_double")
    given = {"request": request(), "spec_hash": spec_hash(COURSE, exercise), "versions": versions()}
    return Order(**given | more)  # type: ignore[arg-type]  # a dict of many types


def reply(wanted: Order) -> Reply:
    """What this machine, as a node, replies."""
    node_module.PROOFS = node_module.Proofs()
    return reply_decoder.decode(grade_here(msgspec.msgpack.encode(wanted)))


def test_a_node_grades(server: Server) -> None:
    """The reply holds the same result as on this machine."""
    answer = reply(order(request=request(KINDS["square"])))
    assert isinstance(answer, Graded)
    here = server.grade("01_double", KINDS["square"])
    assert (answer.result.status, answer.result.points) == (here.status, here.points)


@pytest.mark.parametrize(
    ("changed", "lacks"),
    [
        ({"versions": {"dlex": "0.0"}}, "it has dlex .*, not 0.0"),
        ({"versions": versions() | {"torch": "0.4.1"}}, "it has torch .*, not 0.4.1"),
        ({"versions": {"no-such-package": "1"}}, "it has no no-such-package"),
        ({"spec_hash": "another"}, "its files of exercise 01_double are others"),
        ({"request": request(course="/nowhere", exercise="77_nothing")}, "it has no exercise 77_nothing"),
    ],
)
def test_a_node_that_differs_is_unfit(changed: dict[str, object], lacks: str) -> None:
    """A node says what it lacks, and runs nothing."""
    answer = reply(order(**changed))
    assert isinstance(answer, Unfit)
    assert re.search(lacks, answer.lacks.en), answer.lacks.en


def test_a_node_uses_its_own_course_if_it_is_the_same(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the course lies elsewhere on a node, that one is used."""
    monkeypatch.setenv("DLEX_COURSE", str(COURSE))
    assert isinstance(reply(order(request=request(course="/nowhere"))), Graded)


@pytest.mark.parametrize(
    ("result", "lacks"),
    [
        (passed(isolation=IsolationReport("partial", ("landlock",))), r"weaker isolation .* \(missing: landlock\)"),
        (passed(status=Status.FAILED), "the reference solution of 01_double does not pass there: a check failed"),
    ],
)
def test_a_node_proves_the_reference_first(
    result: ExerciseResult, lacks: str, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    """Before a student's code runs, the reference passes, in full isolation."""
    graded: list[str] = []

    def made_up(job: Job, folder: Path) -> Outcome:
        graded.append(job.request.source.text)
        return Outcome(job, result)

    monkeypatch.setattr(node_module, "graded", made_up)
    answer = reply(order(request=request("not to be run")))
    assert isinstance(answer, Unfit)
    assert re.search(lacks, answer.lacks.en), answer.lacks.en
    assert "not to be run" not in graded


def test_weak_isolation_can_be_allowed(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """`--allow-weak-isolation` goes for nodes too."""
    weak = passed(isolation=IsolationReport("none"))
    monkeypatch.setattr(node_module, "graded", lambda job, folder: Outcome(job, weak))
    assert isinstance(reply(order(weak_isolation=True)), Graded)


def test_each_set_of_gpus_has_a_server_of_its_own(
    server_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server sees the GPUs that it was started with, so tasks with others do not meet it."""
    folders = {}
    for visible in (None, "", "0", "1", "0,1"):
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        folders[visible] = node_module._folder_for_these_gpus()
        assert folders[visible].stat().st_mode & 0o777 == 0o700
    assert folders[None] == environment.server_folder()
    assert len(set(folders.values())) == 5


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra is one sentence and a command."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="Ray is not installed") as caught, connected():
        pass
    assert caught.value.next_step is not None
    assert "pip install 'dlex[cluster]'" in caught.value.next_step.zh


def dlex(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `dlex`."""
    command = [sys.executable, "-m", "dlex", "--course", str(COURSE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def hand_in(folder: Path) -> Path:
    """A class with a student for each kind of answer."""
    for kind, text in KINDS.items():
        (folder / kind).mkdir(parents=True)
        (folder / kind / "01.py").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--engine", "rye"), "There is no engine 'rye'"),
        (("--address", "10.0.0.1:6379"), "Add `--engine ray`"),
        (("--engine", "ray", "--gpu-share", "0"), "--gpu-share is more than 0"),
    ],
)
def test_options_that_cannot_be_meant(options: Sequence[str], said: str, tmp_path: Path) -> None:
    """A slip in the options is one sentence."""
    done = dlex("class", "grade", str(hand_in(tmp_path)), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@WITH_RAY
@pytest.mark.parametrize(
    ("address", "said"), [("127.0.0.1:1", "cannot be used: Connection refused"), ("nonsense", "is no address of a Ray")]
)
def test_a_cluster_out_of_reach_is_told_soon(address: str, said: str, tmp_path: Path) -> None:
    """A wrong address is one sentence, not a minute of complaints."""
    begin = time.monotonic()
    done = dlex("class", "grade", str(hand_in(tmp_path)), "--engine", "ray", "--address", address)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 2
    assert time.monotonic() - begin < PATIENCE / 4


def by_kind(server: Server) -> dict[str, tuple[str, float]]:
    """What each kind of answer gets on this machine."""
    wanted = [Job(kind, request(text)) for kind, text in KINDS.items()]
    outcomes = LocalEngine(2).grade(wanted)
    return {o.job.key: (o.result.status, o.result.points) for o in outcomes if o.result is not None}


@WITH_RAY
def test_a_node_that_joins_is_used_and_one_that_dies_loses_nothing(server: Server, private_folder: Path) -> None:
    """On a real cluster the marks are those of this machine, each comes once, though a node dies while it grades."""
    nodes = [private_folder / name for name in ("n1", "n2")]
    for node in nodes:
        node.mkdir(mode=0o700)
    environment = os.environ | {
        "RAY_TMPDIR": str(private_folder / "ray"),
        # A dead node is missed after three seconds rather than forty.
        "RAY_health_check_initial_delay_ms": "0",
        "RAY_health_check_period_ms": "1000",
        "RAY_health_check_timeout_ms": "5000",
        "RAY_health_check_failure_threshold": "3",
    }
    command = [sys.executable, str(Path(__file__).with_name("ray_run.py")), str(COURSE), *map(str, nodes)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment)
    finally:
        for node in nodes:
            _stop_servers(node)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["killed_while_grading"]
    assert sorted(key for key, *_ in said["came"]) == sorted(said["sent"])
    wanted = by_kind(server)
    assert {kind: got for kind, got in wanted.items() if kind == "right"} == {"right": ("passed", 4.0)}
    for key, status, points in said["came"]:
        assert (status, points) == wanted[key.split()[1]], key


def _stop_servers(node: Path) -> None:
    """End the warm server of a node."""
    before = os.environ["XDG_RUNTIME_DIR"]
    os.environ["XDG_RUNTIME_DIR"] = str(node)
    try:
        client.stop()
    finally:
        os.environ["XDG_RUNTIME_DIR"] = before


@WITH_RAY
def test_the_command_starts_a_ray_of_its_own(server: Server, tmp_path: Path, private_folder: Path) -> None:
    """Without an address: the same marks, no word of Ray's, and nothing of Ray is left, on disk or running."""
    folder = hand_in(tmp_path)
    done = dlex("class", "grade", str(folder), "--engine", "ray", "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].endswith(
        f"{len(KINDS)} submissions have their mark: {len(KINDS)} graded now, 0 known."
    )
    assert not (Path(os.environ["HOME"]) / ".ray").exists()
    again = dlex("class", "grade", str(folder), "--engine", "ray", "--address", "127.0.0.1:1")
    assert f"0 graded now, {len(KINDS)} known" in again.stdout
