# attack: declares an encoding that is a decompressor
# exercise: 01_double
# expect: status=attempt_error|unrunnable points<=0 verdicts=raised

# -*- coding: zlib -*-


def double(x):
    return x * 2
