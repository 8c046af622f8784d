# attack: forks without end at import
# exercise: 02_once
# expect: status=unrunnable points<=0 verdicts=raised|crashed|timeout|out_of_memory

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
