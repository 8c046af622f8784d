"""What a learner's exception usually means: the class, a part of its message, and what to look at."""

from __future__ import annotations

from collections.abc import Sequence

from dlex.course.text import Text

# The first that fits is told.
ADVICE: tuple[tuple[str, str, Text], ...] = (
    ("AttributeError", "before Module.__init__() call", Text(
        en="Call `super().__init__()`, with both pairs of brackets, first in your `__init__`.",
        zh="请在 `__init__` 中最先调用 `super().__init__()`，两对括号都要写。")),
    ("RuntimeError", "does not require grad", Text(
        en="The value is cut off from its graph: look for `.detach()`, `.data`, `.item()` or `torch.tensor(...)`.",
        zh="这个值脱离了计算图：检查 `.detach()`、`.data`、`.item()` 或 `torch.tensor(...)`。")),
    ("RuntimeError", "backward through the graph a second time", Text(
        en="A value of the last step is still in the graph: make it new in each step, or detach it.",
        zh="上一步的值还留在计算图里：每一步重新创建它，或者 detach。")),
    ("RuntimeError", "leaf Variable that requires grad", Text(
        en="Update parameters inside `with torch.no_grad():`.",
        zh="请在 `with torch.no_grad():` 中更新参数。")),
    ("RuntimeError", "expected scalar type", Text(
        en="Two dtypes meet: compare the dtype of the data with that of the parameters.",
        zh="出现了两种 dtype：请比较数据与参数的 dtype。")),
    ("RuntimeError", "must have the same dtype", Text(
        en="Two dtypes meet: compare the dtype of the data with that of the parameters.",
        zh="出现了两种 dtype：请比较数据与参数的 dtype。")),
    ("IndexError", "invalid index of a 0-dim tensor", Text(
        en="`loss.data[0]` is the way of PyTorch 0.3: write `loss.item()`.",
        zh="`loss.data[0]` 是 PyTorch 0.3 的写法：请用 `loss.item()`。")),
    ("RuntimeError", "shapes cannot be multiplied", Text(
        en="Print both shapes just before this line: the inner sizes of a matrix product must agree.",
        zh="在这一行之前打印两个形状：矩阵乘法的内侧维度必须相同。")),
    ("RuntimeError", "Sizes of tensors must match except in dimension", Text(
        en="The parts differ in a dimension that `torch.cat` does not join: compare their shapes.",
        zh="各部分在 `torch.cat` 不拼接的维度上大小不同：请比较它们的形状。")),
    ("RuntimeError", "only one element tensors can be converted", Text(
        en="A whole tensor stands where one number is needed: reduce it first, by its mean or its sum.",
        zh="这里需要一个数，却得到了整个张量：请先用 mean 或 sum 归约。")),
    ("ValueError", "Using a target size", Text(
        en="Prediction and label differ in shape: bring both to the same one.",
        zh="预测与标签的形状不同：请把二者变成同样的形状。")),
    ("EOFError", "", Text(
        en="The attempt cannot ask for input: take `input()` out.", zh="评测时不能输入：请去掉 `input()`。")),
    ("SystemExit", "", Text(en="Take `exit()` out of the file.", zh="请去掉文件中的 `exit()`。")),
    ("ModuleNotFoundError", "", Text(
        en="Use only what is installed: torch, numpy and matplotlib.",
        zh="请只使用已安装的库：torch、numpy、matplotlib。")),
    ("URLError", "", Text(en="There is no network while grading: read the data that came with the exercise.",
                          zh="评测时没有网络：请读取练习自带的数据。")),
    ("gaierror", "", Text(en="There is no network while grading: read the data that came with the exercise.",
                          zh="评测时没有网络：请读取练习自带的数据。")),
    ("FileNotFoundError", "", Text(
        en="Use the path that the function is given; an attempt sees only its own folder and the course's data.",
        zh="请使用传入函数的路径；评测时只能看到自己的文件夹和课程数据。")),
    ("PermissionError", "", Text(
        en="An attempt may write only to its own temporary folder, and read its own folder and the course's data.",
        zh="评测时只能写入自己的临时文件夹，只能读取自己的文件夹和课程数据。")),
    ("RecursionError", "", Text(
        en="A function calls itself without end: in a module, call `super().forward` or the layer, not `self`.",
        zh="函数无限地调用自己：请检查递归的出口。")),
    ("NotImplementedError", "missing the required \"forward\"", Text(
        en="Your module has no `forward`: is it spelt so, and indented inside the class?",
        zh="你的模块没有 `forward`：检查拼写，以及是否缩进在类里面。")),
    ("AttributeError", "'NoneType' object has no attribute", Text(
        en="Something is None here: does a function lack its `return`?",
        zh="这里的值是 None：是不是某个函数忘了 `return`？")),
    ("AttributeError", "object has no attribute", Text(
        en="It has no such name: is it spelt right, and, if the class is yours, made in its `__init__`?",
        zh="它没有这个名字：拼写是否正确？如果是你自己的类，是否在 `__init__` 中创建了它？")),
    ("NameError", "is not defined", Text(
        en="The name is used before it is made, or spelt in another way.",
        zh="这个名字在创建之前被使用，或拼写不一致。")),
    ("UnboundLocalError", "", Text(
        en="The name gets its value only later in the function, or only in one branch.",
        zh="这个名字在函数后面才赋值，或只在某个分支里赋值。")),
    ("IndexError", "index out of range in self", Text(
        en="An index is outside the embedding table: they run from 0 to num_embeddings - 1.",
        zh="下标超出了嵌入表：有效范围是 0 到 num_embeddings - 1。")),
    ("IndexError", "Target", Text(
        en="A label is outside the classes: C logits take labels from 0 to C - 1.",
        zh="标签超出了类别范围：C 个 logits 对应的标签是 0 到 C - 1。")),
    ("IndexError", "Dimension out of range", Text(
        en="The tensor has fewer dimensions than that: print its shape.", zh="张量没有这么多维：请打印它的形状。")),
    ("IndexError", "out of ", Text(
        en="The index is past the end: the last one is the size minus one.", zh="下标越界：最后一个下标是大小减一。")),
    ("RuntimeError", "Expected hidden", Text(
        en="The hidden state has the shape (layers * directions, batch, hidden_size), also with batch_first.",
        zh="隐藏状态的形状是（层数 × 方向数, 批次, hidden_size），batch_first 时也一样。")),
    ("RuntimeError", "input.size(-1) must be equal to input_size", Text(
        en="The last dimension of the input is not the input_size of the layer: compare both.",
        zh="输入的最后一维与该层的 input_size 不同：请比较两者。")),
    ("RuntimeError", "must match the size of tensor", Text(
        en="Two shapes do not fit each other: print both just before this line.",
        zh="两个形状不匹配：在这一行之前打印它们。")),
    ("RuntimeError", "is invalid for input of size", Text(
        en="The sizes of a view must multiply to the number of values: keep the batch, and count the rest.",
        zh="view 的各个大小相乘必须等于元素个数：保留批次，再计算其余的大小。")),
    ("ValueError", "to match target batch_size", Text(
        en="There are as many rows of logits as labels are needed: flatten both in the same way.",
        zh="logits 的行数要与标签的个数相同：请用同样的方式展平。")),
    ("RuntimeError", "target tensor expected", Text(
        en="Cross entropy takes the labels as whole numbers of shape (N,), not as columns or one-hot rows.",
        zh="交叉熵的标签应是形状 (N,) 的整数，而不是列向量或 one-hot。")),
    ("RuntimeError", "expected input", Text(
        en="The channels that arrive are not those that the layer was made for: compare with the layer before.",
        zh="到达的通道数与该层的设定不同：请与前一层比较。")),
    ("RuntimeError", "Calculated padded input size", Text(
        en="The picture has become smaller than the kernel: print the shape before this layer.",
        zh="图像已经比卷积核小：在这一层之前打印形状。")),
    ("RuntimeError", "must be sorted in decreasing order", Text(
        en="Packing wants the longest sequence first: sort, or say `enforce_sorted=False`.",
        zh="打包要求最长的序列在前：先排序，或写 `enforce_sorted=False`。")),
    ("RuntimeError", "greater than 0", Text(
        en="A sequence has the length 0: there is nothing to pack.", zh="有长度为 0 的序列：无法打包。")),
    ("TypeError", "must be Tensor, not NoneType", Text(
        en="None stands where a tensor is needed: does a function lack its `return`?",
        zh="需要张量的地方是 None：是不是某个函数忘了 `return`？")),
    ("TypeError", "must be Tensor, not", Text(
        en="A tensor is needed here, and something else is given: look at the order of the arguments.",
        zh="这里需要张量，给的却是别的：检查参数的顺序。")),
    ("TypeError", "is not callable", Text(
        en="This is a value, not a function: is it called by mistake, or is a name used twice?",
        zh="这是一个值而不是函数：是否误加了括号，或名字重复了？")),
    ("TypeError", "not iterable", Text(
        en="One value stands where several are taken apart.", zh="只有一个值，却要拆成几个。")),
    ("TypeError", "not subscriptable", Text(
        en="This has no parts to pick with `[...]`.", zh="它没有可以用 `[...]` 取的部分。")),
    ("TypeError", "unsupported operand", Text(
        en="Two things of different kinds are combined: print the type of each.",
        zh="两个不同种类的值被放在一起运算：请打印各自的类型。")),
    ("ValueError", "values to unpack", Text(
        en="There are not as many parts as names: print what comes, and its length.",
        zh="拆出的个数与变量个数不同：请打印得到的值和它的长度。")),
    ("KeyError", "", Text(en="There is no such key: print the keys.", zh="没有这个键：请打印全部的键。")),
    ("ZeroDivisionError", "", Text(
        en="The divisor is 0: what was never counted, or is empty?", zh="除数为 0：什么没有计数，或是空的？")),
)  # fmt: skip


def advice_for(bases: Sequence[str], message: str) -> Text | None:
    """What to look at for an exception of these classes with this message; None if nothing is known."""
    return next((text for kind, part, text in ADVICE if kind in bases and part in message), None)
