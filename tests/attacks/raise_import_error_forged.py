# attack: raises a syntax error that claims another file and a line of a megabyte
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=raised

error = SyntaxError("bad")
error.filename, error.lineno, error.text, error.offset = __file__, 1 << 40, "t" * (1 << 20), -5
raise error
