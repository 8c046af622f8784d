"""What `dlex author mutate` puts for what: tables of operators, names and options.  Plain data."""

from __future__ import annotations

import ast

ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
COMPARISON: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


def _rings(*rings: str) -> dict[str, tuple[str, ...]]:
    """Each word of a ring stands for all the others of it."""
    words = [ring.split() for ring in rings]
    return {word: tuple(other for other in ring if other != word) for ring in words for word in ring}


ACTIVATIONS = _rings(
    "relu sigmoid tanh",
    "softmax log_softmax",
    "ReLU Sigmoid Tanh",
    "Softmax LogSoftmax",
    "leaky_relu elu gelu",
    "LeakyReLU ELU GELU",
)
POOLING = _rings(
    *(f"max_pool{n}d avg_pool{n}d" for n in (1, 2, 3)),
    *(f"MaxPool{n}d AvgPool{n}d" for n in (1, 2, 3)),
    *(f"adaptive_max_pool{n}d adaptive_avg_pool{n}d" for n in (1, 2, 3)),
    *(f"AdaptiveMaxPool{n}d AdaptiveAvgPool{n}d" for n in (1, 2, 3)),
)
FUNCTIONS = _rings(
    "mean sum", "var std", "min max", "argmin argmax", "amin amax", "minimum maximum", "zeros ones",
    "zeros_like ones_like", "floor ceil", "any all", "log exp", "sin cos", "rand randn", "rand_like randn_like",
    "cat stack", "hstack vstack", "train eval", "mse_loss l1_loss", "MSELoss L1Loss", "BCELoss BCEWithLogitsLoss",
    "binary_cross_entropy binary_cross_entropy_with_logits", "CrossEntropyLoss NLLLoss", "cross_entropy nll_loss",
    "SGD Adam", "RNN GRU", "RNNCell GRUCell", "add_ sub_", "mul_ div_", "cumsum cumprod", "tril triu",
    "float32 float64", "int64 int32", "long int", "float double", "randperm arange", "no_grad enable_grad",
)  # fmt: skip
NAMES = {"activation": ACTIVATIONS, "pooling": POOLING, "function": FUNCTIONS}

# A text is only exchanged for another that the same argument takes.
OPTIONS = _rings(
    "mean sum none", "same valid", "zeros reflect replicate circular", "nearest bilinear", "ij xy", "fan_in fan_out",
    "relu tanh", "cpu cuda",
)  # fmt: skip

# `y.detach()` becomes `y`.
LINKS = _words(
    "detach item clone contiguous mean sum flatten squeeze unsqueeze sqrt float double long int abs log exp softmax",
    "log_softmax sigmoid relu tanh numpy tolist cpu cuda to copy t transpose permute reshape view clamp pow square",
    "argmax argmin requires_grad_ train eval to_dense",
)
# Exchanging their arguments changes nothing.
SYMMETRIC = _words(
    "max min maximum minimum add mul multiply dot hypot logaddexp equal allclose isclose mse_loss l1_loss",
    "smooth_l1_loss huber_loss eq ne logical_and logical_or logical_xor gcd",
)
# The steps of training, whose order matters.
STEPS = _words("zero_grad zero_ backward step train eval")
# Arguments that guard against slips of the author's own; no learner is asked for them.
GUARDS = frozenset({("zip", "strict")})
DIMENSIONS = _words("dim axis dims start_dim end_dim dim0 dim1")
