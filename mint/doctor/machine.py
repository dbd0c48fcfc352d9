"""Check processor, GPU, memory and disk: what is there, and what is really used."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from mint.doctor.finding import Finding, State
from mint.errors import DeviceMissing

GIB = 2**30
# An audit of the twins peaks below 1 GB; an IResNet-100 with its graph read twice below 3.
LITTLE_MEMORY, LITTLE_DISK, NO_DISK = 3 * GIB, 2 * GIB, 0.2 * GIB
NVIDIA = Path("/proc/driver/nvidia/version")
SWAP = "pip uninstall -y onnxruntime && pip install --force-reinstall --no-deps -r requirements-gpu.txt"


def processor() -> Finding:
    """Check how many processors this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Finding("processors", State.OK, f"{allowed} of {os.cpu_count()}")


def torch_device() -> Finding:
    """Check where torch computes; a GPU counts once it has computed something."""
    import torch

    from mint.networks.torch_network import torch_device as tried

    try:
        tried("cuda")
    except DeviceMissing as error:
        says = f"torch {torch.__version__} on the processor"
        if not NVIDIA.exists():
            return Finding("torch", State.OK, says)
        return Finding(
            "torch", State.NOTE, f"{says}, though there is an NVIDIA driver: {error}",
            "Install torch's build for its CUDA version (pytorch.org), or update the driver.",
        )  # fmt: skip
    return Finding("torch", State.OK, f"torch {torch.__version__} on {torch.cuda.get_device_name()}, float16")


def runtime_device() -> Finding:
    """Check where ONNX Runtime computes, by running a session."""
    from mint.networks.onnx.file import probe
    from mint.networks.onnx.session import RUNTIME_VERSION

    name, version = "onnx networks", f"ONNX Runtime {RUNTIME_VERSION}"
    if probe("auto") == "cuda":
        return Finding(name, State.OK, f"{version} on CUDA")
    try:
        probe("cuda")
    except DeviceMissing as error:
        if not NVIDIA.exists():
            return Finding(name, State.OK, f"{version} on the processor")
        return Finding(name, State.NOTE, f"{version} on the processor, though there is an NVIDIA driver: {error}", SWAP)
    return Finding(name, State.OK, f"{version} on CUDA")


def memory() -> Finding:
    """Check how much memory is free now."""
    free = free_memory()
    if free is None:
        return Finding("memory", State.OK, "cannot be asked on this system")
    says = f"{free / GIB:.1f} GiB free"
    if free < LITTLE_MEMORY:
        advice = "Close something before you audit a large network; the twins need about 1 GiB."
        return Finding("memory", State.NOTE, says, advice)
    return Finding("memory", State.OK, says)


def free_memory(table: Path = Path("/proc/meminfo")) -> int | None:
    """Return the bytes available without swapping, or None where the system does not say."""
    if not table.is_file():
        return None
    for line in table.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def disk(cache: Path) -> Finding:
    """Check the free space for networks and for temporary files; ``weights.cache`` tells of a cache that cannot be written to."""
    places = {"temporary files": Path(tempfile.gettempdir())}
    if (folder := writable(cache)) is not None:
        places = {"cache": folder, **places}
    free = {name: shutil.disk_usage(path).free for name, path in places.items()}
    says = ", ".join(f"{size / GIB:.1f} GiB for {name}" for name, size in free.items())
    least = min(free, key=lambda name: free[name])
    advice = f"Make room in {places[least]}, or set {'HF_HOME' if least == 'cache' else 'TMPDIR'} to another disk."
    if free[least] < NO_DISK:
        return Finding("disk", State.BROKEN, says, advice)
    if free[least] < LITTLE_DISK:
        return Finding("disk", State.NOTE, says, advice)
    return Finding("disk", State.OK, says)


def writable(path: Path) -> Path | None:
    """Return the nearest place that exists, if it is a folder in which something can really be made; else None."""
    nearest = next(p for p in (path.absolute(), *path.absolute().parents) if p.exists())
    try:
        with tempfile.TemporaryDirectory(dir=nearest):
            return nearest
    except OSError:
        return None
