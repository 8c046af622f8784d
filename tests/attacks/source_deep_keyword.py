# attack: has a rule write out a keyword's value that is nested too deeply for that
# exercise: 03_manual_backprop
# expect: status=failed|unrunnable points<=2 verdicts=forbidden_op|unattempted|wrong_value|raised|not_run

def quadratic_gradients(x, y, w1, w2, b):
    error = w1 * x**2 + w2 * x + b - y
    dict(deep={{"-" * 900}}1)
    return 2 * error * x**2, 2 * error * x, 2 * error
