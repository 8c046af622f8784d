"""An engine for derivatives, of numbers: the reference solution."""

from __future__ import annotations

import math


class Value:
    """A number that remembers what it was computed from, so that `backward` can find the way back.

    `data`: the number, a float.  `grad`: the derivative of what `backward` was called on with respect to this value, a
    float; 0.0 until then.  `_children`: the values that it was computed from; none for one that the user made, a leaf.
    `_slopes`: for each child the derivative of this value with respect to that child.  (What begins with an underscore
    is yours: you may keep something else.)
    """

    def __init__(self, data: float, _children: tuple[Value, ...] = (), _slopes: tuple[float, ...] = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self._children = _children
        self._slopes = _slopes

    def __add__(self, other: Value | float) -> Value:
        """self + other, where other is a Value or a number."""
        other = _as_value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        """self * other, where other is a Value or a number."""
        other = _as_value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> Value:
        """self ** exponent, where exponent is a number, whole or not, positive or negative."""
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def relu(self) -> Value:
        """max(self, 0); its slope at exactly 0 is 0."""
        return Value(max(self.data, 0.0), (self,), (float(self.data > 0),))

    def tanh(self) -> Value:
        """The hyperbolic tangent of self."""
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t**2,))

    def exp(self) -> Value:
        """e to the power of self."""
        e = math.exp(self.data)
        return Value(e, (self,), (e,))

    def backward(self) -> None:
        """Find the derivative of this value with respect to every value that it was computed from.

        To the `grad` of leaves it is added, as in torch, so that what several calls find adds up.  The `grad` of all
        others, this one included, is what this call alone finds.  A value may be used many times, and a graph may be
        thousands of operations deep; each operation is gone back through once.
        """
        order = self._computed_before()
        for value in order:
            if value._children:
                value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes, strict=True):
                child.grad += slope * value.grad

    def _computed_before(self) -> list[Value]:
        """All values of the graph, each once and after its children; with a stack, since recursion has a limit."""
        order: list[Value] = []
        seen: set[Value] = set()
        stack = [(self, False)]
        while stack:
            value, is_done = stack.pop()
            if is_done:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                stack.append((value, True))
                stack.extend((child, False) for child in value._children)
        return order

    # The rest follows from these, and is given.

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Value | float) -> Value:
        return self + -other

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __rsub__(self, other: float) -> Value:
        return -self + other

    def __rtruediv__(self, other: float) -> Value:
        return self**-1 * other

    def __repr__(self) -> str:
        return f"Value({self.data:g}, grad={self.grad:g})"


def _as_value(number: Value | float) -> Value:
    """A plain number as a leaf."""
    return number if isinstance(number, Value) else Value(number)
