# attack: runs bytes that are no instructions
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed|raised

import ctypes
import mmap


def double(x):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\x0f\x0b" * 8)
    ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
