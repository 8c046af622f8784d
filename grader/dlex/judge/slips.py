"""Everyday slips, told in the learner's words.  A reason stands here only if what Python or torch say implies it.

A row is known by the exception's class, by what it says, and where that leaves doubt also by the line of code; the
named groups of both patterns fill the words.  `advice.py` knows what the rest usually means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from dlex.course.text import Text
from dlex.kit.uncalled import LAYER_ITSELF, LAYERS

# What an input method types for a sign of Python, beside the full-width form of ASCII itself.
SIGNS = {
    "。": ".", "、": ",", "“": '"', "”": '"', "‘": "'", "’": "'", "【": "[", "】": "]", "《": "<", "》": ">",
    "—": "-", "–": "-", "−": "-", "×": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "…": "...",
}  # fmt: skip
SIGNS |= {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "optim": "from torch import optim",
    "F": "import torch.nn.functional as F",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "plt": "import matplotlib.pyplot as plt",
    "math": "import math",
    "os": "import os",
    "random": "import random",
    "copy": "import copy",
    "time": "import time",
    "Path": "from pathlib import Path",
    "Dataset": "from torch.utils.data import Dataset",
    "DataLoader": "from torch.utils.data import DataLoader",
    "TensorDataset": "from torch.utils.data import TensorDataset",
}
METHODS = (
    "parameters|named_parameters|children|modules|state_dict|size|dim|numel|item|detach|clone|numpy|cpu|tolist|t|view|"
    "sum|mean|max|min|exp|log|abs|sqrt|tanh|relu|sigmoid|float|double|long|int|backward|items|keys|values|split|strip"
)
UNCALLED = rf"(?P<call>\b\w[\w.]*\.(?:{METHODS})\b)(?!\s*\()"
FUNCTION = r"'(?:builtin_function_or_method|builtin_method|method|method_descriptor|function|method-wrapper)'"
AS_A_VALUE = (
    rf"{FUNCTION} object (?:is not (?:iterable|subscriptable)|has no attribute|does not support)"
    rf"|object of type {FUNCTION} has no len|unsupported operand.*{FUNCTION}"
    r"|must be \w+, not (?:builtin_function_or_method|method|function)\b"
)
AMBIGUOUS = "Boolean value of Tensor|truth value of an array"
ONE_NUMBER = (
    "only one element tensors|only 0-dimensional arrays|only (?:size|length)-1 arrays|cannot be converted to Scalar"
)

BRACKETS = Text(
    en="`{call}` is a function: a pair of brackets is missing, `{call}()`.",
    zh="`{call}` 是函数，少了一对括号：应写 `{call}()`。",
)
NOT_CALLED = Text(
    en="A function stands here where its result is needed: a pair of brackets `()` is missing behind its name.",
    zh="这里需要函数的结果，写的却是函数本身：名字后面少了一对括号 `()`。",
)
MADE_FIRST = Text(
    en="`nn.{layer}` is a class: make the module first, then call it: `nn.{layer}()(...)`.",
    zh="`nn.{layer}` 是类：先创建模块，再调用它：`nn.{layer}()(...)`。",
)
NEAREST = Text(en="Did you mean `{near}`?", zh="是不是想写 `{near}`？")
LACKS_RETURN = Text(
    en="None takes part in this line: does a function lack its `return`, or print its result instead of returning it?",
    zh="这一行里有 None：是不是某个函数忘了 `return`，或者只 print 了结果而没有返回？",
)
NO_GRADIENT = Text(
    en="`.grad` is None until `backward()` has reached a tensor that requires grad: is the order right, and "
    "`requires_grad=True` set?",
    zh="在 `backward()` 到达之前，以及对不需要梯度的张量，`.grad` 都是 None：请检查顺序和 `requires_grad=True`。",
)


@dataclass(frozen=True)
class Slip:
    """A row: `text` is told of an exception of class `kind` if `said` is in its message and `code` in its line."""

    kind: str
    said: str
    text: Text
    code: str = ""


# The first that fits is told.  What a group must be beside what its pattern says stands in `MEANT`.
SLIPS: tuple[Slip, ...] = (
    Slip("SyntaxError", r"invalid character '(?P<sign>.)'", Text(
        en="`{sign}` is a full-width (Chinese) sign: type `{ascii}` instead, with the input method set to English.",
        zh="`{sign}` 是中文（全角）标点：请切换到英文输入法，改成 `{ascii}`。")),
    Slip("SyntaxError", r"invalid non-printable character U\+(?:3000|00A0|2003|2002)", Text(
        en="There is a full-width blank in this line: delete it, and type an ordinary one.",
        zh="这一行有一个全角空格（或不间断空格）：请删去它，改成普通的英文空格。")),
    Slip("SyntaxError", "unterminated string", Text(
        en="`{sign}` is a full-width (Chinese) sign and closes no string: type `{ascii}` instead.",
        zh="`{sign}` 是中文（全角）标点，不能结束字符串：请改成 `{ascii}`。"),
        r"(?P<sign>[“”‘’＂＇])[\s)\]},:;]*$"),
    Slip("SyntaxError", "invalid syntax", Text(
        en="Python has no `{sign}`: write `{name} {op}= 1`.", zh="Python 没有 `{sign}`：请写 `{name} {op}= 1`。"),
        r"^(?P<name>\w+)(?P<sign>(?P<op>[+-])(?P=op));?$"),
    Slip("TabError", "", Text(
        en="Tabs and spaces are mixed: indent with four spaces, and never with tabs.",
        zh="缩进混用了 Tab 和空格：请统一用四个空格，不要用 Tab。")),
    Slip("IndentationError", "unexpected indent", Text(
        en="This line is indented further than the one before it, which opens no block.",
        zh="这一行比上一行缩进得更多，而上一行并没有开始新的代码块。")),
    Slip("IndentationError", "expected an indented block", Text(
        en="What belongs to the line with the colon must be indented by four spaces.",
        zh="属于上面带冒号那一行的语句，必须缩进四个空格。")),
    Slip("IndentationError", "unindent does not match", Text(
        en="This line begins under none of the blocks around it: compare its blanks with those of the lines above.",
        zh="这一行的缩进与外面任何一层都对不齐：请与上面各行的空格数比较。")),
    Slip("NameError", r"name '(?P<missing>\w+)' is not defined", Text(
        en="It is not imported: put `{statement}` at the top of the file.",
        zh="还没有导入：请在文件开头写 `{statement}`。")),
    Slip("TypeError", "descriptor '__init__' of 'super' object", Text(
        en="Brackets are missing behind `super`: `super().__init__()`.",
        zh="`super` 后面少了一对括号：`super().__init__()`。")),
    Slip("AttributeError", "'super' object has no attribute '_*ini?t_*'", Text(
        en="It is `super().__init__()`, with two underscores on each side.",
        zh="应写 `super().__init__()`：两边各有两个下划线。")),
    Slip("TypeError", r"(?P<layer>\w+)\.__init__\(\) takes 1 positional argument but", MADE_FIRST, r"{layer}\("),
    Slip("RuntimeError", AMBIGUOUS, MADE_FIRST, r"\b(?P<layer>\w+Loss)\(\s*(?!\)|\w+\s*=[^=])"),
    Slip("AttributeError", r"'(?P<layer>\w+)' object has no attribute '(?P<of_tensor>\w+)'", LAYER_ITSELF),
    Slip("TypeError", r"must be (?:Tensor|tuple of Tensors), not (?P<layer>\w+)", LAYER_ITSELF),
    Slip("TypeError", r"unsupported operand.*'(?P<layer>(?!Tensor')[A-Z]\w+)'", LAYER_ITSELF),
    Slip("TypeError", r"'[A-Z]\w*' object is not iterable", Text(
        en="An optimizer takes the parameters, not the model: `{given}.parameters()`.",
        zh="优化器需要的是参数，而不是模型：`{given}.parameters()`。"),
        r"\b(?:SGD|Adam|AdamW|RMSprop|Adagrad|Adamax|ASGD|Rprop|LBFGS|Adadelta)\(\s*(?:params\s*=\s*)?(?P<given>[\w.]+)\s*[,)]"),
    Slip("TypeError", r"'(?P<layer>\w+)' object is not (?:subscriptable|iterable)", LAYER_ITSELF),
    Slip("TypeError", AS_A_VALUE, BRACKETS, UNCALLED),
    Slip("AttributeError", AS_A_VALUE, BRACKETS, UNCALLED),
    Slip("TypeError", AS_A_VALUE, NOT_CALLED),
    Slip("AttributeError", AS_A_VALUE, NOT_CALLED),
    Slip("TypeError", "'torch.Size' object is not callable", Text(
        en="`shape` is no function: write `x.shape[0]`, or `x.size(0)`.",
        zh="`shape` 不是函数：请写 `x.shape[0]` 或 `x.size(0)`。"), r"\.shape\("),
    Slip("TypeError", "'module' object is not callable", Text(
        en="This is a whole module of Python: name the function or class in it that you mean.",
        zh="这是整个 Python 模块：请写出其中要用的函数或类。")),
    Slip("TypeError", r"torch\.nn\.modules\.[\w.]*\.(?P<layer>\w+) is not a Module subclass", Text(
        en="Brackets are missing: `nn.{layer}` is the class, `nn.{layer}(...)` makes the module.",
        zh="少了括号：`nn.{layer}` 是类，`nn.{layer}(...)` 才创建模块。")),
    Slip("TypeError", "^(?:list|tuple) is not a Module subclass", Text(
        en="`nn.Sequential` takes the modules one by one: `nn.Sequential(*layers)`.",
        zh="`nn.Sequential` 要逐个给出模块：`nn.Sequential(*layers)`。")),
    Slip("TypeError", "is not a Module subclass", Text(
        en="What is put together here must be modules, such as `nn.ReLU()`, and no functions or values.",
        zh="这里只能组合模块，例如 `nn.ReLU()`，不能是函数或值。")),
    Slip("TypeError", r"argument '(?:tensors|input)' .*must be tuple of Tensors, not Tensor", Text(
        en="The parts go into one list: `torch.cat([a, b], dim=...)`.",
        zh="各部分要放进一个列表：`torch.cat([a, b], dim=...)`。")),
    Slip("RuntimeError", AMBIGUOUS, Text(
        en="Python's `{function}` takes single numbers; for tensors: `torch.clamp`, `torch.{function}imum`.",
        zh="Python 的 `{function}` 只能比较单个的数：对张量请用 `torch.clamp` 或 `torch.{function}imum`。"),
        r"^(?!if\b|elif\b|while\b|assert\b).*(?<![\w.])(?P<function>max|min)\("),
    Slip("ValueError", AMBIGUOUS, Text(
        en="Python's `{function}` takes single numbers; for arrays: `np.clip`, `np.{function}imum`.",
        zh="Python 的 `{function}` 只能比较单个的数：对数组请用 `np.clip` 或 `np.{function}imum`。"),
        r"^(?!if\b|elif\b|while\b|assert\b).*(?<![\w.])(?P<function>max|min)\("),
    Slip("Exception", AMBIGUOUS, Text(
        en="One True or False is needed here, as by `if`, `while`, `and`, `or` and `not`, and there are many values.",
        zh="这里需要一个 True 或 False（例如 `if`、`while`、`and`、`or`、`not`），却有许多值。")),
    Slip("Exception", ONE_NUMBER, Text(
        en="`math.{function}` takes one number: for a tensor write `torch.{function}`.",
        zh="`math.{function}` 只能计算一个数：对张量请用 `torch.{function}`。"),
        r"(?<!\w)math\.(?P<function>\w+)\("),
    Slip("ValueError", "optimizer got an empty parameter list", Text(
        en="The model has no parameters: is each layer an attribute of the module, or in `nn.ModuleList`? A plain "
        "Python list hides its layers.",
        zh="模型没有参数：每一层是否都是模块的属性，或放在 `nn.ModuleList` 里？普通的 Python 列表会隐藏其中的层。")),
    Slip("AttributeError", r"torch\.return_types\.(?P<function>\w+)' object", Text(
        en="`{function}` with a dimension gives two things: `values, indices = x.{function}(dim=...)`.",
        zh="`{function}` 给出维度时返回两样东西：`values, indices = x.{function}(dim=...)`。")),
    Slip("AttributeError", r"'tuple' object has no attribute '(?P<of_tensor>\w+)'", Text(
        en="This is a tuple of several values: take them apart, as in `out, hidden = rnn(x)`.",
        zh="这是由几个值组成的元组：请把它们拆开，例如 `out, hidden = rnn(x)`。")),
    Slip("AttributeError", r"'(?P<kind>list|numpy\.ndarray)' object has no attribute '(?P<of_tensor>\w+)'", Text(
        en="This is a `{kind}`, and no tensor: `torch.as_tensor(...)` makes one of it.",
        zh="这是 `{kind}`，不是张量：可以用 `torch.as_tensor(...)` 转换。")),
    Slip("AttributeError", "'(?:float|int)' object has no attribute '(?:backward|item|detach)'", Text(
        en="This is a plain number already, without a graph: was `.item()` or `float(...)` used too early?",
        zh="这已经是普通的数，没有计算图：是不是过早用了 `.item()` 或 `float(...)`？")),
    Slip("AttributeError", "'NoneType' object has no attribute", NO_GRADIENT, r"\.grad\b(?!_|\s*=[^=])"),
    Slip("TypeError", "unsupported operand.*'NoneType'", NO_GRADIENT, r"\.grad\b(?!_|\s*=[^=])"),
    Slip("TypeError", "unsupported operand.*'NoneType'", LACKS_RETURN),
    Slip("NameError", "", NEAREST),
    Slip("AttributeError", "", NEAREST),
    Slip("ImportError", "", NEAREST),
)  # fmt: skip
# What the arguments of a call do not fit: the learner's function if the check called it, else what the line calls.
MISFIT = r"^(?P<function>[\w.]+)\(\) (?:takes |missing |got an unexpected |got multiple values)"
OF_STUB = Text(en="Compare the arguments of your function with those of the stub.", zh="请对照初始文件检查函数的参数。")
OF_METHOD = Text(
    en="Compare the arguments of your function with those of the stub; in a class, `self` comes first.",
    zh="请对照初始文件检查函数的参数；在类里，第一个参数是 `self`。",
)
OF_LINE = Text(
    en="What this line gives does not fit what `{function}` takes: compare both.",
    zh="这一行给出的参数与 `{function}` 需要的不符：请对照检查。",
)

OF_TENSOR = frozenset(dir(torch.Tensor))
MEANT: dict[str, Callable[[str], bool]] = {
    "layer": LAYERS.__contains__,
    "of_tensor": OF_TENSOR.__contains__,
    "missing": IMPORTS.__contains__,
    "sign": lambda sign: sign in SIGNS or sign.isascii(),
}


def slip_in(bases: Sequence[str], message: str, code: Sequence[str], near: str = "") -> Text | None:
    """What the learner did, if an exception shows it: by its classes, its message, and the learner's lines it came by.

    `near` is the name that is most like one that was not found.
    """
    line = code[-1].strip() if code else ""
    if "TypeError" in bases and (misfit := re.search(MISFIT, message)) and not code:
        return OF_METHOD if "." in misfit["function"] else OF_STUB
    words = (_told(slip, bases, message, line, near) for slip in SLIPS)
    found = next((text for text in words if text is not None), None)
    return OF_LINE.format(**misfit.groupdict()) if found is None and "TypeError" in bases and misfit else found


def _told(slip: Slip, bases: Sequence[str], message: str, line: str, near: str) -> Text | None:
    said = re.search(slip.said, message) if slip.kind in bases else None
    if said is None or (slip.text is NEAREST and not near):
        return None
    known = said.groupdict()
    found = list(re.finditer(slip.code.replace("{layer}", known.get("layer", "")), line))
    if not found or len({at["call"] for at in found if "call" in at.groupdict()}) > 1:
        return None  # of several it cannot be said which
    at = found[0]
    known |= at.groupdict()
    if not all(MEANT[name](value) for name, value in known.items() if name in MEANT):
        return None
    more = {"ascii": SIGNS.get(known.get("sign", ""), ""), "statement": IMPORTS.get(known.get("missing", ""), "")}
    return slip.text.format(**known, **more, near=near)
