"""What a CUDA device does, case by case: the table that the simulated device and a real one are held to.

Each line is run with `device`, and with names that `given` makes on it; names that begin with `h` are on the CPU.
`VALUES` gives the same value on every device, `ON_HOST` gives something on the CPU, and `RAISES` raises what is named.
"""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import rnn
from torch.utils.data import DataLoader, TensorDataset


def given(device: torch.device | str) -> dict[str, Any]:
    """The names that a case may use; the same numbers on every device."""
    draw = torch.Generator().manual_seed(20)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=draw)

    host = {
        "hx": normal(3, 4), "hy": normal(3, 4), "hw": normal(4, 5), "hv": normal(4), "hs": normal(1)[0],
        "hi": torch.tensor([2, 0]), "hb": torch.tensor([True, False, True]), "himage": normal(2, 3, 8, 8),
        "hids": torch.tensor([[1, 2, 0], [3, 3, 1]]), "hlabels": torch.tensor([1, 0, 2]), "hseq": normal(5, 2, 4),
    }  # fmt: skip
    own = {name[1:]: value.to(device) for name, value in host.items()}
    tools = {
        "F": F, "copy": copy, "device": torch.device(device), "io": io, "nn": nn, "np": np, "rnn": rnn, "torch": torch,
        "DataLoader": DataLoader, "TensorDataset": TensorDataset, "net": net,
        "trained": trained, "saved": saved,
        "unregistered": InAList, "seeded": seeded, "first": first, "threaded": threaded, "loaded": loaded,
        "moved_late": moved_late, "exp": Exp.apply, "to_host": ToHost.apply, "pickled": pickled,
    }  # fmt: skip
    return tools | host | own


def net(*layers: nn.Module) -> nn.Sequential:
    """Layers whose parameters do not depend on the device's own random numbers."""
    model = nn.Sequential(*layers)
    draw = torch.Generator().manual_seed(7)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=draw) * 0.3
    return model


def trained(kind: type[torch.optim.Optimizer], device: Any, before: bool = False, **options: Any) -> list[float]:
    """The losses of four steps, with the optimizer made before or after the model is moved."""
    model = net(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    optimizer = kind(model.parameters(), **options) if before else None  # type: ignore[call-arg]
    model.to(device)
    optimizer = optimizer or kind(model.parameters(), **options)  # type: ignore[call-arg]
    draw = torch.Generator().manual_seed(3)
    losses = []
    for _ in range(4):
        x, labels = torch.randn(5, 4, generator=draw).to(device), torch.arange(5).to(device) % 3
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def moved_late(kind: type[torch.optim.Optimizer], device: Any, **options: Any) -> None:
    """A step, the model is moved, and another step: the optimizer's state was left behind."""
    model = net(nn.Linear(4, 2))
    optimizer = kind(model.parameters(), **options)  # type: ignore[call-arg]
    for place in ("cpu", device):
        model.to(place)(torch.ones(1, 4, device=place)).sum().backward()
        optimizer.step()


class Exp(torch.autograd.Function):
    """A function of the caller's own that keeps its result for its gradient."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """The exponential."""
        result = x.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """The gradient, where the argument was."""
        (result,) = ctx.saved_tensors
        return grads[0] * result


class ToHost(torch.autograd.Function):
    """One that forgets to bring its gradient back."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """A copy on the CPU."""
        return x.cpu() * 2

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """The gradient, on the CPU."""
        return grads[0] * 2


class InAList(nn.Module):
    """A layer in a plain list, which `to` does not find."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(4, 1)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's result."""
        result: torch.Tensor = self.layers[0](x)
        return result


def seeded(draw: Callable[[], torch.Tensor]) -> bool:
    """Whether the same seed gives the same numbers."""
    found = []
    for _ in range(2):
        torch.manual_seed(3)
        found.append(draw())
    return torch.equal(*found)


def threaded(work: Callable[[], Any]) -> Any:
    """What `work` gives in another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def loaded(model: nn.Module, state: dict[str, torch.Tensor], **options: Any) -> list[torch.Tensor]:
    """The parameters of a model that has loaded a state."""
    model.load_state_dict(state, **options)
    return list(model.parameters())


def pickled(value: Any) -> Any:
    """What pickle makes of what pickle wrote."""
    return pickle.loads(pickle.dumps(value))


def first(loader: DataLoader[Any]) -> list[torch.Tensor]:
    """The first tensor of each batch."""
    return [batch[0] for batch in loader]


def saved(value: Any, **options: Any) -> Any:
    """What `torch.load` makes of what `torch.save` wrote."""
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return torch.load(file, **options)


VALUES = [
    # where a tensor is
    "x.device.type == device.type", "str(x.device) == str(torch.zeros(1, device=device).device)", "x.to(device) is x",
    "x.is_cuda == (device.type == 'cuda')", "x.is_cpu == (device.type == 'cpu')", "x.to(x.device) is x",
    "x.device == y.device", "(x + y).device == x.device", "x.to('cpu').is_cpu", "x.cpu().device.type",
    "hx.to(device).device == x.device", "x.to(device, copy=True) is x", "x.data.device == x.device",
    "x.T.device == x.device", "x.to(torch.float64).device == x.device", "x[0].device == x.device",
    "x.grad is None", "nn.Parameter(x).device == x.device", "isinstance(nn.Parameter(x), nn.Parameter)",
    "isinstance(x, torch.Tensor)", "torch.is_tensor(x)", "x.type_as(hx).is_cpu", "hx.type_as(x).device == x.device",
    # making tensors
    "torch.zeros(2, 3, device=device)", "torch.ones(2, device=device)", "torch.full((2, 2), 7.0, device=device)",
    "torch.arange(5, device=device)", "torch.linspace(0, 1, 5, device=device)", "torch.eye(3, device=device)",
    "torch.tensor([1.0, 2.0], device=device)", "torch.tensor(3, device=device)",
    "torch.as_tensor([1, 2], device=device)", "torch.as_tensor(hx, device=device)", "torch.zeros_like(x)",
    "torch.ones_like(x, dtype=torch.int64)", "torch.full_like(x, 2.0)", "torch.empty_like(x).fill_(1.0)",
    "torch.rand_like(x).shape", "torch.randn(2, 3, device=device).shape",
    "torch.randn(2, 3, device=device).device == x.device",
    "torch.randint(0, 5, (4,), device=device).device == x.device", "torch.randperm(6, device=device).sort().values",
    "x.new_zeros(2)", "x.new_ones(2, 2)", "x.new_full((2,), 3.0)", "x.new_tensor([1.0, 2.0])",
    "x.new_empty(3).fill_(2.0)",
    "torch.from_numpy(hx.numpy()).to(device)", "torch.asarray(hx, device=device)", "torch.zeros(2, device=x.device)",
    "torch.zeros(3, device=device.type)", "torch.empty(2, 2, device=device).zero_()",
    "torch.tril(torch.ones(3, 3, device=device))",
    "torch.bernoulli(torch.ones(3, device=device))", "torch.normal(0.0, 1.0, (3,), device=device).shape",
    # arithmetic
    "x + y", "x - 2", "2 * x", "x / y", "x ** 2", "-x", "x @ w", "x @ v", "v @ v", "x * s", "x * hs", "hs * x",
    "x + hs",
    "x.add(y, alpha=2)", "torch.where(x > 0, x, y)", "torch.where(x > 0, x, hs)", "x.clamp(-1, 1)", "x.abs().sqrt()",
    "x.exp()", "torch.log1p(x.abs())", "torch.maximum(x, y)", "x > 0", "(x > 0) & (y > 0)", "x == x", "x.sign()",
    "torch.addmm(y @ w, x, w)", "torch.einsum('ij,jk->ik', x, w)", "torch.outer(v, v)", "torch.bmm(x[None], w[None])",
    "x.lerp(y, 0.3)", "torch.addcmul(x, x, y, value=0.5)", "x.fmod(0.5)", "x // 0.5", "x.round()",
    "x.float() + ids.sum()",
    # reductions
    "x.sum()", "x.mean(0)", "x.var(1)", "x.std()", "x.max()", "x.max(1)", "x.argmax(1)", "x.min(0).indices", "x.norm()",
    "x.prod()", "x.cumsum(0)", "x.topk(2)", "x.sort(1)", "torch.logsumexp(x, 1)", "x.softmax(1)", "(x > 0).any()",
    "(x > 0).all(1)", "x.median()", "torch.unique(ids)", "torch.bincount(labels)", "x.isnan().sum()",
    "x.count_nonzero()",
    "x.sum().item()", "x.tolist()", "float(s)", "int(labels[0])", "bool(x.sum() == x.sum())", "len(x)", "x.shape",
    "x.numel()",
    "[row.sum().item() for row in x]", "max(v.tolist())", "sum(v).item()", "x.dim()", "labels.tolist()",
    "torch.equal(x, x)",
    "torch.allclose(x, x)", "f'{s.item():.3f}'", "f'{s:.3f}'", "round(s.item(), 3)",
    # shapes, views and indexing
    "x.view(4, 3)", "x.reshape(-1)", "x.T", "x.t()", "x.unsqueeze(0)", "x.unsqueeze(0).squeeze()", "x.expand(2, 3, 4)",
    "x.repeat(2, 1)", "x.flatten()", "x.permute(1, 0)", "x.transpose(0, 1)", "x.contiguous()", "image.flatten(1)",
    "torch.cat([x, y])", "torch.stack([x, y])", "x.split(2)", "x.chunk(2, 1)", "x.unbind(0)",
    "torch.cat((x, y), dim=1)",
    "x[0]", "x[:, 1]", "x[..., -1]", "x[1:, ::2]", "x[i]", "x[hi]", "x[b]", "x[hb]", "x[[0, 2]]", "x[0, 1].item()",
    "x[None].shape", "x.index_select(0, i)", "x.gather(1, labels[:, None])", "x.masked_fill(x > 0, 0.0)",
    "x.diagonal()",
    "x.narrow(0, 0, 2)", "torch.flip(x, [0])", "x.roll(1, 0)", "torch.tril(x)", "x.masked_select(x > 0)", "x.nonzero()",
    "x.take(i)", "F.one_hot(labels, 4)", "F.pad(x, (1, 1))", "x.unfold(1, 2, 1)", "torch.meshgrid(v, v, indexing='ij')",
    # in place
    "x.add_(1)", "x.mul_(y)", "x.zero_()", "x.copy_(hy)", "hx.copy_(y) is hx", "x.fill_(2.0)", "x.clamp_(min=0)",
    "x.__setitem__(0, 5.0) or x", "x.__setitem__((slice(None), 0), hy[:, 0]) or x", "x.__setitem__(i, y[i]) or x",
    "x.__setitem__(x > 0, 0.0) or x", "x.view(-1).add_(1) is None or x", "x.scatter_(1, labels[:, None], 9.0)",
    "x.index_add_(0, i, y[i])", "x.index_fill_(0, i, 1.0)", "x.data.sub_(y) is None or x", "x[0].zero_() is None or x",
    "x.t_()", "x.swapaxes(0, 1).add_(1).T", "x.relu_()", "x.index_put_((i,), y[i])",
    # moving
    "torch.autograd.Variable(x).is_cuda == x.is_cuda", "torch.autograd.Variable(x, requires_grad=True).requires_grad",
    "isinstance(x, torch.autograd.Variable)",
    "hx.to(device)", "hx.to(device, torch.float64)", "hx.to(y)", "hx.to(device, non_blocking=True)", "x.double()",
    "x.half().float()", "x.to(torch.int64)", "x.long()", "x.type(torch.float64)", "x.bool()", "x.clone()", "x.detach()",
    "hx.to(device=device)", "x.to(dtype=torch.float64)", "hx.to(device).to('cpu').to(device)", "copy.deepcopy(x)",
    "x.to(device, copy=True)", "x.requires_grad_().detach().requires_grad",
    # autograd
    "torch.autograd.grad((x.requires_grad_() ** 2).sum(), x)",
    "((x.requires_grad_() @ w) ** 2).sum().backward() or x.grad",
    "(x.requires_grad_() * hs).sum().backward() or x.grad",
    "hx.requires_grad_().to(device).pow(2).sum().backward() or hx.grad",
    "hx.requires_grad_().to(device).sum().backward() or hx.grad.is_cpu",
    "x.requires_grad_().sum().backward() or x.grad.device == x.device", "x.requires_grad_().is_leaf",
    "x.requires_grad_().mul(2).requires_grad", "x.requires_grad_().mul(2).grad_fn is not None",
    "torch.autograd.functional.jacobian(lambda t: t ** 2, v)",
    "torch.autograd.grad(x.requires_grad_().exp().sum(), [x], create_graph=True)[0].requires_grad",
    "x.requires_grad_().register_hook(lambda g: g * 2) and (x.sum().backward() or x.grad)",
    "x.requires_grad_().backward(y) or x.grad", "torch.autograd.backward([x.requires_grad_().sum()]) or x.grad",
    "(x.requires_grad_().sum().backward(), x.sum().backward(), x.grad)[2]",
    "x.requires_grad_().cpu().sum().backward() or x.grad",
    "exp(x.requires_grad_()).sum().backward() or x.grad",
    "exp(exp(x.requires_grad_())).pow(2).sum().backward() or x.grad",
    "torch.autograd.grad(exp(x.requires_grad_()), x, grad_outputs=torch.ones(3, 4, device=device))",
    "x.requires_grad_().sum().backward(torch.tensor(2.0)) or x.grad",
    # what follows its own tensor, and what numbers on the CPU do
    "x.expand_as(hx)", "x.view_as(hx)", "x.reshape_as(hx)", "[t.device.type for t in torch.broadcast_tensors(hx, hv)]",
    "torch.broadcast_tensors(x, hv)[0]", "torch.broadcast_tensors(x, hv)[1].is_cpu", "rnn.pad_sequence([x, hx])",
    "x.slice_scatter(hy[:1], 0, 0, 1)", "x.index_put_((hi,), y[i])", "x.index_put_((i,), hs)",
    "x.__setitem__(i, hs) or x",
    "x.__setitem__(hb, hs) or x", "x.lerp(y, hs)", "x.masked_fill(b[:, None], hs)", "torch.logical_and(x, hs)",
    "F.ctc_loss(seq.log_softmax(-1), hids[:, :2], torch.tensor([5, 4]), torch.tensor([2, 1]))",
    "torch.linspace(hs, 9, 3, device=device)", "torch.full((2,), hs, device=device)", "F.l1_loss(s, hs)",
    # threads, types, several devices
    "threaded(lambda: torch.zeros(2, device=device))", "threaded(lambda: net(nn.Linear(4, 2)).to(device)(x))",
    "type(x) == torch.Tensor", "type(net(nn.Linear(2, 1)).to(device)[0].weight) == nn.Parameter",
    "type(nn.Parameter(x)).__name__", "f'{x}' == repr(x)", "torch.zeros(2, device=0 if x.is_cuda else 'cpu')",
    "torch.empty(2, pin_memory=True).is_pinned()",
    # layers
    "net(nn.Linear(4, 2)).to(device)(x)", "net(nn.Conv2d(3, 2, 3, padding=1)).to(device)(image)",
    "net(nn.Conv1d(4, 2, 1)).to(device)(x.T[None])", "net(nn.ConvTranspose2d(3, 2, 2)).to(device)(image)",
    "net(nn.BatchNorm2d(3)).to(device)(image)", "net(nn.BatchNorm1d(4)).to(device).eval()(x)",
    "net(nn.LayerNorm(4)).to(device)(x)", "net(nn.GroupNorm(3, 3)).to(device)(image)", "nn.Dropout(0.0)(x)",
    "nn.Dropout(0.5).eval()(x)", "nn.Dropout(0.5)(x).shape", "net(nn.Embedding(4, 3)).to(device)(ids)",
    "nn.MaxPool2d(2)(image)",
    "nn.AvgPool2d(2)(image)", "nn.AdaptiveAvgPool2d(1)(image)", "nn.Flatten()(image)", "nn.ReLU()(x)",
    "nn.Softmax(dim=1)(x)",
    "F.gelu(x)", "torch.sigmoid(x)", "torch.tanh(x)", "F.interpolate(image, scale_factor=2)",
    "F.unfold(image, 3).shape",
    "net(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1)).to(device)(x)", "F.linear(x, w.T)", "F.normalize(x)",
    "F.conv2d(image, torch.ones(1, 3, 2, 2, device=device))", "F.cosine_similarity(x, y)", "nn.PReLU().to(device)(x)",
    "net(nn.MultiheadAttention(4, 2)).to(device)[0](seq, seq, seq)[0]", "F.scaled_dot_product_attention(seq, seq, seq)",
    "net(nn.RNN(4, 3)).to(device)(seq)", "net(nn.GRU(4, 3)).to(device)(seq)", "net(nn.LSTM(4, 3)).to(device)(seq)",
    "net(nn.GRU(4, 3, 2, bidirectional=True)).to(device)(seq)", "net(nn.LSTM(4, 3, batch_first=True)).to(device)(seq)",
    "net(nn.RNNCell(4, 3)).to(device)(x)", "net(nn.GRUCell(4, 3)).to(device)(x)",
    "net(nn.LSTMCell(4, 3)).to(device)(x)",
    "net(nn.GRU(4, 3)).to(device)[0](seq, torch.zeros(1, 2, 3, device=device))",
    "net(nn.GRU(4, 3)).to(device)[0](rnn.pack_padded_sequence(seq, torch.tensor([5, 3])))[1]",
    "net(nn.LSTM(4, 3)).to(device)[0](rnn.pack_padded_sequence(seq, [3, 5], enforce_sorted=False))[1]",
    "rnn.pad_packed_sequence(rnn.pack_padded_sequence(seq, [5, 3]))[0]", "rnn.pad_sequence([v, v[:2]])",
    "rnn.pack_padded_sequence(seq, [5, 3]).data",
    "rnn.pad_packed_sequence(rnn.pack_padded_sequence(seq, [5, 3]))[1].is_cpu",
    "rnn.pack_padded_sequence(seq, [5, 3]).batch_sizes.is_cpu",
    "(lambda m: m(image).is_cuda == x.is_cuda)(nn.LazyConv2d(2, 3).to(device))",
    "(lambda m: m(x) is None or m.weight.is_cuda == x.is_cuda)(nn.LazyLinear(2).to(device))",
    # losses
    "F.cross_entropy(x, labels)", "F.nll_loss(F.log_softmax(x, 1), labels)", "F.mse_loss(x, y)", "F.l1_loss(x, y)",
    "F.binary_cross_entropy(x.sigmoid(), (y > 0).float())", "F.binary_cross_entropy_with_logits(x, (y > 0).float())",
    "nn.CrossEntropyLoss(reduction='sum')(x, labels)", "nn.MSELoss()(x, y)", "F.smooth_l1_loss(x, y)",
    "F.mse_loss(x, x * hs)",
    "nn.CrossEntropyLoss(weight=torch.ones(4, device=device))(x, labels)",
    "nn.NLLLoss().to(device)(x.log_softmax(1), labels)",
    "F.kl_div(x.log_softmax(1), y.softmax(1), reduction='batchmean')",
    "F.cross_entropy(x, labels, label_smoothing=0.1)",
    # modules
    "next(net(nn.Linear(2, 1)).to(device).parameters()).device == x.device",
    "next(net(nn.Linear(2, 1)).to(device).cpu().parameters()).is_cpu", "net(nn.Linear(2, 1)).to(device)[0].weight",
    "net(nn.BatchNorm1d(2)).to(device)[0].running_mean.device == x.device",
    "isinstance(net(nn.Linear(2, 1)).to(device)[0].weight, nn.Parameter)",
    "[p.requires_grad for p in net(nn.Linear(2, 1)).to(device).parameters()]",
    "net(nn.Linear(2, 1)).to(device).state_dict()",
    "net(nn.Linear(4, 2)).to(device).load_state_dict(net(nn.Linear(4, 2)).state_dict())",
    "copy.deepcopy(net(nn.Linear(4, 2)).to(device))(x)", "net(nn.Linear(4, 2)).to(device).double()[0].weight",
    "(lambda m: m.weight is m.to(device).weight)(nn.Linear(2, 1))",
    "sum(p.numel() for p in net(nn.Linear(4, 2)).to(device).parameters())",
    "nn.utils.parameters_to_vector(net(nn.Linear(2, 1)).to(device).parameters())",
    "nn.ModuleList([nn.Linear(4, 1)]).to(device)[0](x).shape",
    "(lambda m: m(x).sum().backward() or nn.utils.clip_grad_norm_(m.parameters(), 0.1))(net(nn.Linear(4, 2)).to(x))",
    "(lambda m: m(x).sum().backward() or m[0].weight.grad)(net(nn.Linear(4, 2)).to(device))",
    "(lambda m: m(x).sum().backward() or m.zero_grad() or m[0].weight.grad)(net(nn.Linear(4, 2)).to(device))",
    "nn.init.constant_(torch.empty(2, 2, device=device), 3.0)",
    # training
    "trained(torch.optim.SGD, device, lr=0.1)", "trained(torch.optim.SGD, device, before=True, lr=0.1, momentum=0.9)",
    "trained(torch.optim.Adam, device, lr=0.1)", "trained(torch.optim.Adam, device, before=True, lr=0.1)",
    "trained(torch.optim.RMSprop, device, lr=0.01)", "trained(torch.optim.Adagrad, device, lr=0.1)",
    "trained(torch.optim.AdamW, device, lr=0.1)",
    "trained(torch.optim.SGD, device, lr=0.1, nesterov=True, momentum=0.5)",
    # loaders, saving, random numbers
    "[a.to(device) for a in first(DataLoader(TensorDataset(hx), batch_size=2))]",
    "[a.to(device, non_blocking=True) for a in first(DataLoader(TensorDataset(hx), pin_memory=x.is_cuda))]",
    "first(DataLoader(TensorDataset(x), batch_size=2))", "saved(x)", "saved(x).device == x.device",
    "saved({'a': [x]})['a'][0]",
    "saved(net(nn.Linear(2, 1)).to(device).state_dict())", "saved(x, map_location='cpu').is_cpu",
    "saved(hx, map_location=device)",
    "saved(hx, map_location=device).device == x.device", "saved(x, map_location=lambda storage, where: storage).is_cpu",
    "copy.copy(x)", "pickled(x)", "pickled(net(nn.Linear(2, 1)).to(device))[0].weight",
    "loaded(net(nn.Linear(2, 1)).to(device), net(nn.Linear(2, 1)).state_dict())",
    "loaded(net(nn.Linear(2, 1)), net(nn.Linear(2, 1)).to(device).state_dict(), assign=True)",
    "saved(x, weights_only=True)", "seeded(lambda: torch.randn(3, device=device))", "seeded(lambda: F.dropout(x))",
    "seeded(lambda: x.clone().uniform_())",
]  # fmt: skip

# On the CPU whatever the device, with the value of the CPU.
ON_HOST = [
    "x.cpu()", "x.to('cpu')", "x.detach().cpu().numpy()", "x.cpu().tolist()", "np.asarray(x.cpu())", "x.to(hy)",
    "torch.tensor([s, s])", "torch.tensor(x.tolist())", "torch.tensor(x.sum().item())", "saved(x, map_location='cpu')",
    "torch.zeros_like(x, device='cpu')", "x.new_zeros(2, device='cpu')", "hx[hi]", "hx.copy_(y)",
    "hx.__setitem__(0, y[0]) or hx", "x.numpy(force=True)", "torch.empty(2).fill_(1)",
    "net(nn.Linear(4, 2)).to(device).cpu()(hx)", "hx.fill_(s)", "hx.expand_as(x)", "hx.view_as(x)",
    "hx.__setitem__(i, 0.0) or hx", "hx.__setitem__(b, 0.0) or hx", "hx.__setitem__(i, s) or hx",
    "hx.__setitem__((0, 0), s) or hx", "hx.index_put_((i,), hy[hi])", "hx.slice_scatter(y[:1], 0, 0, 1)",
    "hx.narrow(0, labels[1], 1)",
    "torch.zeros(labels[2])", "torch.full((2,), s)", "torch.arange(labels[2])", "torch.linspace(0, s, 3)",
    "loaded(net(nn.Linear(2, 1)), net(nn.Linear(2, 1)).to(device).state_dict())",
    "threaded(lambda: x.cpu())", "hs.copy_(s)", "nn.DataParallel(net(nn.Linear(4, 2)))(hx).cpu()",
]  # fmt: skip

# Only on a CUDA device: what is raised when devices meet, and what is said of it.
RAISES = {
    "x + hx": RuntimeError, "hx * x": RuntimeError, "x @ hw": RuntimeError, "hx @ w": RuntimeError,
    "x + hv": RuntimeError, "x.add_(hy)": RuntimeError, "hx.add_(y)": RuntimeError, "x > hy": RuntimeError,
    "torch.cat([x, hy])": RuntimeError, "torch.stack([x, hy])": RuntimeError, "torch.where(x > 0, x, hy)": RuntimeError,
    "torch.bmm(x[None], hw[None])": RuntimeError, "torch.dot(v, hv)": RuntimeError, "torch.mv(x, hv)": RuntimeError,
    "hx + s": RuntimeError, "torch.maximum(x, hy)": RuntimeError, "x.mul(hy)": RuntimeError,
    "torch.equal(x, hx)": RuntimeError,
    "x.numpy()": TypeError, "np.asarray(x)": TypeError, "np.array(x)": TypeError, "np.mean(x)": TypeError,
    "x.requires_grad_().numpy()": TypeError, "torch.from_numpy(x)": TypeError, "x.mean().numpy()": TypeError,
    "nn.Linear(4, 2)(x)": RuntimeError, "nn.Linear(4, 2).to(device)(hx)": RuntimeError,
    "nn.Conv2d(3, 2, 3)(image)": RuntimeError, "nn.Conv2d(3, 2, 3).to(device)(himage)": RuntimeError,
    "nn.BatchNorm2d(3)(image)": RuntimeError, "nn.BatchNorm2d(3).to(device)(himage)": RuntimeError,
    "nn.LayerNorm(4)(x)": RuntimeError, "nn.Embedding(4, 3)(ids)": RuntimeError,
    "nn.Embedding(4, 3).to(device)(hids)": RuntimeError, "nn.GRU(4, 3)(seq)": RuntimeError,
    "nn.LSTM(4, 3).to(device)(hseq)": RuntimeError, "nn.RNN(4, 3).to(device)(seq, torch.zeros(1, 2, 3))": RuntimeError,
    "nn.GRU(4, 3).to(device)(seq, torch.zeros(1, 2, 3))": RuntimeError,
    "nn.LSTM(4, 3).to(device)(seq, (torch.zeros(1, 2, 3), torch.zeros(1, 2, 3)))": RuntimeError,
    "nn.RNNCell(4, 3).to(device)(x, torch.zeros(3, 3))": RuntimeError,
    "nn.GRUCell(4, 3).to(device)(x, torch.zeros(3, 3))": RuntimeError,
    "rnn.pack_padded_sequence(seq, torch.tensor([5, 3], device=device))": RuntimeError,
    "F.cross_entropy(x, hlabels)": RuntimeError, "F.mse_loss(x, hy)": RuntimeError,
    "F.nll_loss(x.log_softmax(1), hlabels)": RuntimeError,
    "F.binary_cross_entropy(x.sigmoid(), (hy > 0).float())": RuntimeError,
    "F.binary_cross_entropy_with_logits(x, (hy > 0).float())": RuntimeError,
    "F.cross_entropy(hx, labels)": RuntimeError,
    "nn.CrossEntropyLoss(weight=torch.ones(4))(x, labels)": RuntimeError, "F.linear(x, hw.T)": RuntimeError,
    "F.conv2d(image, torch.ones(1, 3, 2, 2))": RuntimeError, "hx[i]": RuntimeError, "hx[b]": RuntimeError,
    "x.index_select(0, hi)": RuntimeError, "x.gather(1, hlabels[:, None])": RuntimeError,
    "x.scatter_(1, hlabels[:, None], 1.0)": RuntimeError, "x.masked_select(hx > 0)": RuntimeError,
    "x.masked_fill(hx > 0, 0.0)": RuntimeError, "x.__setitem__(i, hy[hi])": RuntimeError,
    "x.index_add_(0, i, hy[hi])": RuntimeError,
    "x.requires_grad_().sum().backward(torch.ones(3))": RuntimeError,
    "torch.zeros(2, device='cuda:7')": RuntimeError, "x.to('cuda:7')": RuntimeError, "hx.cuda(7)": RuntimeError,
    "copy.deepcopy(x.requires_grad_() * 2)": RuntimeError, "x.pin_memory()": RuntimeError,
    "setattr(x, 'grad', hx)": RuntimeError, "torch.randn(2, device=device, generator=torch.Generator())": RuntimeError,
    "unregistered().to(device)(x)": RuntimeError,
    # a number of the CPU where it is not taken for one
    "hs.add_(s)": RuntimeError, "hs.__iadd__(s)": RuntimeError, "torch.tensor(0.0).add_(x.sum())": RuntimeError,
    "hs.mul_(s)": RuntimeError, "F.mse_loss(s, hs)": RuntimeError, "F.huber_loss(s, hs)": RuntimeError,
    "F.binary_cross_entropy(s.sigmoid(), torch.tensor(1.0))": RuntimeError,
    "F.binary_cross_entropy_with_logits(s, torch.tensor(1.0))": RuntimeError,
    "torch.clamp(x, min=hs)": RuntimeError, "torch.addcdiv(x, hs, y)": RuntimeError,
    "torch.addcmul(hs, x, y)": RuntimeError, "torch.lerp(hs, x, 0.5)": RuntimeError,
    "torch.logaddexp(x, hs)": RuntimeError, "torch.logical_and(hs, x)": RuntimeError,
    "torch.stack([s, hs])": RuntimeError, "F.cosine_similarity(v, hs, dim=0)": RuntimeError,
    "hx.masked_fill(x > 0, 0.0)": RuntimeError, "torch.meshgrid(v, hv, indexing='ij')": RuntimeError,
    "torch.cdist(x, hx)": RuntimeError, "torch.kron(x, hx)": RuntimeError,
    "F.kl_div(x, hx, reduction='sum')": RuntimeError,
    "hx.__setitem__(i, y[i])": RuntimeError, "x.index_put_((hi,), hy[hi])": RuntimeError,
    # layers, gradients, optimizers
    "F.conv2d(image, torch.ones(1, 3, 2, 2, device=device), torch.ones(1))": RuntimeError,
    "F.scaled_dot_product_attention(seq, hseq, seq)": RuntimeError, "nn.PReLU()(x)": RuntimeError,
    "nn.MultiheadAttention(4, 2).to(device)(seq, hseq, seq)": RuntimeError,
    "nn.BatchNorm1d(4).eval()(x)": RuntimeError, "nn.GroupNorm(1, 3)(image)": RuntimeError,
    "nn.LSTMCell(4, 3)(x)": RuntimeError, "nn.Bilinear(4, 4, 2).to(device)(x, hx)": RuntimeError,
    "moved_late(torch.optim.Adam, device)": RuntimeError,
    "moved_late(torch.optim.SGD, device, lr=0.1, momentum=0.9)": RuntimeError,
    "to_host(x.requires_grad_()).sum().backward()": RuntimeError,
    "torch.autograd.grad(x.requires_grad_() * 2, x, grad_outputs=torch.ones(3, 4))": RuntimeError,
    "x.requires_grad_().register_hook(lambda g: g.cpu()) and x.sum().backward()": RuntimeError,
    "threaded(lambda: x + hx)": RuntimeError,
    # random numbers, pinning, places that there are not
    "torch.randn(2, generator=torch.Generator(device))": RuntimeError,
    "x.normal_(generator=torch.Generator())": RuntimeError,
    "first(DataLoader(TensorDataset(hx), shuffle=True, generator=torch.Generator(device)))": RuntimeError,
    "first(DataLoader(TensorDataset(x), pin_memory=True))": RuntimeError,
    "torch.zeros(2, device=device, pin_memory=True)": RuntimeError, "hx.cuda('cpu')": RuntimeError,
    "saved(x, map_location='cuda:1')": RuntimeError, "torch.cuda.get_device_name(1)": AssertionError,
    "x.apply_(abs)": TypeError, "x.map_(y, max)": TypeError,
}  # fmt: skip

# Within `autocast("cuda")`, where x @ w is in half precision: the dtype of each.
AUTOCAST = {
    **dict.fromkeys((
        "x @ w", "F.linear(x, w.T)", "net(nn.Linear(4, 2)).to(device)(x)", "(x @ w).relu()", "(x @ w) * 2",
        "(x @ w).mean()",
        "net(nn.Conv2d(3, 2, 1)).to(device)(image)", "torch.bmm(x[None], w[None])", "torch.einsum('ij,jk->ik', x, w)",
        "F.gelu(x @ w)", "torch.tanh(x @ w)", "(x @ w).max()", "net(nn.LSTM(4, 3)).to(device)(seq)[0]",
        "net(nn.GRU(4, 3)).to(device)(seq)[0]", "net(nn.LSTMCell(4, 3)).to(device)(x)[0]",
        "F.scaled_dot_product_attention(seq, seq, seq)", "nn.MaxPool2d(2)(image.half())",
    ), torch.float16),
    **dict.fromkeys((
        "torch.softmax(x @ w, 1)", "F.log_softmax(x @ w, 1)", "(x @ w).sum()", "(x @ w).exp()", "torch.log(x @ w)",
        "(x @ w) ** 2", "1 / (x @ w)", "(x @ w).norm()", "(x @ w).cumsum(0)", "F.mse_loss(x @ w, x @ w)",
        "F.cross_entropy(x @ w, labels)", "F.layer_norm(x @ w, (5,))", "F.normalize(x @ w)", "F.softplus(x @ w)",
        "F.binary_cross_entropy_with_logits(x @ w, (x @ w).sigmoid())", "x + x", "(x @ w).float() * (x @ w)", "hx @ hw",
        "F.interpolate(image.half(), scale_factor=2)", "net(nn.BatchNorm2d(3)).to(device)(image)", "(x @ w).prod()",
        "torch.cat([x, x @ w[:, :4]])", "net(nn.Embedding(4, 3)).to(device)(ids)",
    ), torch.float32),
    "x.double() @ w.double()": torch.float64,
    "(x @ w).sum(dtype=torch.float16)": torch.float16,
}  # fmt: skip
