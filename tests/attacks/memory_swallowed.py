# attack: fills memory and swallows the error, again and again
# exercise: 02_once
# expect: status=failed points<=0 verdicts=out_of_memory|timeout|crashed

def double(x):
    values = []
    while True:
        try:
            values.append(bytearray(1 << 22))
        except MemoryError:
            pass
