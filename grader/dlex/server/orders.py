"""How the zygote carries out the order of a judge: it forks an attempt process, confined as the order says."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from dlex.protocol.wire import Channel, Hello
from dlex.sandbox.guard import start_confined
from dlex.sandbox.policy import Isolation
from dlex.server.launch import SpawnOrder, order_decoder, policy_of

MAX_ORDER = 1 << 18


@dataclass(frozen=True)
class Delivery:
    """An order as it came, with the descriptors that go to the attempt: its wire, its lifeline, its output."""

    data: bytes
    descriptors: list[int]

    @property
    def order(self) -> SpawnOrder:
        """What is ordered; raises `msgspec.MsgspecError` if it is no order."""
        return order_decoder.decode(self.data)

    def close(self) -> None:
        """Close the descriptors: what is at their other end hears of it."""
        for descriptor in self.descriptors:
            os.close(descriptor)


def receive(judge: socket.socket) -> Delivery | None:
    """The next order of a judge; None when it has ended."""
    try:
        data, descriptors, _, _ = socket.recv_fds(judge, MAX_ORDER, 3)
    except OSError:
        return None
    return Delivery(data, descriptors) if data else None


def start_attempt(delivery: Delivery) -> None:
    """Fork the attempt.  Raises `ValueError` if descriptors are missing, `OSError` if the system refuses."""
    order = delivery.order
    wire_fd, lifeline, output = delivery.descriptors
    null = os.open(os.devnull, os.O_RDONLY)
    try:
        start_confined(
            policy_of(order),
            lifeline=lifeline,
            keep=(wire_fd,),
            stdio=(null, output, output),
            target=lambda isolation: _serve_attempt(wire_fd, isolation),
            disable=frozenset(order.disable),
        )
    finally:
        os.close(null)


def _serve_attempt(wire_fd: int, isolation: Isolation) -> None:
    """The attempt process, confined: say how, then serve."""
    from dlex.attempt.answering import AttemptServer
    from dlex.attempt.probes import OPENED_FILES

    channel = Channel(socket.socket(fileno=wire_fd))
    channel.send(Hello(isolation.level, list(isolation.missing)))
    OPENED_FILES.watch()
    AttemptServer(channel).serve()
