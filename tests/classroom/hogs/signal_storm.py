"""Twenty processes that signal each other without end."""
import os
import signal

for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM):
    signal.signal(number, lambda *_: None)
for _ in range(20):
    if os.fork() == 0:
        while True:
            try:
                os.kill(0, signal.SIGUSR1)
                os.kill(-1, signal.SIGUSR2)
            except OSError:
                pass


def double(x):
    while True:
        pass
