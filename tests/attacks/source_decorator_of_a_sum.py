# attack: decorates with a sum of six hundred terms
# exercise: 01_double
# expect: status=failed|unrunnable|passed points<=4 verdicts=raised|not_run

z = 0
keep = [lambda f: f]


@(keep[0{{"+z" * 600}}])
def double(x):
    return x * 2
