# attack: never finishes its import
# exercise: 02_once
# expect: status=unrunnable points<=0 verdicts=timeout

while True:
    pass
