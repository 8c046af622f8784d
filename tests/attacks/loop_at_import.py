# attack: never finishes its import
# exercise: 02_once
# expect: status=unattempted points<=0 verdicts=unattempted

while True:
    pass
