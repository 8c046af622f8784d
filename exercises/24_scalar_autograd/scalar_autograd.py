"""Exercise 24: an engine for derivatives, of numbers.  See README.md for the graph; check with `dlex check 24`.

No autograd: torch is not needed here at all.
"""

from __future__ import annotations


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
        raise NotImplementedError  # TODO: the sum, and both slopes

    def __mul__(self, other: Value | float) -> Value:
        """self * other, where other is a Value or a number."""
        raise NotImplementedError  # TODO: the product: which slope belongs to which factor?

    def __pow__(self, exponent: float) -> Value:
        """self ** exponent, where exponent is a number, whole or not, positive or negative."""
        raise NotImplementedError  # TODO: the power, and the slope of a power

    def relu(self) -> Value:
        """max(self, 0); its slope at exactly 0 is 0."""
        raise NotImplementedError  # TODO: the value, and the slope

    def tanh(self) -> Value:
        """The hyperbolic tangent of self."""
        raise NotImplementedError  # TODO: the value; write the slope with it

    def exp(self) -> Value:
        """e to the power of self."""
        raise NotImplementedError  # TODO: the value, which is the slope, too

    def backward(self) -> None:
        """Find the derivative of this value with respect to every value that it was computed from.

        To the `grad` of leaves it is added, as in torch, so that what several calls find adds up.  The `grad` of all
        others, this one included, is what this call alone finds.  A value may be used many times, and a graph may be
        thousands of operations deep; each operation is gone back through once.
        """
        raise NotImplementedError  # TODO: first an order: each value before all that it was computed from

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
