"""A CUDA device that is simulated on the CPU, for finding device bugs on a machine that has no GPU.

When to use it: to write, test or grade code that moves tensors and modules between devices.  Everything that a GPU
would refuse is refused here, with the same exception: mixing devices, `.numpy()` on a device tensor, a hidden state
made on the CPU, labels left behind, the lengths of a packed sequence on the GPU, layers in a plain list.  Everything
else gives the values of the CPU to the last bit, since it is computed there.

    from dlex.devices.simulated_cuda import simulated_cuda

    with simulated_cuda():
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")   # cuda
        model = nn.Linear(2, 1).to(device)
        model(torch.zeros(3, 2))     # RuntimeError: Expected all tensors to be on the same device ...

In any pytest the fixture `simulated_gpu` does it for one test; the package registers it.

How it works: a tensor on the device is an ordinary CPU tensor whose class is `SimulatedTensor`.  A torch function mode
sees every call of torch's interface, checks where its tensors are, lets the CPU compute, and says of the results where
they are.  Autograd, views, in-place operators, fused cells and optimizers are therefore the CPU's own.

What it does not imitate: the speed and the arithmetic of a GPU (TF32, its own rounding, its own random numbers), more
than one device, streams that run at the same time, memory that runs out, errors that come late, custom kernels,
`torch.compile`, graphs, NCCL, the transforms of `torch.func`, tensors of a subclass of one's own, what a storage says
of its device, `type(x) is torch.Tensor` (`==` is true).  The mixing of devices is found in the call of torch's
interface that the caller makes, not in the kernel below it, so a message may name another function than CUDA would.
A gradient that a hook of a node of the graph is handed may mix with either side.  It holds for the whole process
while the context is open.
"""

from __future__ import annotations

from dlex.devices.simulated_cuda.context import simulated_cuda
from dlex.devices.simulated_cuda.tensor import DEVICE, SimulatedTensor, is_simulated

__all__ = ["DEVICE", "SimulatedTensor", "is_simulated", "simulated_cuda"]
