# 24: 4.5: overwritten leaves_reset
# 局部导数存成列表，往回走时写成了 = 而不是 +=
import math


class Value(object):
    def __init__(self, data, parents=(), local=()):
        self.data = data
        self.grad = 0.
        self.parents = list(parents)
        self.local = list(local)

    def __add__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        return Value(self.data + other.data, [self, other], [1., 1.])

    def __mul__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        return Value(self.data * other.data, [self, other], [other.data, self.data])

    def __pow__(self, n):
        return Value(self.data ** n, [self], [n * self.data ** (n - 1)])

    def relu(self):
        return Value(self.data, [self], [1.]) if self.data > 0 else Value(0., [self], [0.])

    def tanh(self):
        y = math.tanh(self.data)
        return Value(y, [self], [1 - y * y])

    def exp(self):
        y = math.exp(self.data)
        return Value(y, [self], [y])

    def topo(self):
        order, seen, stack = [], set(), [self]
        while stack:
            v = stack[-1]
            todo = [p for p in v.parents if id(p) not in seen]
            if todo and id(v) not in seen:
                stack.extend(todo)
            else:
                stack.pop()
                if id(v) not in seen:
                    seen.add(id(v))
                    order.append(v)
        return order

    def backward(self):
        self.grad = 1.
        for v in self.topo()[::-1]:
            for p, d in zip(v.parents, v.local):
                p.grad = d * v.grad

    __radd__ = __add__
    __rmul__ = __mul__
    def __neg__(self): return self * -1
    def __sub__(self, other): return self + (-other)
    def __rsub__(self, other): return (-self) + other
    def __truediv__(self, other): return self * other ** -1
    def __rtruediv__(self, other): return self ** -1 * other


x = Value(3.)
y = 2 * x ** 2
y.backward()
print('dy/dx =', x.grad)
