"""Old habits get a friendly note each, and modern code gets none."""

import pytest

from dlex.judge.habits import notes
from dlex.kit.syntax import Source

OLD = {
    "x = Variable(torch.ones(1))": "Variable",
    "y = torch.autograd.Variable(x)": "Variable",
    "y = F.sigmoid(x)": "torch.sigmoid",
    "loss = nn.MSELoss(size_average=False)": "size_average",
    "x.data -= 1": ".data",
    "class A:\n    def __ini__(self): pass": "`__init__`",
    "class A:\n    def _init_(self): pass": "`__init__`",
    "class A:\n    def __getitm__(self, i): pass": "`__getitem__`",
    "self.w.data -= 1": ".data",
    "plt.show()": "plt.show",
    "x = torch.Tensor([1.0])": "torch.tensor",
    "y = model.forward(x)": "model(x)",
    "x = Variable(a, volatile=True)": "volatile",
    "y = F.log_softmax(x)": "dim=1",
    "layer = nn.Softmax()": "dim=1",
    "net = models.resnet18(pretrained=True)": "weights=",
    "data = datasets.MNIST(root, download=True)": "MNIST",
}


@pytest.mark.parametrize("code", OLD)
def test_an_old_habit_is_named_in_both_languages(code):
    found = notes(Source(code))
    assert any(OLD[code] in note.en and OLD[code] in note.zh for note in found)


def test_each_note_comes_once():
    assert len(notes(Source("plt.show()\nplt.show()\n"))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "y = torch.sigmoid(x)",
        "super().forward(x)",
        "y = model(x)",
        "F.softmax(x, dim=1)",
        "F.softmax(x, 1)",
        "nn.Softmax(-1)",
        "F.softmax(x, **options)",
        "",
        "def broken(:",
        "(" * 3000,
        "data = 1",
        "class Linear:\n    def forward(self, x): return x\n\ny = Linear().forward(1)\nlayer.forward(1)",
        "class Value:\n    def __init__(self, data):\n        self.data = data\n\nprint(Value(1).data)",
        "self.data = [0.0] * n",
        "class A:\n    def __radd__(self, o): pass\n    def __matmul__(self, o): pass\n    def _init(self): pass",
        "class A:\n    def __setstate__(self, o): pass\n    def __getitems__(self, i): pass",
    ],
)
def test_good_or_broken_code_has_no_note(code):
    assert notes(Source(code)) == ()
