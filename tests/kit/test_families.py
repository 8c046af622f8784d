"""What is ready-made: every name that torch has for it is known, and every way to call it is seen."""

from __future__ import annotations

import re
import textwrap
import types
from collections.abc import Iterable

import pytest
import torch
import torch.autograd.forward_ad
import torch.nn.functional

from dlex.attempt.recording import recorded
from dlex.kit.families import (
    DIFFERENTIATION,
    DROPOUT,
    EIGENVALUES,
    NORMS,
    PRODUCTS,
    READY_MADE_LOSS,
    RECURRENT,
    SOFTMAX,
    Family,
)
from dlex.protocol import wire

# By what a name of a family may be told, and what is told so and is none: a stone to build with, or something else.
SIGNS: dict[str, tuple[Family, str, set[str]]] = {
    "softmax": (
        SOFTMAX,
        r"soft_?max|soft_?min|sum_?exp|attention|attn|sdp|mha|multi_?head|transformer|entropy|nll|_lse",
        # Losses of probabilities that are given; helpers of attention that look at shapes alone.
        {
            "binary_cross_entropy",
            "binary_cross_entropy_backward",
            "binary_cross_entropy_with_logits",
            "_mha_shape_check",
        },
    ),
    "loss": (READY_MADE_LOSS, r"loss|kl_div|entropy|nll", {"_use_cudnn_ctc_loss", "_use_miopen_ctc_loss"}),
    "recurrent": (RECURRENT, r"rnn|gru|lstm", set()),
    "product": (
        PRODUCTS,
        r"mat_?mul|mm(?![a-z])|mv(?![a-z])|dot(?!ted)|einsum|inner|linear|conv(?!ert)|gemm|kron",
        # What tells of a setting, makes one thing into another, or is called inner.
        {
            "get_float32_matmul_precision",
            "set_float32_matmul_precision",
            "access_subclass_inner_tensor",
            "_compute_linear_combination",
        },
    ),
    "norm": (NORMS, r"norm(?!al_|al$|al_functional)|_?dist$|distance", {"triplet_margin_with_distance_loss"}),
    "eigenvalue": (EIGENVALUES, r"eig(?!h(t|_))|svd|lobpcg|lowrank|symeig|matrix_power", set()),
}
NO_DERIVATIVE = {
    "vmap", "replace_all_batch_norm_modules_", "functionalize", "rearrange", "functional_call", "stack_module_state",
    "debug_unwrap", "unpack_dual", "Variable", "Function", "grad_mode", "NestedIOFunction", "detect_anomaly",
    "enable_grad",
    "inference_mode", "no_grad", "set_detect_anomaly", "set_grad_enabled", "set_multithreading_enabled",
    "enforce_grad_layout_policy", "variable", "UnpackedDualTensor",
}  # fmt: skip  # of the namespaces of derivatives, what computes none


def every_name() -> set[str]:
    """Each operator that torch has registered, and each public function and module."""
    found = {name.partition("::")[2].partition(".")[0] for name in torch._C._dispatch_get_all_op_names()}
    for place in (torch, torch.Tensor, torch.nn, torch.nn.functional, torch.special, torch.sparse, torch.masked):
        found |= {name for name in dir(place) if callable(getattr(place, name, None))}
    return found


@pytest.mark.parametrize("name", SIGNS)
def test_torch_has_nothing_of_a_family_that_it_does_not_know(name: str) -> None:
    family, signs, others = SIGNS[name]
    signed = {n for n in every_name() if re.search(signs, n, re.IGNORECASE)}
    assert len(signed) > 15
    unknown = {n for n in signed if not family.found_in([f"aten.{n}"])} - others
    # A module is known by its function: `MSELoss.forward` calls `mse_loss`.
    assert {n for n in unknown if not n[:1].isupper()} == set()


def test_every_way_to_differentiate_is_known() -> None:
    names = {*torch.func.__all__, *torch.autograd.__all__, *torch.autograd.functional.__all__}
    names |= set(torch.autograd.forward_ad.__all__) - {"enter_dual_level", "exit_dual_level"}
    assert {n for n in names - NO_DERIVATIVE if not DIFFERENTIATION.found_in([f"torch.func.{n}"])} == set()
    innocent = ["torch.autograd.grad_mode.no_grad.__enter__", "torch.no_grad", "aten.zero_grad", "torch.Tensor.add"]
    assert not DIFFERENTIATION.found_in(innocent)


def used(body: str, before: str = "") -> list[str]:
    """What a function `f(z, y)` of a learner's uses; `z` are logits, `y` are labels."""
    module = types.ModuleType("softmax_classifier")
    head = f"import torch\nimport torch.nn.functional as F\nfrom torch import nn\n{before}\n"
    exec(compile(f"{head}def f(z, y):\n{textwrap.indent(body, '    ')}\n", "attempt.py", "exec"), vars(module))
    names: list[str] = []
    z, y = torch.randn(4, 6, dtype=torch.float32, requires_grad=True), torch.tensor([0, 1, 2, 5])
    with recorded(names, vars(module)):
        module.f(z, y)
    return names


SOFTMAXES: Iterable[str] = (
    "torch.softmax(z, 1)",
    "z.softmax(-1)",
    "F.softmax(z, dim=1)",
    "F.log_softmax(z, dim=1)",
    "F.softmin(-z, dim=1)",
    "F.gumbel_softmax(z, dim=1)",
    "F.cross_entropy(z, y)",
    "F.nll_loss(z, y)",
    "nn.Softmax(1)(z)",
    "nn.Softmin(1)(z)",
    "nn.LogSoftmax(1)(z)",
    "nn.CrossEntropyLoss()(z, y)",
    "nn.AdaptiveLogSoftmaxWithLoss(6, 9, [3])(z, y)",
    "torch.logsumexp(z, 1)",
    "torch.logcumsumexp(z, 1)[:, -1]",
    "torch.special.softmax(z, 1)",
    "torch.special.logsumexp(z, 1)",
    "F.scaled_dot_product_attention(z[None], z[None], z[None])",
    "torch._C._nn.scaled_dot_product_attention(z[None], z[None], z[None])",
    "torch.ops.aten._scaled_dot_product_attention_math(z[None], z[None], z[None])",
    "torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(z[None, None], z[None, None], z[None, None])",
    "nn.MultiheadAttention(6, 1)(z, z, z)",
    "nn.TransformerEncoderLayer(6, 1, 8)(z)",
    "nn.TransformerEncoderLayer(6, 1, 8, batch_first=True).eval()(z[None].detach())",
    "torch.ops.aten._softmax(z, 1, False)",
    "torch.ops.aten.softmax.int(z, 1)",
    "torch._safe_softmax(z, 1)",
    "torch._masked_softmax(z, torch.zeros(4, 6, dtype=torch.bool), 1)",
    "torch.sparse.softmax(z.detach().to_sparse(), 1).to_dense()",
    "torch.masked.softmax(z, 1)",
    "torch.distributions.Categorical(logits=z).probs",
    "torch.distributions.Categorical(logits=z).log_prob(y)",
    "torch._refs.softmax(z, 1)",
    "torch._refs.nn.functional.log_softmax(z, 1)",
    "torch._refs.logsumexp(z, 1)",
    "torch._decomp.decompositions._softmax(z, 1, False)",
    "torch._decomp.decomposition_table[torch.ops.aten._log_softmax.default](z, 1, False)",
    "getattr(torch, 'soft' + 'max')(z, 1)",
    "torch.func.vmap(lambda row: row.softmax(0))(z)",
    "torch.func.jacrev(lambda row: torch.logsumexp(row, 0))(z[0])",
    "torch.jit.trace(lambda t: t.softmax(1), (z,))(z)",
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", SOFTMAXES)
def test_each_way_to_a_softmax_is_seen(expression: str) -> None:
    before = (
        "import torch.masked\nimport torch._refs\nimport torch._refs.nn.functional\nimport torch._decomp.decompositions"
    )
    assert SOFTMAX.found_in(used(f"return {expression}", before)), used(f"return {expression}", before)


HIDDEN = {
    "after a long loop": "for _ in range(3000):\n    z = z + 0\nreturn torch.softmax(z, 1)",
    "in a thread": "import threading\nfound = []\n"
    "t = threading.Thread(target=lambda: found.append(torch.softmax(z, 1)))\n"
    "t.start()\nt.join()\nreturn found[0]",
    "with modes off": "with torch._C._DisableTorchDispatch(), torch._C.DisableTorchFunction():\n"
    "    return torch.softmax(z, 1)",
    "without autograd": "with torch.inference_mode():\n    return z.detach().softmax(1)",
    "as a script": "s = torch.jit.script(scripted)\nreturn s(z)",
    "in a library": "return helper(z)",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", HIDDEN)
def test_a_softmax_that_is_hidden_is_seen(way: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "odd_library.py").write_text(
        "def softmax(z):\n    e = z.exp()\n    return e / e.sum(1, keepdim=True)\n"
    )
    (tmp_path / "scripted_library.py").write_text(
        "import torch\n\ndef scripted(z: torch.Tensor):\n    return torch.softmax(z, 1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    before = "from odd_library import softmax as helper\nfrom scripted_library import scripted"
    assert SOFTMAX.found_in(used(HIDDEN[way], before))


ALGEBRA: Iterable[tuple[Family, str]] = (
    *((PRODUCTS, way) for way in (
        "z @ z.T", "torch.mm(z, z.t())", "z.matmul(z[0])", "torch.mv(z, z[0])", "torch.dot(z[0], z[1])",
        "z[0].inner(z[1])",
        "torch.einsum('ij,kj->ik', z, z)", "torch.tensordot(z, z, dims=([1], [1]))", "F.linear(z, z)",
        "z[None].bmm(z.T[None])",
        "torch.linalg.multi_dot([z, z.T, z])", "torch.linalg.vecdot(z, z)", "torch.addmm(z.new_zeros(4, 4), z, z.T)",
        "nn.Linear(6, 2)(z)", "F.conv1d(z[:, None], z[:1, None])",
        "torch.from_numpy(np.dot(z.detach().numpy(), z.detach().numpy().T))",
        "torch.chain_matmul(z, z.T)", "z.__matmul__(z.T)", "torch.kron(z, z)",
    )),
    *((NORMS, way) for way in (
        "z.norm()", "torch.norm(z, p=1)", "torch.linalg.norm(z)", "torch.linalg.vector_norm(z)", "torch.dist(z, z + 1)",
        "F.normalize(z)", "torch.cdist(z, z)", "F.pairwise_distance(z, z + 1)", "torch.linalg.matrix_norm(z)",
        "torch.hypot(z, z)", "torch.tensor(np.linalg.norm(z.detach().numpy()))", "z.renorm(2, 0, 1.0)",
    )),
    *((EIGENVALUES, way) for way in (
        "torch.linalg.eigh(z[:, :4])", "torch.linalg.eigvals(z[:, :4])", "torch.linalg.svd(z)", "torch.svd(z)",
        "torch.linalg.eigvalsh(z[:, :4])", "torch.lobpcg(z[:, :4] + 4 * torch.eye(4), k=1)", "torch.pca_lowrank(z)",
        "torch.linalg.matrix_power(z[:, :4], 9)", "torch.tensor(np.linalg.eigvalsh(z[:, :4].detach().numpy()))",
    )),
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("family", "expression"), ALGEBRA)
def test_each_way_to_a_product_a_norm_or_an_eigenvalue_is_seen(family: Family, expression: str) -> None:
    names = used(f"return {expression}", "import numpy as np")
    assert family.found_in(names), names


BY_HAND = {
    "products": "return (z[:, None] * z).sum(2)",
    "an outer product": "return torch.outer(z[0], z[1])",
    "a norm": "return (z * z).sum().sqrt() + z.abs().max() + z.abs().amax(1).sum()",
    "normal numbers": "return z + torch.randn_like(z) + torch.empty_like(z).normal_()",
    "exp": "e = torch.exp(z - z.max(1, keepdim=True).values)\nreturn e / e.sum(1, keepdim=True)",
    "own names": "def softmax(t):\n    return t.exp() / t.exp().sum()\nreturn softmax(z)",
    "numpy": "import numpy as np\ne = np.exp(z.detach().numpy())\nreturn torch.from_numpy(e / e.sum(1, keepdims=True))",
    "gather": "s = z.exp() / z.exp().sum(1, keepdim=True)\nreturn -s.gather(1, y[:, None]).log().mean()",
    "one hot": "s = z.exp() / z.exp().sum(1, keepdim=True)\nreturn -(F.one_hot(y, 6) * s.log()).sum(1).mean()",
    "einsum": "e = z.exp()\nreturn torch.einsum('ij,i->ij', e, 1 / e.sum(1))",
    "late import": "import torch.ao.nn.quantizable\nreturn z.exp() / z.exp().sum(1, keepdim=True)",
    "asserted": "torch.testing.assert_close(z, z.clone())\nassert torch.allclose(z, z)\nreturn z.exp()",
    "without a graph": "with torch.no_grad():\n    w = z.detach().clone()\n    return w.exp() / w.exp().sum()",
    "warned": "import warnings\nwarnings.warn('slow')\nreturn z.exp()",
    "logged": "import logging\nlogging.getLogger('x').info('%s %r', z.shape, z)\nreturn z.exp()",
    "printed": "print(z)\nreturn z.exp() / z.exp().sum(1, keepdim=True)",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", BY_HAND)
def test_what_is_written_by_hand_is_not(way: str) -> None:
    names = used(BY_HAND[way])
    families = (SOFTMAX, RECURRENT, DIFFERENTIATION, READY_MADE_LOSS, NORMS, EIGENVALUES)
    for family in families:
        assert [name for name in names if family.found_in([name])] == []


@pytest.mark.parametrize("way", ["products", "an outer product", "gather", "one hot", "printed", "late import"])
def test_sums_of_products_are_written_by_hand(way: str) -> None:
    assert not PRODUCTS.found_in(used(BY_HAND[way]))


DERIVATIVES = (
    "torch.autograd.grad(z.sum(), z)",
    "z.sum().backward()",
    "torch.func.grad(lambda t: t.sum())(z)",
    "torch.func.vjp(lambda t: t * 2, z)[1](z)",
    "torch.func.jvp(lambda t: t * 2, (z,), (z,))",
    "torch.func.jacfwd(lambda t: t * 2)(z[0])",
    "torch.func.hessian(lambda t: (t * t).sum())(z[0])",
    "torch.func.linearize(lambda t: t * 2, z)",
    "torch.autograd.functional.jacobian(lambda t: t * 2, z[0])",
    "torch.autograd.functional.vhp(lambda t: t.sum(), z, z)",
    "torch.autograd.Variable(z.detach(), requires_grad=True).sum().backward()",
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", DERIVATIVES)
def test_each_derivative_is_seen(expression: str) -> None:
    assert DIFFERENTIATION.found_in(used(f"return {expression}"))


def test_forward_mode_is_seen() -> None:
    body = "z = z.detach()\nwith fwd.dual_level():\n    return fwd.make_dual(z, z)"
    assert DIFFERENTIATION.found_in(used(body, "import torch.autograd.forward_ad as fwd"))


@pytest.mark.parametrize("cell", ["RNNCell", "GRUCell", "LSTMCell", "RNN", "GRU", "LSTM"])
def test_each_cell_is_seen(cell: str) -> None:
    assert RECURRENT.found_in(used(f"return nn.{cell}(6, 3)(z)"))


def test_what_is_recorded_keeps_to_its_size() -> None:
    names = used("for _ in range(5000):\n    z = z + 0\nreturn z")
    assert len(names) <= wire.MAX_OPS
    assert max(map(len, names)) <= wire.MAX_NAME


@pytest.mark.parametrize(("training", "seen"), [(True, True), (False, False)])
def test_dropout_is_seen_where_it_drops(training: bool, seen: bool) -> None:
    """Not in evaluation mode, in which a layer asks for it, too."""
    ops: list[str] = []
    with recorded(ops, {}):
        torch.nn.Dropout(0.5).train(training)(torch.ones(3))
        torch.nn.Dropout2d(0.5).train(training)(torch.ones(1, 3, 2, 2))
    assert DROPOUT.found_in(ops) is seen
