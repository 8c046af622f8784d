"""What an exception about devices means: which tensor is on the CPU while the rest is on the GPU, or the other way."""

from __future__ import annotations

import re

from dlex.course.text import Text
from dlex.protocol import wire

# What CUDA says (older and newer words of it), and what it tells a learner.
SAYINGS: tuple[tuple[str, Text, Text], ...] = (
    (r"at least two devices.*checking argument for argument (?P<name>[\w#]+) in method (?P<function>[\w.]+)", Text(
        en="`{name}` of `{function}` is not on the device where the rest is",
        zh="`{function}` 的参数 `{name}` 与其余张量不在同一设备上"), Text(
        en="Move it with `.to(device)`, or make it with `device=x.device`.",
        zh="用 `.to(device)` 移动它，或创建时写 `device=x.device`。")),
    (r"same device, but got (?P<name>\w+) is on (?P<place>[\w:]+), different from", Text(
        en="`{name}` is on {place}, the rest is not", zh="`{name}` 在 {place} 上，其余张量不在"), Text(
        en="Move it with `.to(device)`, or make it with `device=x.device`.",
        zh="用 `.to(device)` 移动它，或创建时写 `device=x.device`。")),
    (r"Input and hidden tensors are not at the same device.*hidden tensor at (?P<place>[\w:]+)", Text(
        en="The hidden state is on {place}, the input is not", zh="隐藏状态在 {place} 上，而输入不在"), Text(
        en="Make the zeros where the input is: `device=input.device`.",
        zh="在输入所在的设备上创建零张量：`device=input.device`。")),
    (r"Input and parameter tensors are not at the same device.*parameter tensor at (?P<place>[\w:]+)", Text(
        en="The weights are on {place}, the input is not", zh="权重在 {place} 上，而输入不在"), Text(
        en="Bring model and batch to the same device.", zh="请把模型和批次放到同一设备上。")),
    (r"Input type \(torch\.\w*Tensor\) and weight type \(torch\.cuda", Text(
        en="The input is on the CPU, the weights are on the GPU", zh="输入在 CPU 上，权重在 GPU 上"), Text(
        en="Move the batch: `x = x.to(device)`.", zh="请移动批次：`x = x.to(device)`。")),
    (r"Input type \(torch\.cuda\.\w*Tensor\) and weight type", Text(
        en="The weights are on the CPU, the input is on the GPU", zh="权重在 CPU 上，输入在 GPU 上"), Text(
        en="Move the model, and keep its layers where `nn.Module` finds them: as attributes or in `nn.ModuleList`.",
        zh="请移动模型；各层要作为属性或放进 `nn.ModuleList`，`nn.Module` 才能找到它们。")),
    (r"Input type \(torch\.\S+\) and bias type", Text(
        en="The bias is not on the device where input and weights are", zh="偏置与输入、权重不在同一设备上"), Text(
        en="Make it a parameter of the module, so that `.to(device)` moves it too.",
        zh="把它设为模块的参数，`.to(device)` 才会一并移动它。")),
    (r"Expected a '(?P<wanted>\w+)' device type for generator", Text(
        en="The random generator is not one of {wanted}", zh="随机数生成器不属于 {wanted}"), Text(
        en="Make it where the numbers are made: `torch.Generator(device=...)`; a loader shuffles on the CPU.",
        zh="在产生随机数的设备上创建它：`torch.Generator(device=...)`；数据加载器在 CPU 上打乱顺序。")),
    (r"cannot pin '|dense CPU tensors can be pinned", Text(
        en="Only tensors on the CPU can be pinned", zh="只有 CPU 上的张量可以锁页"), Text(
        en="Keep the data set on the CPU and move each batch, or leave `pin_memory` out.",
        zh="让数据集留在 CPU 上、逐批移动，或去掉 `pin_memory`。")),
    (r"invalid device ordinal|Invalid device id|on CUDA device \d+ but torch\.cuda\.device_count", Text(
        en="The code asks for a GPU with a number that is not here", zh="代码要使用的 GPU 编号不存在"), Text(
        en="Say `cuda` without a number.", zh="写 `cuda`，不要带编号。")),
    (r"(gradient|hook).*(expected device|has changed the type)|assign a gradient with device type", Text(
        en="A gradient is not on the device of its tensor", zh="梯度与它的张量不在同一设备上"), Text(
        en="Make it where the tensor is, or bring it there: `grad.to(x.device)`.",
        zh="在张量所在的设备上创建它，或移过去：`grad.to(x.device)`。")),
    (r"indices should be either on cpu or on the same device", Text(
        en="The index is on the GPU, what it picks from is on the CPU", zh="下标在 GPU 上，被取的张量在 CPU 上"), Text(
        en="Bring both to one device.", zh="请把二者放到同一设备上。")),
    (r"same device\b|expected a CUDA device but found cpu|CPU [Ss]calar|have (cuda|cpu)(:\d+)? Device", Text(
        en="Two tensors in this line are on different devices", zh="这一行里的两个张量在不同的设备上"), Text(
        en="Print `.device` of each, and move the one that was left behind.",
        zh="打印每个张量的 `.device`，移动落下的那一个。")),
    (r"can't convert cuda:\d+ device type tensor to numpy", Text(
        en="numpy cannot read a tensor on the GPU", zh="numpy 不能读取 GPU 上的张量"), Text(
        en="Bring it back first: `.detach().cpu().numpy()`.", zh="请先取回：`.detach().cpu().numpy()`。")),
    (r"lengths. argument should be a 1D CPU int64 tensor", Text(
        en="The lengths of a packed sequence must be on the CPU", zh="打包序列的长度必须在 CPU 上"), Text(
        en="Write `seq_lengths.cpu()` there, and leave the rest on the device.",
        zh="在那里写 `seq_lengths.cpu()`，其余张量留在设备上。")),
    (r"Torch not compiled with CUDA enabled|No CUDA GPUs are available|Found no NVIDIA driver", Text(
        en="The code asks for a GPU, and there is none", zh="代码要使用 GPU，而这里没有"), Text(
        en="Choose the device: `torch.device('cuda' if torch.cuda.is_available() else 'cpu')`, and `.to(device)`.",
        zh="请选择设备：`torch.device('cuda' if torch.cuda.is_available() else 'cpu')`，再 `.to(device)`。")),
)  # fmt: skip


def explain(reply: wire.Raised) -> tuple[Text, Text] | None:
    """What the exception says of devices, and what to do; None if it is of something else."""
    for pattern, told, advice in SAYINGS:
        found = re.search(pattern, reply.message[:2000])
        if found is not None:
            return told.format(**{k: v[:60] for k, v in found.groupdict().items()}), advice
    return None
