# attack: raises a group of exceptions with notes, names and lines that are no text
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

def double(x):
    error = ValueError("\udcff in the message")
    error.__notes__ = ["\ud800", 7, None]
    code = (lambda: (_ for _ in ()).throw(error)).__code__
    raise ExceptionGroup("\ud83d alone", [error, ExceptionGroup("\udfff", [KeyError("\ud800")])])
