"""The filter, run by a small interpreter for both architectures, and by the kernel."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct

import pytest
from sandbox_harness import Runner, tried

from dlex.sandbox import seccomp
from dlex.sandbox.seccomp import Surroundings

ALLOW, KILL, DENY = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
ARCHITECTURES = (0xC000003E, 0xC00000B7)


OWN_ROOT = Surroundings(own_root=True, signals_held=True)
HOST_ROOT = Surroundings(own_root=False, signals_held=False, process=77)


def verdict(
    machine: int, number: int, *arguments: int, arch: int | None = None, around: Surroundings = OWN_ROOT
) -> int:
    """What the filter answers to a call."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<IIQ6Q", number, arch if arch is not None else ARCHITECTURES[machine], 0, *padded)
    program = list(struct.iter_unpack("HBBI", seccomp.program(machine, around)))
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, constant = program[at]
        at += 1
        if code == 0x06:
            return constant
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, constant)[0]
        elif code == 0x54:
            accumulator &= constant
        else:
            hit = accumulator == constant if code == 0x15 else bool(accumulator & constant)
            at += if_true if hit else if_false


@pytest.mark.parametrize("machine", [0, 1], ids=["x86_64", "aarch64"])
class TestProgram:
    def test_every_listed_call_is_denied(self, machine: int) -> None:
        numbers = [pair[machine] for pair in seccomp.DENIED.values() if pair[machine] >= 0]
        assert {verdict(machine, number) for number in numbers} == {DENY}
        assert len(set(numbers)) == len(numbers)

    def test_reading_and_writing_is_allowed(self, machine: int) -> None:
        assert {verdict(machine, number) for number in ((0, 1, 9, 202) if machine == 0 else (63, 64, 222, 98))} == {
            ALLOW
        }

    def test_the_other_architecture_is_killed(self, machine: int) -> None:
        assert verdict(machine, 0, arch=ARCHITECTURES[1 - machine]) == KILL

    def test_clone_makes_threads_but_no_namespace(self, machine: int) -> None:
        clone = (56, 220)[machine]
        assert verdict(machine, clone, 0x3D0F00) == ALLOW
        assert all(verdict(machine, clone, 1 << bit) == DENY for bit in (17, 25, 26, 27, 28, 29, 30))

    def test_clone3_is_said_not_to_exist(self, machine: int) -> None:
        assert verdict(machine, 435) == 0x00050000 | errno.ENOSYS

    def test_only_unix_sockets_are_made(self, machine: int) -> None:
        call = (41, 198)[machine]
        assert verdict(machine, call, socket.AF_UNIX, socket.SOCK_DGRAM) == ALLOW
        assert {verdict(machine, call, family, 1) for family in (2, 10, 16, 17, 40)} == {DENY}

    def test_without_a_root_of_its_own_no_socket_may_be_named(self, machine: int) -> None:
        calls = ((41, 53, 42, 49), (198, 199, 203, 200))[machine]
        assert [verdict(machine, call, 1, 1, around=HOST_ROOT) for call in calls] == [
            ALLOW,
            ALLOW,
            DENY,
            DENY,
        ]
        assert [verdict(machine, call, 1, 0o2000002, around=HOST_ROOT) for call in calls[:2]] == [DENY, DENY]

    def test_with_the_hosts_files_in_view_their_modes_stay(self, machine: int) -> None:
        fchmod = (91, 52)[machine]
        assert (verdict(machine, fchmod), verdict(machine, fchmod, around=HOST_ROOT)) == (ALLOW, 0x00050000)

    def test_where_nothing_else_holds_signals_only_itself_can_be_signalled(self, machine: int) -> None:
        for call in ((62, 234, 129, 297), (129, 131, 138, 240))[machine]:
            answers = [verdict(machine, call, to, around=HOST_ROOT) for to in (77, 78, 0, 2**64 - 1)]
            assert answers == [ALLOW, DENY, DENY, DENY]
            assert verdict(machine, call, 78) == ALLOW
        assert verdict(machine, 424, around=HOST_ROOT) == DENY

    def test_the_death_signal_stays_and_other_prctl_works(self, machine: int) -> None:
        call = (157, 167)[machine]
        assert (verdict(machine, call, 1), verdict(machine, call, 15)) == (0x00050000, ALLOW)

    def test_a_session_of_its_own_is_made_in_name_only(self, machine: int) -> None:
        assert verdict(machine, (112, 157)[machine]) == 0x00050000

    def test_no_typing_into_terminals(self, machine: int) -> None:
        call = (16, 29)[machine]
        assert [verdict(machine, call, 0, request) for request in (0x5412, 0x541C, 0x5401)] == [
            DENY,
            DENY,
            ALLOW,
        ]


def test_the_second_numbering_of_x86_64_is_closed() -> None:
    assert verdict(0, 0x40000000 | 101) == 0x00050000 | errno.ENOSYS


def test_the_kernel_refuses_what_the_filter_denies(run: Runner) -> None:
    def target() -> list[str]:
        libc = ctypes.CDLL(None, use_errno=True)

        def call(name: str, *arguments: int) -> str:
            ctypes.set_errno(0)
            result = getattr(libc, name)(*arguments)
            return errno.errorcode[ctypes.get_errno()] if result == -1 else "allowed"

        return [
            call("ptrace", 0, 0, 0, 0),
            call("process_vm_readv", os.getpid(), 0, 0, 0, 0, 0),
            call("unshare", 0x10000000),
            call("mount", 0, 0, 0, 0, 0),
            call("memfd_create", 0, 0),
            call("keyctl", 0, 0) if hasattr(libc, "keyctl") else "EPERM",
            call("shmget", 0, 4096, 0o1600),
            tried(lambda: socket.socket(socket.AF_INET)),
            tried(lambda: socket.socket(socket.AF_INET6)),
            tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        ]

    assert set(run(target).value) == {"EPERM"}
