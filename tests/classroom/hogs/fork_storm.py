"""Children that live for a moment and that nobody waits for."""
import os
import signal

signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def double(x):
    while True:
        try:
            if os.fork() == 0:
                sum(range(20_000))
                os._exit(0)
        except OSError:
            pass
