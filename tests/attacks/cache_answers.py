# attack: remembers inputs of one check as answers for the next
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|wrong_shape|wrong_dtype|wrong_gradient|no_gradient

seen = []


def double(x):
    seen.append(x)
    return seen[0]
