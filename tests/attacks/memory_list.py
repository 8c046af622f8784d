# attack: fills a list without end
# exercise: 10_little_memory
# expect: status=failed points<=0 verdicts=out_of_memory

def double(x):
    values = []
    while True:
        values.append(bytearray(1 << 20))
