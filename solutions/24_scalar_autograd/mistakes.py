"""What learners get wrong in exercise 24: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 24 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# %% own_factor: each factor gets itself.
class Value(...):
    def __mul__(self, other):
        other = _as_value(other)
        return Value(self.data * other.data, (self, other), (self.data, other.data))

# %% one_operand: the other factor is taken for a constant.
class Value(...):
    def __mul__(self, other):
        other = _as_value(other)
        return Value(self.data * other.data, (self,), (other.data,))

# %% one_operand__sum: the second term gets nothing.
class Value(...):
    def __add__(self, other):
        other = _as_value(other)
        return Value(self.data + other.data, (self, other), (1.0, 0.0))

# %% pow_slope: the exponent is not one less.
class Value(...):
    def __pow__(self, exponent):
        return Value(self.data**exponent, (self,), (exponent * self.data**exponent,))

# %% pow_slope__factor: the factor in front is missing.
class Value(...):
    def __pow__(self, exponent):
        return Value(self.data**exponent, (self,), (self.data ** (exponent - 1),))

# %% relu_slope: relu lets every gradient through.
class Value(...):
    def relu(self):
        return Value(max(self.data, 0.0), (self,), (1.0,))

# %% relu_at_zero: the bend counts as the rising side.
class Value(...):
    def relu(self):
        return Value(max(self.data, 0.0), (self,), (float(self.data >= 0),))

# %% tanh_slope: the input squared, and not the result.
class Value(...):
    def tanh(self):
        return Value(math.tanh(self.data), (self,), (1 - self.data**2,))

# %% tanh_slope__sigmoid: the slope of the sigmoid.
class Value(...):
    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, (self,), (t * (1 - t),))

# %% exp_slope: as if it were a power of a number.
class Value(...):
    def exp(self):
        return Value(math.exp(self.data), (self,), (self.data * math.exp(self.data - 1),))

# %% upstream_forgotten: the slopes alone are passed on.
class Value(...):
    def backward(self):
        order = self._computed_before()
        for value in order:
            if value._children:
                value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope

# %% upstream_forgotten__one: one closure of many forgets out.grad.
# base: micrograd
class Value(...):
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data
            other.grad += self.data

        out._backward = _backward
        return out

# %% overwritten: = for +=.
class Value(...):
    def backward(self):
        order = self._computed_before()
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes):
                child.grad = slope * value.grad

# %% overwritten__sum: = in a single closure.
# base: micrograd
class Value(...):
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def _backward():
            self.grad = out.grad
            other.grad = out.grad

        out._backward = _backward
        return out

# %% overwritten__dictionary: a dictionary holds one slope for each child, also for one that is there twice.
class Value(...):
    def backward(self):
        order = self._computed_before()
        for value in order:
            if value._children:
                value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in dict(zip(value._children, value._slopes)).items():
                child.grad += slope * value.grad

# %% nothing_arrives: nobody sets the first gradient.
class Value(...):
    def backward(self):
        order = self._computed_before()
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope * value.grad

# %% begins_with_value: the way back begins with the result.
class Value(...):
    def backward(self):
        order = self._computed_before()
        for value in order:
            if value._children:
                value.grad = 0.0
        self.grad = self.data
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope * value.grad

# %% one_level: the children of the last operation, and no further.
class Value(...):
    def backward(self):
        self.grad = 1.0
        for child, slope in zip(self._children, self._slopes):
            child.grad += slope * self.grad

# %% order: whoever is met first passes on first.
class Value(...):
    def backward(self):
        self.grad = 1.0
        seen = {self}
        queue = [self]
        while queue:
            value = queue.pop(0)
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope * value.grad
                if child not in seen:
                    seen.add(child)
                    queue.append(child)

# %% order__depth: deeper and deeper, and never the same value twice.
class Value(...):
    def backward(self):
        self.grad = 1.0
        seen = set()

        def visit(value):
            if value in seen:
                return
            seen.add(value)
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope * value.grad
            for child in value._children:
                visit(child)

        visit(self)

# %% order__again: each closure is called once for each use, and passes on all that has come until then.
# base: micrograd
class Value(...):
    def backward(self):
        self.grad = 1.0

        def visit(value):
            value._backward()
            for child in value._prev:
                visit(child)

        visit(self)

# %% recursion: the topological order by a function that calls itself.
class Value(...):
    def _computed_before(self):
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for child in value._children:
                    visit(child)
                order.append(value)

        visit(self)
        return order

# %% every_path: each path from the result to a leaf, one after the other.
class Value(...):
    def backward(self):
        for value in self._computed_before():
            if value._children:
                value.grad = 0.0
        paths = [(self, 1.0)]
        while paths:
            value, gradient = paths.pop()
            value.grad += gradient
            for child, slope in zip(value._children, value._slopes):
                paths.append((child, slope * gradient))

# %% leaves_reset: everything begins with zero, the leaves too.
class Value(...):
    def backward(self):
        order = self._computed_before()
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope * value.grad

# %% inner_kept: nothing begins with zero.
class Value(...):
    def backward(self):
        order = self._computed_before()
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope * value.grad

# %% inner_kept__too: the first gradient is added, too.
class Value(...):
    def backward(self):
        order = self._computed_before()
        self.grad += 1.0
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes):
                child.grad += slope * value.grad

# %% number_not_wrapped: a number has no data.
class Value(...):
    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __neg__(self):
        return self * Value(-1)

# %% plain_number: the result, and nothing of where it came from.
class Value(...):
    def tanh(self):
        return math.tanh(self.data)

# %% autograd_used: torch goes back through a graph of its own.
# base: none
import torch


class Value:
    def __init__(self, data, tensor=None):
        self.tensor = torch.tensor(float(data), dtype=torch.float64, requires_grad=True) if tensor is None else tensor

    @property
    def data(self):
        return self.tensor.item()

    @data.setter
    def data(self, value):
        self.tensor.data.fill_(value)

    @property
    def grad(self):
        return 0.0 if self.tensor.grad is None else self.tensor.grad.item()

    @grad.setter
    def grad(self, value):
        self.tensor.grad = torch.tensor(float(value), dtype=torch.float64)

    def _made(self, tensor):
        tensor.retain_grad()
        return Value(0.0, tensor)

    def __add__(self, other):
        return self._made(self.tensor + getattr(other, "tensor", other))

    def __mul__(self, other):
        return self._made(self.tensor * getattr(other, "tensor", other))

    def __pow__(self, exponent):
        return self._made(self.tensor**exponent)

    def relu(self):
        return self._made(self.tensor.relu())

    def tanh(self):
        return self._made(self.tensor.tanh())

    def exp(self):
        return self._made(self.tensor.exp())

    def backward(self):
        self.tensor.backward(retain_graph=True)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1 * other
