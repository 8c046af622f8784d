"""torchvision can be imported beside a CPU build of torch, and only its missing operators are forgiven."""

import subprocess
import sys

import pytest

pytest.importorskip("PIL", reason="torchvision is an extra")
BRIDGED = "from dlex.attempt import torchvision_bridge; torchvision_bridge.install(); torchvision_bridge.install(); "


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


def test_datasets_transforms_and_models_work():
    code = BRIDGED + (
        "import torch, torchvision, torchvision.datasets\n"
        "from torchvision import transforms, models\n"
        "image = transforms.ToPILImage()(torch.zeros(1, 28, 28))\n"
        "t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])(image)\n"
        "print(tuple(t.shape), tuple(models.resnet18()(torch.zeros(2, 3, 32, 32)).shape))"
    )
    done = run(code)
    assert done.stdout.strip() == "(1, 28, 28) (2, 1000)", done.stderr


def test_other_missing_operators_still_raise():
    code = BRIDGED + (
        "import torchvision, torch\n"
        "try:\n"
        "    torch.library.register_fake('nothing::here')(lambda x: x)\n"
        "except RuntimeError as error:\n"
        "    print('does not exist' in str(error))"
    )
    assert run(code).stdout.strip() == "True"


def test_nothing_is_imported_before_it_is_asked_for():
    assert run(BRIDGED + "import sys; print('torch' in sys.modules)").stdout.strip() == "False"
