# attack: dies of a signal at import
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=crashed

import ctypes

ctypes.string_at(0)
