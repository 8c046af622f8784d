# attack: computes in threads of daemons while its own process sleeps
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import hashlib
import os
import threading
import time


def work():
    while True:
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 100_000)


def double(x):
    for _ in range(2):
        if os.fork() == 0:
            if os.fork() == 0:
                for _ in range(4):
                    threading.Thread(target=work).start()
                time.sleep(60)
            os._exit(0)
    time.sleep(60)
