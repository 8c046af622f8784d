"""Gives this Python's torch, which must be its CUDA build, a CUDA runtime and driver that compute nothing.

The libraries that are replaced are kept beside their replacements, as `.real`.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import torch

HERE = Path(__file__).parent
NVIDIA = Path(torch.__file__).parents[1] / "nvidia"
RUNTIME, DRIVER = "libcudart.so.13", "libcuda.so.1"
# What torch asks the driver itself.
ASKED = """
int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) { *flags = 0; *active = 1; return 0; }
int cuCtxGetCurrent(void **context) { *context = (void *)8; return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuGetErrorString(int error, const char **text) { *text = "an error"; return 0; }
"""
# By these cuBLAS and its like begin, and learn that there is no device: they would ask for more than there is here.
BEGUN_BY = {"cuInit", "cuGetExportTable", "cuGetProcAddress", "cuGetProcAddress_v2"}
NO_DEVICE = 100


def wanted() -> dict[str, set[str]]:
    """The functions that torch's libraries want of each version of a library; "" where they name none."""
    found: dict[str, set[str]] = {}
    for library in (Path(torch.__file__).parent / "lib").glob("*.so"):
        listed = subprocess.run(["nm", "-D", "--undefined-only", library], check=True, capture_output=True, text=True)
        for line in listed.stdout.splitlines():
            name, _, version = line.split()[-1].partition("@")
            found.setdefault(version, set()).add(name)
    return found


def build(name: str, text: str, *sources: Path) -> None:
    """Compile a library in the place of torch's own."""
    target = next(iter(NVIDIA.glob(f"*/lib/{name}")), NVIDIA / "cu13/lib" / name)
    kept = target.with_name(target.name + ".real")
    if target.exists() and not kept.exists():
        target.rename(kept)
    version = target.with_name(target.name + ".version")
    version.write_text(f"{name} {{ global: *; }};\n", encoding="utf-8")
    options = ["-w", "-O1", "-shared", "-fPIC", f"-I{NVIDIA / 'cu13/include'}", f"-Wl,-soname,{name}", "-lpthread"]
    script = [] if name == DRIVER else [f"-Wl,--version-script={version}"]
    subprocess.run(["gcc", *options, *script, "-o", target, *sources, "-xc", "-"], check=True, input=text.encode())


def stubs(names: set[str], answer: int = 0) -> str:
    """Functions that do nothing and give `answer`."""
    return "".join(f"int {name}(void) {{ return {answer}; }}\n" for name in sorted(names))


def main() -> None:
    """Build both libraries."""
    names = wanted()
    source = HERE / "runtime.c"
    own = set(re.findall(r"\b(_{0,2}cuda\w+)\(", source.read_text(encoding="utf-8")))
    build(RUNTIME, stubs(names[RUNTIME] - own), source)
    driver = {n for n in names[""] if re.fullmatch(r"cu[A-Z]\w+", n) and not n.startswith("cuFile")}
    others = driver - BEGUN_BY - set(re.findall(r"int (\w+)\(", ASKED))
    build(DRIVER, ASKED + stubs(others) + stubs(BEGUN_BY, NO_DEVICE))


if __name__ == "__main__":
    main()
