# attack: ends the process with exit code 0 at import
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=crashed

import os

os._exit(0)
