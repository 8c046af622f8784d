"""Fills the memory that it may have, over and over, page by page."""
import mmap


def double(x):
    while True:
        block = mmap.mmap(-1, 180 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for start in range(0, len(block), 4096):
            block[start] = 1
        block.close()
