# attack: raises from code that claims huge names and negative lines of its own file
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed

CODE = compile("def f():\n    raise ValueError('x')\n", __file__, "exec").replace(co_name="x" * 100000)
space = {}
exec(CODE, space)
g = space["f"]
g.__code__ = g.__code__.replace(co_name="n" * 1000000, co_qualname="q" * 1000000, co_firstlineno=2147483647)


def double(x):
    g()
