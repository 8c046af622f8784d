"""What of the process around the learner's code the attempt sets: random generators, output, the answer to a signal."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import random
import signal
import sys

import numpy as np
import torch


def print_nothing() -> None:
    """Send what is printed from now on nowhere: the learner's code runs once more for an example, unknown to it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)


def tell_where_when_asked() -> None:
    """On a signal of the guard's, print the stack of the code that runs, whatever it does at the moment."""
    if hasattr(faulthandler, "register"):  # not on Windows
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            faulthandler.register(signal.SIGUSR2, file=2, all_threads=False, chain=False)


def seed_everything(seed: int) -> None:
    """Seed the global generators that a learner's code may draw from."""
    random.seed(seed)
    np.random.seed(seed % (1 << 32))
    torch.default_generator.manual_seed(seed)  # torch.manual_seed formats a stack trace for each absent device: 3 ms
