# attack: ends the process from a thread while the call still runs
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed

import os
import threading
import time


def double(x):
    threading.Timer(0.05, os._exit, (0,)).start()
    time.sleep(30)
