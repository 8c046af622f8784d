# attack: returns an object that is equal to everything
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|raised|no_gradient

class Yes:
    shape = dtype = device = property(lambda self: self)

    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def __getattr__(self, name):
        return self

    def __call__(self, *a, **k):
        return self

    def __float__(self):
        return 1.0

    def __iter__(self):
        return iter([self])

    def __len__(self):
        return 5

    def __abs__(self):
        return 0

    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    __hash__ = None


def double(x):
    return Yes()
