# attack: raises the exceptions that loops take for an end
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

def double(x):
    raise (KeyboardInterrupt, StopIteration, GeneratorExit, EOFError)[int(abs(float(x.sum()) if hasattr(x, "sum") else x)) % 4]
