# attack: fills a shared mapping, which counts as no process's data
# exercise: 10_little_memory
# expect: status=failed points<=0 verdicts=out_of_memory|raised|crashed

import mmap


def double(x):
    maps = []
    while True:
        page = mmap.mmap(-1, 64 << 20)
        for start in range(0, 64 << 20, 4096):
            page[start] = 1
        maps.append(page)
