"""Families of what torch has ready-made: everything that computes one thing, whatever it is called.

For exercises "from scratch": `fail_if(SOFTMAX.found_in(seen.ops), READY_MADE, Verdict.FORBIDDEN_OP)` with what
`attempt.observe` has seen.  A test holds each family to the operators and functions that torch has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """All names of functions and operators that match a pattern."""

    pattern: re.Pattern[str]

    def found_in(self, ops: Iterable[str]) -> bool:
        """Whether one of them was used."""
        return any(self.pattern.search(op) for op in ops)


# Attention, fused or not, holds a softmax; the cross entropy of logits and its parts; a sum of exponentials.
SOFTMAX = Family(
    re.compile(
        r"soft_?max|softmin|log(cum)?sumexp|cross_entropy|nll_loss|attention|multi_?head|scaled_dot|_sdp_"
        r"|transformer_(en|de)coder|modules\.transformer\.",
        re.IGNORECASE,
    )
)
READY_MADE_LOSS = Family(re.compile(r"cross_entropy|nll_loss|_loss(?![a-z])|kl_div|(^|\.)torch\.distributions\."))
RECURRENT = Family(re.compile(r"rnn|gru(?![a-z])|lstm", re.IGNORECASE))
# What drops at random; `nn.Dropout` in evaluation mode calls `F.dropout`, too, but nothing of this.
DROPOUT = Family(re.compile(r"^aten\.(native_dropout|bernoulli)"))
# By the last part of the name: `torch.autograd.grad_mode.no_grad.__enter__` differentiates nothing.  Nor does
# `unpack_dual`, which torch calls to print a tensor.
DIFFERENTIATION = Family(
    re.compile(
        r"(^|[._])(backward|(?<!no_)(?<!zero_)grad|grad_and_value|grad_fn|requires_grad_|gradcheck|gradgradcheck"
        r"|jacobian|jacrev|jacfwd|hessian|jvp|vjp|hvp|vhp|linearize|make_dual|fw_primal)$"
        r"|requires_grad\.__set__$|(^|\.)dual_level(\.|$)"
    )
)
# A sum of products by whatever name: a convolution over the whole of its input is one, too.
PRODUCTS = Family(
    re.compile(
        r"mat_?mul(?!_precision)|mm(?![a-z])|mv(?![a-z])|dot(?!ted)|(^|\.)inner$|einsum|kron|gemm"
        r"|linear(?!_combination)|conv(?!ert)|correlate",
        re.IGNORECASE,
    )
)
NORMS = Family(re.compile(r"norm(?!al(?!ize))|(^|[._])[cp]?dist(_|$)|pairwise_distance|hypot", re.IGNORECASE))
EIGENVALUES = Family(re.compile(r"(?<!w)eig|svd|lobpcg|lowrank|matrix_power|matrix_exp|schur", re.IGNORECASE))
