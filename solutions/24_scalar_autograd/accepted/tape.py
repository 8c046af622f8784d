# 用“磁带”代替排序：每个 Value 创建时记下序号，序号大的一定在后面；从大到小走一遍就是拓扑序
import heapq
import itertools
import math

_counter = itertools.count()


class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents  # [(来源, 局部导数), ...]
        self.number = next(_counter)

    def __add__(self, other):
        other = Value.of(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = Value.of(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __pow__(self, n):
        return Value(self.data ** n, [(self, n * self.data ** (n - 1))])

    def relu(self):
        return Value(self.data if self.data > 0 else 0.0, [(self, 1.0 if self.data > 0 else 0.0)])

    def tanh(self):
        h = math.tanh(self.data)
        return Value(h, [(self, 1 - h * h)])

    def exp(self):
        e = math.e ** self.data
        return Value(e, [(self, e)])

    def backward(self):
        waiting = {self.number: (self, 1.0)}
        heap = [-self.number]
        while heap:
            v, g = waiting.pop(-heapq.heappop(heap))
            # 叶子累加，中间的值只留这一次的
            v.grad = g if v.parents else v.grad + g
            for p, slope in v.parents:
                if p.number not in waiting:
                    heapq.heappush(heap, -p.number)
                _, old = waiting.get(p.number, (p, 0.0))
                waiting[p.number] = (p, old + slope * g)

    @staticmethod
    def of(x):
        return x if isinstance(x, Value) else Value(x)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + Value.of(other) * -1.0

    def __rsub__(self, other):
        return Value.of(other) - self

    def __truediv__(self, other):
        return self * Value.of(other) ** -1

    def __rtruediv__(self, other):
        return Value.of(other) / self
