# attack: redefines its own file name, docstring and module name, and is honest
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

"""passed"""

__name__ = "test_01_double"
__file__ = "/etc/passwd"
__doc__ = __spec__ = __loader__ = __package__ = __builtins__


def double(x):
    return x * 2
