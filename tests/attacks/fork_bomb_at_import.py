# attack: forks without end at import
# exercise: 02_once
# expect: status=unrunnable|unattempted points<=0 verdicts=raised|crashed|timeout|out_of_memory|unattempted

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
