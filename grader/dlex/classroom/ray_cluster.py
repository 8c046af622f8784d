"""A Ray cluster that takes orders: one that runs already, or one started on this machine for the time of a run."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dlex.classroom.cluster import Answer, Lost, Node
from dlex.course.errors import UsageError
from dlex.course.text import Text, same
from dlex.interpreter import NEUTRAL_FOLDER, python_command, python_environment

RETRIES = 3  # by Ray itself, when a node or a worker dies
CONNECT_SECONDS = 5.0
ASK_SECONDS = 12.0  # for a cluster that does not answer Ray itself waits more than a minute, and complains all the time
LONGEST = 300  # characters of what Ray says
NODE_ID = "ray.io/node-id"
START = Text(
    en="`ray start --head` starts one; without --address, dlex grades on a Ray of its own on this machine.",
    zh="`ray start --head` 可以启动集群；不加 --address 时，dlex 会在本机自行启动 Ray。",
)


class RayCluster:
    """Ray, connected to.  Made by `connected`."""

    def __init__(self, ray: Any, gpu_share: float = 1.0) -> None:
        """`gpu_share` is how much of a GPU one grading asks for."""
        self._ray = ray
        self._task = ray.remote(max_retries=RETRIES)(_task())
        self.gpu_share = gpu_share

    def submit(self, order: bytes, *, gpu: bool, avoid: Sequence[str]) -> Hashable:
        """Have an order done by some node that is not in `avoid`."""
        options: dict[str, Any] = {"num_cpus": 0, "num_gpus": self.gpu_share} if gpu else {"num_cpus": 1}
        if avoid:
            options["label_selector"] = {NODE_ID: f"!in({','.join(avoid)})"}
        reference: Hashable = self._task.options(**options).remote(order)
        return reference

    def finished(self, orders: Sequence[Hashable], seconds: float) -> Sequence[Hashable]:
        """Those of the orders that are done."""
        done, rest = self._ray.wait(orders, num_returns=1, timeout=seconds)
        if done and rest:
            done += self._ray.wait(rest, num_returns=len(rest), timeout=0)[0]
        return list(done)

    def answer(self, order: Hashable) -> Answer:
        """The answer to an order that is done; raises `Lost`, and `UsageError` when nothing can be sent any more."""
        try:
            return Answer(*self._ray.get(order))
        except self._ray.exceptions.LocalRayletDiedError as error:
            raise _cut_off() from error
        except self._ray.exceptions.RayError as error:
            raise Lost(_first_line(error)) from error

    def cancel(self, orders: Iterable[Hashable]) -> None:
        """Forget orders; what a node has begun it ends."""
        for order in orders:
            with contextlib.suppress(self._ray.exceptions.RayError):
                self._ray.cancel(order)

    def nodes(self) -> Sequence[Node]:
        """The nodes that live now."""
        return [_node(found) for found in self._ray.nodes() if found["Alive"]]


def _node(found: Mapping[str, Any]) -> Node:
    has = found["Resources"]
    return Node(found["NodeID"], str(found["NodeManagerHostname"]), has.get("CPU", 0.0), has.get("GPU", 0.0))


def _task() -> Callable[[bytes], tuple[object, ...]]:
    """What a node runs.  Made in here, so that Ray sends its code and a node without dlex can still say so."""

    def grade_on_this_node(order: bytes) -> tuple[object, ...]:
        import socket

        import ray

        where = (ray.get_runtime_context().get_node_id(), socket.gethostname())
        try:
            from dlex.classroom.node import grade_here
        except ImportError as error:
            return (*where, b"", str(error)[:300], True)
        try:
            return (*where, grade_here(order))
        except Exception as error:  # all goes back as plain data: nothing that was raised there is rebuilt here
            return (*where, b"", f"{type(error).__name__}: {error}"[:300])

    return grade_on_this_node


@contextlib.contextmanager
def connected(
    address: str | None = None, *, workers: int = 0, gpu_share: float = 1.0, verbose: bool = False
) -> Iterator[RayCluster]:
    """The cluster at `address`, else at `RAY_ADDRESS`, else one of this machine that ends with the block.

    Raises `UsageError` if Ray is not installed or the cluster cannot be reached.
    """
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    _require_ray()
    with _environment(where):
        _ask(where)
        import ray

        try:
            _connect(ray, where, workers, verbose)
            with contextlib.nullcontext() if verbose else _hushed(ray):
                yield RayCluster(ray, gpu_share)
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _hushed(ray: Any) -> Iterator[None]:
    """Ray prints what it hears of dead nodes on standard output whatever its settings: not inside the block."""
    worker = ray._private.worker
    printing = worker.print_to_stdstream
    worker.print_to_stdstream = lambda *_, **__: None
    try:
        yield
    finally:
        worker.print_to_stdstream = printing


def _require_ray() -> None:
    """Raise `UsageError` if Ray is not installed.  Importing it takes seconds, so that comes later."""
    try:
        found = importlib.util.find_spec("ray")
    except ValueError:
        found = None
    if found is None:
        raise UsageError(
            Text(en="Ray is not installed, on which --engine ray grades.", zh="没有安装 --engine ray 所需的 Ray。"),
            Text(en="Install it with `pip install 'dlex[cluster]'`.", zh="请用 `pip install 'dlex[cluster]'` 安装。"),
        )


@contextlib.contextmanager
def _environment(where: str) -> Iterator[None]:
    """What Ray reads from the environment, for the time of the block.

    It reports nothing to its makers.  Where a cluster wants the user's token, Ray must be told to send it.
    """
    with contextlib.ExitStack() as stack:
        settings = {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONSAFEPATH": "1"}
        if where == "local":
            settings |= _for_a_ray_of_our_own(stack)
        elif _has_token():
            settings |= {"RAY_AUTH_MODE": os.environ.get("RAY_AUTH_MODE", "token")}
        before = {name: os.environ.get(name) for name in settings}
        os.environ.update(settings)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def _for_a_ray_of_our_own(stack: contextlib.ExitStack) -> dict[str, str]:
    """It takes orders only from us, by a token, and leaves nothing: no logs, and no token in the user's home.

    Its folder is in /tmp, as Ray's own is: the path of a socket may not be long.
    """
    short = "/tmp" if os.path.isdir("/tmp") else None
    folder = tempfile.TemporaryDirectory(prefix="dlex-ray-", dir=short, ignore_cleanup_errors=True)
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_TMPDIR": stack.enter_context(folder),
    }


def _has_token() -> bool:
    named = any(os.environ.get(name) for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"))
    return named or (Path.home() / ".ray" / "auth_token").is_file()


def _connect(ray: Any, where: str, workers: int, verbose: bool) -> None:
    import logging

    options: dict[str, Any] = {"log_to_driver": verbose, "logging_level": logging.INFO if verbose else logging.ERROR}
    if where == "local":
        options |= {"include_dashboard": False, "num_cpus": workers or os.cpu_count()}
    try:
        # Ray's workers import from the folder in which this is called, and work in it.
        with contextlib.chdir(NEUTRAL_FOLDER):
            ray.init(address=where, **options)
    except Exception as error:  # of many kinds; each says that there is no cluster to work with
        raise _unreachable(where, _first_line(error)) from error


def _ask(where: str) -> None:
    """Raise `UsageError` if no Ray cluster answers at `where`: quickly, and without a word from Ray."""
    if where in ("auto", "local"):
        return
    host, _, port = where.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(
            Text(en=f"{where!r} is no address of a Ray cluster.", zh=f"“{where}” 不是 Ray 集群的地址。"),
            Text(en="It looks like 192.168.0.1:6379.", zh="地址形如 192.168.0.1:6379。"),
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(where, getattr(error, "strerror", None) or str(error)) from error
    if not where.startswith("ray://"):
        _ask_ray(where)


def _ask_ray(where: str) -> None:
    """Raise `UsageError` if what answers at `where` is no Ray cluster, or not one for us."""
    ask = python_command("ray.scripts.scripts", "health-check", "--address", where)
    try:
        asked = subprocess.run(
            ask, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ASK_SECONDS, check=False,
            env=python_environment(), cwd=NEUTRAL_FOLDER,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _unreachable(where, "no Ray cluster answers there") from error
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["no more is known"])[-1]
        raise _unreachable(where, last.removeprefix("ray.exceptions.")[:LONGEST])


def _unreachable(where: str, why: str) -> UsageError:
    shown = Text(en="A Ray of this machine's own", zh="本机的 Ray") if where == "local" else same(where)
    return UsageError(
        Text(en="The Ray cluster {where} cannot be used: {why}.", zh="无法使用 Ray 集群 {where}：{why}。").format(
            where=shown, why=why.rstrip(".")
        ),
        START,
    )


def _cut_off() -> UsageError:
    return UsageError(
        Text(
            en="Ray has ended on this machine, so the cluster is out of reach.",
            zh="本机的 Ray 已经退出，无法再连接集群。",
        ),
        Text(
            en="Start it again and repeat the command: what is graded is kept.",
            zh="请重新启动 Ray，再执行一次命令：已有的成绩会保留。",
        ),
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:LONGEST]
