# attack: declares that its code is written in escapes
# exercise: 01_double
# expect: status=attempt_error points<=0 verdicts=

# vim: set fileencoding=unicode_escape :
\u0064ef double(x):
    return x * 2
