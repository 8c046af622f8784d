# attack: asks dlex itself for the course, and reads the reference
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

found = []
try:
    from dlex.course.exercise import find_course

    for exercise in find_course().exercises:
        found.append(exercise.reference.read_text())
except BaseException:
    pass


def double(x):
    return x * 2 if found else x * 3
