# attack: raises in a line of characters that the judge must write out, and that take ten times the room then
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

def double(x):
    raise ValueError("{{"\u200d" * 150}}")
