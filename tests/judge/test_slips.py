"""Everyday slips are run for real, and told for what they are; where what was done is not known, no reason is told."""

import linecache
import warnings
from typing import Any

import pytest

from dlex.attempt.answering import AttemptServer
from dlex.course.text import Text
from dlex.judge import explanation
from dlex.judge.slips import SLIPS
from dlex.protocol.result import Finding

HEAD = """
import math
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim

x, y = torch.randn(4, 2), torch.randn(4, 2)
linear = nn.Linear(2, 2)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 2)
        self.conv2 = nn.Conv2d(1, 1, 1)
        self.layers = [nn.Linear(2, 2)]
    def forward(self, x):
        return self.linear(x)

class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 2)]

def prints(x):
    print(x * 2)

model = Net()
"""
# What is written, below HEAD, and what is said of it: what it must say, and the same in Chinese.
TOLD: dict[str, tuple[str, str]] = {
    "print（x）": ("`（` is a full-width (Chinese) sign: type `(`", "改成 `(`"),
    "a = [1，2]": ("type `,` instead", "改成 `,`"),
    "def f(x)：\n    return x": ("type `:` instead", "改成 `:`"),
    "a = “b”": ('type `"` instead', '改成 `"`'),
    "a ＝ 1": ("type `=` instead", "改成 `=`"),
    "a = 2 × 3": ("type `*` instead", "改成 `*`"),
    "a = x≥0": ("type `>=` instead", "改成 `>=`"),
    "a；b": ("type `;` instead", "改成 `;`"),
    "a = {'b'： 1}": ("type `:` instead", "改成 `:`"),
    "a　= 1": ("full-width blank", "全角空格"),
    "print('a’)": ("closes no string", "不能结束字符串"),
    "i = 1\ni++": ("`i += 1`", "`i += 1`"),
    "if x is None:\n        a = 1\n\tb = 2": ("Tabs and spaces are mixed", "Tab"),
    "  a = 1": ("indented further", "缩进得更多"),
    "def f(x):\nreturn x": ("indented by four spaces", "缩进四个空格"),
    "def f(x):\n    a = 1\n  return x": ("under none of the blocks", "对不齐"),
    "a = plt.figure()": ("`import matplotlib.pyplot as plt`", "导入"),
    "import numpy\ndel np\na = np.ones(3)": ("`import numpy as np`", "`import numpy as np`"),
    "class A(nn.Module):\n    def __init__(self):\n        super.__init__()\nA()": ("`super().__init__()`", "`super`"),
    "class A(nn.Module):\n    def __init__(self):\n        super()._init_()\nA()": ("two underscores", "两个下划线"),
    "optim.SGD(model.parameters, lr=0.1)": ("`model.parameters()`", "`model.parameters()`"),
    "for p in model.parameters:\n    pass": ("`model.parameters()`", "少了一对括号"),
    "a = x.size[0]": ("`x.size()`", "`x.size()`"),
    "a = x.detach.numpy()": ("`x.detach()`", "`x.detach()`"),
    "a = x.sum + 1": ("`x.sum()`", "`x.sum()`"),
    "loss = x.sum\nloss.backward()": ("brackets `()` is missing", "少了一对括号"),
    "a = torch.sigmoid(x.mean)": ("`x.mean()`", "`x.mean()`"),
    "a = x.shape(0)": ("`x.size(0)`", "`x.size(0)`"),
    "a = math(3)": ("a whole module", "整个 Python 模块"),
    "a = nn.Sigmoid(x)": ("make the module first, then call it: `nn.Sigmoid()(...)`", "先创建模块"),
    "a = linear(nn.ReLU(x))": ("A `ReLU` itself", "`ReLU` 模块本身"),
    "a = nn.MSELoss(x, y)": ("`nn.MSELoss()(...)`", "`nn.MSELoss()(...)`"),
    "a = nn.MSELoss(x.sum(), y.sum())\na.backward()": ("A `MSELoss` itself", "`MSELoss` 模块本身"),
    "a = F.relu(model.conv2)": ("A `Conv2d` itself", "`Conv2d` 模块本身"),
    "a = x + model.conv2": ("A `Conv2d` itself", "`Conv2d` 模块本身"),
    "a = model.conv2 - x": ("A `Conv2d` itself", "`Conv2d` 模块本身"),
    "a = linear[0]": ("A `Linear` itself", "`Linear` 模块本身"),
    "a = linear.view(-1)": ("A `Linear` itself", "`Linear` 模块本身"),
    "optim.SGD(model, lr=0.1)": ("`model.parameters()`", "`model.parameters()`"),
    "nn.Sequential(nn.Linear(2, 2), nn.ReLU)": ("`nn.ReLU(...)`", "`nn.ReLU(...)`"),
    "nn.Sequential([nn.Linear(2, 2)])": ("`nn.Sequential(*layers)`", "`nn.Sequential(*layers)`"),
    "nn.Sequential(nn.Linear(2, 2), torch.relu)": ("must be modules", "只能组合模块"),
    "a = torch.cat(x, y)": ("into one list", "放进一个列表"),
    "a = max(x, 0)": ("`torch.maximum`", "`torch.clamp`"),
    "a = min(np.ones(3), 0)": ("`np.minimum`", "`np.clip`"),
    "a = 1 if x > 0 else 2": ("One True or False", "一个 True 或 False"),
    "a = math.log(x)": ("write `torch.log`", "`torch.log`"),
    "a = math.exp(np.ones(3))": ("takes one number", "只能计算一个数"),
    "optim.SGD(Listed().parameters(), lr=0.1)": ("A plain Python list", "普通的 Python 列表"),
    "a = x.max(dim=1).item()": ("two things", "两样东西"),
    "loss = x.sum().item()\nloss.backward()": ("without a graph", "没有计算图"),
    "x.grad.zero_()": ("until `backward()`", "`backward()` 到达之前"),
    "x -= 0.1 * x.grad": ("until `backward()`", "`backward()` 到达之前"),
    "a = nn.GRU(2, 2)(x).reshape(-1)": ("a tuple of several values", "元组"),
    "a = [1.0, 2.0].mean()": ("This is a `list`", "这是 `list`"),
    "a = x.numpy().unsqueeze(0)": ("This is a `numpy.ndarray`", "这是 `numpy.ndarray`"),
    "a = prints(x) + 1": ("print its result", "只 print 了结果"),
    "a = nn.sequential()": ("Did you mean `Sequential`?", "是不是想写 `Sequential`？"),
    "a = optim.sgd(model.parameters(), lr=0.1)": ("`SGD`", "`SGD`"),
    "a = torch.Tenser([1.0])": ("`Tensor`", "`Tensor`"),
    "a = nn.linear(2, 2)": ("`Linear`", "`Linear`"),
    "a = model.lineer(x)": ("`linear`", "`linear`"),
    "x.backwards()": ("`backward`", "`backward`"),
    "pirnt(x)": ("`print`", "`print`"),
    "a = modle(x)": ("`model`", "`model`"),
    "from torch.utils.data import Dataloader": ("`DataLoader`", "`DataLoader`"),
    "import troch": ("`torch`", "`torch`"),
    "a = np.load('a', delimiter=',')": ("`load` takes", "`load` 需要的"),
    "a = torch.stack()": ("`stack` takes", "`stack` 需要的"),
    "a = nn.Linear(2)": ("`Linear.__init__` takes", "`Linear.__init__` 需要的"),
    "class A(nn.Module):\n    def __init__(self):\n        super().__init__\n        self.a = linear\nA()":
        ("both pairs of brackets", "两对括号"),
}  # fmt: skip
# What could have several reasons, and must not be given one of them.
NOT_TOLD: dict[str, str] = {
    "if max(x > 0, 1) and x:\n    pass": "imum",
    "print('It’s)": "full-width",
    "a = x.shape + model": "brackets",
    "a = prints(3) + x.size[0] if x.dim else x.sum": "`x.",
    "loss = nn.MSELoss(reduction='none')(x, y) and x": "make the module first",
    "a = linear.quux": "itself",
    "a = model(x, y)": "stub",
    "a = prints(x, y)": "stub",
    "a = qwertz": "Did you mean",
    "raise TypeError('f() takes 1 positional argument but 2 were given')": "stub",
}


def finding_of(code: str) -> Finding:
    """What is said of code that raises, by way of the attempt process's own answer."""
    server: Any = AttemptServer(None)  # type: ignore[arg-type]
    server.filename = "attempt.py"
    text = HEAD + code + "\n"
    linecache.cache[server.filename] = (len(text), None, text.splitlines(keepends=True), server.filename)
    with warnings.catch_warnings(action="ignore"), pytest.raises(BaseException) as raised:  # noqa: PT011
        exec(compile(text, server.filename, "exec"), {"__name__": "attempt"})
    return explanation.raised(server._raised(raised.value))


def advice_of(code: str) -> Text:
    return finding_of(code).next_step or Text(en="", zh="")


@pytest.mark.parametrize("code", TOLD)
def test_a_slip_is_told_for_what_it_is(code: str) -> None:
    advice, (en, zh) = advice_of(code), TOLD[code]
    assert en in advice.en
    assert zh in advice.zh
    assert "{" not in advice.en + advice.zh


@pytest.mark.parametrize("code", NOT_TOLD)
def test_no_reason_is_told_that_was_not_seen(code: str) -> None:
    assert NOT_TOLD[code] not in advice_of(code).en


def test_each_row_has_a_slip_that_shows_it() -> None:
    said = [advice_of(code).en for code in TOLD]
    unseen = [slip.text.en for slip in SLIPS if not any(slip.text.en.partition("{")[0] in text for text in said)]
    assert unseen == []


def test_python_points_at_the_place() -> None:
    frame = finding_of("a = [1，2]").traceback[-1]
    assert frame.code[frame.column] == "，"
