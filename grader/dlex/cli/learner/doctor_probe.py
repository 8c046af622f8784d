"""What `dlex doctor` asks of torch.  A process of its own, so that the command line itself never imports torch."""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Print what is found as JSON."""
    found = _numpy()
    try:
        import torch

        found["torch"] = str(torch.__version__)
        found["cuda_build"] = torch.version.cuda
        found["cuda"] = torch.cuda.is_available()
        found["gpus"] = _gpus() if found["cuda"] else []
    except Exception as error:
        found["torch_error"] = f"{type(error).__name__}: {error}"[:300]
    found.update(_torchvision())
    sys.stdout.write(json.dumps(found))


def _numpy() -> dict[str, object]:
    """Why NumPy does not load, and which one that is: what is said of it otherwise names torch, which imports it."""
    import importlib.util

    try:
        import numpy

        numpy.zeros(1)
    except Exception as error:
        spec = importlib.util.find_spec("numpy")
        place = spec.origin if spec is not None and spec.origin else ""
        return {"numpy_error": f"{type(error).__name__}: {error}"[:300], "numpy_place": place}
    return {}


def _gpus() -> list[str]:
    """Each GPU with its free and its whole memory."""
    import torch

    rows = []
    for i in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(i)
        rows.append(f"{torch.cuda.get_device_name(i)}, {free / 2**30:.1f} / {total / 2**30:.1f} GiB")
    return rows


def _torchvision() -> dict[str, object]:
    import importlib.util

    if importlib.util.find_spec("torchvision") is None:
        return {"torchvision": None}
    from dlex.attempt import torchvision_bridge

    torchvision_bridge.install()
    try:
        import torchvision
        import torchvision.transforms  # the part that the exercises use
    except Exception as error:
        return {"torchvision": None, "torchvision_error": f"{type(error).__name__}: {error}"[:300]}
    return {"torchvision": str(torchvision.__version__), "operators": _has_operators()}


def _has_operators() -> bool:
    import torch

    return hasattr(torch.ops.torchvision, "nms")


if __name__ == "__main__":
    main()
