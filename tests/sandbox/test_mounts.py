"""What an attempt sees of the file system, and what it can write."""

from __future__ import annotations

import fcntl
import mmap
import os
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sandbox_harness import Runner, tried

from dlex.sandbox import Policy

# Each of the two walls alone must hold, and both together.
WALLS = [(), ("landlock",), ("mount_namespace",)]


@pytest.mark.parametrize("disable", WALLS, ids=["both", "mounts", "landlock"])
class TestPaths:
    def test_what_is_readable_can_be_read(self, run: Runner, policy: Policy, disable: tuple[str, ...]) -> None:
        assert run(lambda: (policy.read[-1] / "open.txt").read_text(), disable=disable).value == "open"

    def test_what_is_hidden_cannot(self, run: Runner, policy: Policy, disable: tuple[str, ...]) -> None:
        hidden = policy.hidden[0]

        def target() -> list[str]:
            (Path.cwd() / "link").symlink_to(hidden / "secret.txt")
            ways = [
                hidden / "secret.txt",
                policy.read[-1] / ".." / "readable" / "hidden" / "secret.txt",
                Path.cwd() / "link",
                Path("/proc/self/root") / str(hidden / "secret.txt").lstrip("/"),
            ]
            return [tried(way.read_text) for way in ways] + [
                tried(lambda: os.link(hidden / "secret.txt", Path.cwd() / "hard")),
                tried(lambda: os.listdir(hidden) and None if os.listdir(hidden) else os.listdir("/nowhere")),
            ]

        assert "allowed" not in run(target, disable=disable).value

    def test_nothing_else_can_be_read(self, run: Runner, outside: Path, disable: tuple[str, ...]) -> None:
        paths = [
            outside / "other.txt",
            Path("/etc/passwd"),
            Path("/etc/shadow"),
            Path(f"/proc/{os.getpid()}/environ"),
        ]
        assert "allowed" not in run(lambda: [tried(path.read_text) for path in paths], disable=disable).value

    def test_nothing_else_can_be_written(self, run: Runner, outside: Path, disable: tuple[str, ...]) -> None:
        def target() -> list[str]:
            readable = outside / "readable"
            return [
                tried(lambda: (readable / "open.txt").write_text("x")),
                tried(lambda: (readable / "new.txt").write_text("x")),
                tried(lambda: os.unlink(readable / "open.txt")),
                tried(lambda: os.rename(readable / "open.txt", readable / "moved.txt")),
                tried(lambda: os.truncate(readable / "open.txt", 0)),
                tried(lambda: (outside / "new.txt").write_text("x")),
                tried(lambda: os.mkdir("/new")),
                tried(lambda: os.link(readable / "open.txt", Path.cwd() / "hard")),
            ]

        assert "allowed" not in run(target, disable=disable).value
        assert sorted(path.name for path in outside.iterdir()) == ["other.txt", "readable"]

    def test_modes_and_times_stay(self, run: Runner, outside: Path, disable: tuple[str, ...]) -> None:
        file = outside / "readable" / "open.txt"
        before = file.stat()
        run(lambda: [tried(lambda: os.chmod(file, 0)), tried(lambda: os.utime(file, (0, 0)))], disable=disable)
        assert (file.stat().st_mode, file.stat().st_mtime) == (before.st_mode, before.st_mtime)

    def test_its_own_folder_takes_files_and_goes_with_it(self, run: Runner, disable: tuple[str, ...]) -> None:
        def target() -> str:
            folder = Path.cwd() / "a" / "b"
            folder.mkdir(parents=True)
            (folder / "c").write_text("kept")
            return (folder / "c").read_text()

        assert run(target, disable=disable).value == "kept"


def test_a_hidden_file_and_a_hidden_root_are_out_of_sight(outside: Path, policy: Policy) -> None:
    secret = outside / "readable" / "open.txt"
    narrow = Policy(
        read=(*policy.read, outside / "other.txt"),
        hidden=(secret, outside / "other.txt"),
        scratch=policy.scratch,
    )
    seen = Runner(narrow)(lambda: [tried(secret.read_text), tried((outside / "other.txt").read_text)]).value
    assert seen == ["EACCES", "ENOENT"]


def test_symbolic_links_on_the_way_are_there_too(outside: Path, policy: Policy) -> None:
    (outside / "alias").symlink_to("readable")
    (outside / "absolute").symlink_to(outside / "alias")
    through = Policy(read=(*policy.read, outside / "absolute"), hidden=policy.hidden, scratch=policy.scratch)
    paths = [outside / "absolute" / "open.txt", outside / "alias" / "open.txt"]
    assert Runner(through)(lambda: [path.read_text() for path in paths]).value == ["open", "open"]


def test_the_scratch_folder_is_full_when_it_is_full(run: Runner) -> None:
    def target() -> str:
        def fill() -> None:
            for number in range(100):
                (Path.cwd() / str(number)).write_bytes(bytes(1 << 20))

        return tried(fill)

    assert run(target, scratch_bytes=8 << 20).value == "ENOSPC"


def test_even_empty_files_are_counted(run: Runner) -> None:
    assert run(lambda: tried(lambda: [os.mkdir(str(number)) for number in range(20000)])).value == "ENOSPC"


def test_unix_sockets_of_the_host_are_out_of_reach(run: Runner, outside: Path) -> None:
    names = [str(outside / "listener"), "\0dlex-test-abstract"]
    listeners = [socket.socket(socket.AF_UNIX) for _ in names]
    for listener, name in zip(listeners, names, strict=True):
        listener.bind(name)
        listener.listen()

    def target() -> list[str]:
        return [tried(lambda name=name: socket.socket(socket.AF_UNIX).connect(name)) for name in names]

    try:
        assert "allowed" not in run(target).value
        for layer in ("mount_namespace", "network_namespace", "landlock", "seccomp"):
            assert run(target, disable=[layer]).value[1] != "allowed", layer
        assert "allowed" not in run(target, disable=["mount_namespace"]).value
    finally:
        for listener in listeners:
            listener.close()


def test_the_network_is_out_of_reach_without_the_filter(run: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert run(lambda: tried(lambda: socket.create_connection(address)), disable=["seccomp"]).value != "allowed"
        only_landlock = ["seccomp", "network_namespace"]
        assert run(lambda: tried(lambda: socket.create_connection(address)), disable=only_landlock).value == "EACCES"


def test_devices_work_and_no_others_are_there(run: Runner) -> None:
    def target() -> list[object]:
        Path("/dev/null").write_text("gone")
        random = os.read(os.open("/dev/urandom", os.O_RDONLY), 4)
        return [
            len(random),
            tried(lambda: open("/dev/full", "wb", 0).write(b"x")),
            sorted(os.listdir("/dev")),
        ]

    names = ["fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "urandom", "zero"]
    assert run(target).value == [4, "ENOSPC", names]


def test_the_nodes_of_a_gpu_are_there_and_answer(run: Runner) -> None:
    """A node that no attempt has by itself stands for those of a GPU: it can be opened, and answers to ioctl."""
    nodes = [path for path in map(Path, ("/dev/fuse", "/dev/net/tun")) if path.exists()]
    node = next((path for path in nodes if path.stat().st_mode & 0o006 == 0o006), None)
    if node is None:
        pytest.skip("this machine has no device to try it with")
    run.policy = replace(run.policy, devices=(node,), environment=(("CUDA_VISIBLE_DEVICES", "3"),))

    def target() -> list[object]:
        descriptor = os.open(node, os.O_RDWR)
        unknown = tried(lambda: fcntl.ioctl(descriptor, 0x5401, b" " * 64))
        return [unknown, os.environ["CUDA_VISIBLE_DEVICES"], os.path.exists("/dev/kvm")]

    outcome = run(target)
    assert outcome.value[0] not in ("EACCES", "EPERM"), outcome.value
    assert outcome.value[1:] == ["3", False]
    run.policy = replace(run.policy, devices=())
    assert run(lambda: tried(lambda: os.open(node, os.O_RDWR))).value == "ENOENT"


def test_a_driver_may_reserve_address_space_by_the_terabyte(run: Runner) -> None:
    def target() -> str:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # MAP_NORESERVE
        return tried(lambda: mmap.mmap(-1, 1 << 40, flags=flags, prot=0))

    assert run(target).value == "ENOMEM"
    run.policy = replace(run.policy, devices=(Path("/dev/null"),))
    assert run(target).value == "allowed"


def test_a_driver_may_name_its_threads_and_change_nothing_else_in_proc(run: Runner) -> None:
    """NVIDIA's driver, since 570, gives up with error 304 if it cannot: `/proc/self/task/*/comm`."""

    def target() -> list[str]:
        def write(path: str, text: str) -> str:
            return tried(lambda: Path(path).write_text(text))

        found: list[str] = []
        other = threading.Thread(target=lambda: found.append(write(f"/proc/self/task/{os.getpid()}/comm", "cuda")))
        other.start()
        other.join()
        return [
            *found,
            write(f"/proc/self/task/{threading.get_native_id()}/comm", "cuda"),
            write("/proc/self/oom_score_adj", "0"),
            write("/proc/self/coredump_filter", "0"),
            write("/proc/sys/kernel/hostname", "x"),
        ]

    assert set(run(target).value) <= {"EROFS", "EACCES"}
    run.policy = replace(run.policy, devices=(Path("/dev/null"),))
    assert run(target).value == ["allowed", "allowed", "EACCES", "EACCES", "EACCES"]
    bare = run(target, disable=["pid_namespace", "mount_namespace"])
    assert bare.value == ["allowed", "allowed", "EACCES", "EACCES", "EACCES"]


def test_a_driver_may_have_memory_that_is_a_file(run: Runner) -> None:
    """It gives up with error 304 if it cannot; without a GPU nobody has it."""

    def target() -> str:
        return tried(lambda: os.memfd_create("cuda"))

    assert run(target).value == "EPERM"
    run.policy = replace(run.policy, devices=(Path("/dev/null"),))
    assert run(target).value == "allowed"
