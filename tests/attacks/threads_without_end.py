# attack: starts threads until no more can be started
# exercise: 02_once
# expect: status=failed points<=0 verdicts=raised|timeout|out_of_memory|crashed

import threading
import time


def double(x):
    while True:
        threading.Thread(target=time.sleep, args=(600,)).start()
