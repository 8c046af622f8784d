# 24: 10
# “自动求导”一课的笔记：计算图是无环图，前向存中间结果，反向从相反方向执行
import math
import torch

x = torch.arange(4.0, requires_grad=True)
y = 2 * torch.dot(x, x)
y.backward()
print(x.grad)


class Value:
    counter = 0

    def __init__(self, data, inputs=(), grads=()):
        self.data = data
        self.grad = 0.0
        self.inputs, self.grads = inputs, grads
        Value.counter += 1
        self.id = Value.counter

    def __add__(self, other):
        if type(other) in (int, float):
            return Value(self.data + other, (self,), (1.0,))
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        if type(other) in (int, float):
            return Value(self.data * other, (self,), (other,))
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n):
        return Value(self.data ** n, (self,), (n * self.data ** n / self.data,))

    def relu(self):
        return Value(max(0.0, self.data), (self,), (1.0 * (self.data > 0),))

    def tanh(self):
        h = math.tanh(self.data)
        return Value(h, (self,), ((1 + h) * (1 - h),))

    def exp(self):
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def backward(self):
        # 先找出图里的所有节点，再按创建的先后倒着走
        nodes, todo = {self.id: self}, [self]
        while todo:
            for v in todo.pop().inputs:
                if v.id not in nodes:
                    nodes[v.id] = v
                    todo.append(v)
        total = dict.fromkeys(nodes, 0.0)
        total[self.id] = 1.0
        for i in sorted(nodes, reverse=True):
            v = nodes[i]
            v.grad = total[i] if v.inputs else v.grad + total[i]
            for u, g in zip(v.inputs, v.grads):
                total[u.id] += g * total[i]

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -1.0 * other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * other ** -1

    def __rtruediv__(self, other):
        return self ** -1 * other


w = Value(1.0)
for epoch in range(100):
    for a, b in zip([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]):
        l = (w * a - b) ** 2
        l.backward()
        w.data -= 0.01 * w.grad
        w.grad = 0.0
print('predict (after training)', 4, (w * 4).data)
