# attack: leaves with exit code 0 at import
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=raised

raise SystemExit(0)
