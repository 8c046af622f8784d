# attack: fills /dev/shm with files
# exercise: 10_little_memory
# expect: status=failed points<=0 verdicts=out_of_memory|raised|crashed

def double(x):
    for n in range(10000):
        with open(f"/dev/shm/dlex_attack_{n}", "wb") as file:
            file.write(b"x" * (16 << 20))
