# attack: returns an object all of whose special methods raise what no except clause expects
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|raised|crashed|no_gradient

class Explosive:
    def boom(self, *a, **k):
        raise SystemExit(0)

    __repr__ = __str__ = __eq__ = __hash__ = __del__ = __reduce__ = __getattr__ = __len__ = __iter__ = __bool__ = boom
    __float__ = __int__ = __index__ = __array__ = __call__ = __enter__ = __format__ = __getattribute__ = boom


def double(x):
    return Explosive()
