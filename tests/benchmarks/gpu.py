"""How much of a network's own speed is left when features are extracted: ``python -m tests.benchmarks.gpu``.

The bare torch forward pass in the precision of the device (float16 on CUDA), from a batch that lies on
the device already, against ``TorchNetwork.look`` with all taps, from crops in the host's memory to
features in the host's memory: moved, scaled, looked at, pooled over channels as the published auditors
read them. Goal: at least 0.9 of the bare forward for an IResNet-100 in float16 on a GPU.
"""

from __future__ import annotations

import argparse
import copy
import json
import platform
import statistics
import time
from collections.abc import Callable

import torch

from mint.networks.base import Tap
from mint.networks.modules.iresnet import DEPTHS, IResNet
from mint.networks.torch_network import TorchNetwork, torch_device

GOAL = 0.9


def seconds(work: Callable[[], object], device: str) -> float:
    """One call, waited for."""
    if device == "cuda":
        torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


def main() -> None:
    """Print one JSON line: both throughputs, their ratio, the device, the versions."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto")
    parser.add_argument("--depth", type=int, default=100, choices=sorted(DEPTHS))
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=256, help="crops a call")
    parser.add_argument("--calls", type=int, default=8, help="calls that are timed together")
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    device = torch_device(options.device)
    torch.manual_seed(0)
    model = IResNet(DEPTHS[options.depth], options.width)
    taps = [Tap(f"stage{k + 1}", f"layer{k + 1}", options.width * 2**k, 2 ** (k + 1)) for k in range(4)]
    network = TorchNetwork("iresnet", copy.deepcopy(model), taps, 112, device=device)
    half = torch.float16 if device == "cuda" else torch.float32
    bare = model.eval().to(device, half, memory_format=torch.channels_last)
    crops = torch.randint(0, 256, (options.batch, 3, 112, 112), dtype=torch.uint8)
    if device == "cuda":
        crops = crops.pin_memory()
    ready = network.preprocess(crops.to(device).float()).to(half, memory_format=torch.channels_last)

    @torch.inference_mode()
    def forward() -> None:
        for _ in range(options.calls):
            bare(ready)

    @torch.inference_mode()
    def extract() -> None:
        for _ in range(options.calls):
            maps = network.look(crops.to(device, non_blocking=True).float())
            features = [value.amax((2, 3)) for value in maps.taps.values()]
            torch.cat([maps.embedding, *features], 1).cpu()

    for work in (forward, extract):
        work()  # warm up: kernels are chosen
    pairs = []
    for number in range(options.rounds):
        order = (forward, extract) if number % 2 else (extract, forward)
        times = {work: seconds(work, device) for work in order}
        pairs.append((times[forward], times[extract]))
    crops_timed = options.batch * options.calls
    print(
        json.dumps(
            {
                "network": f"IResNet-{options.depth}, width {options.width}, {str(half).removeprefix('torch.')}",
                "device": torch.cuda.get_device_name() if device == "cuda" else platform.processor() or "cpu",
                "torch": torch.__version__,
                "batch": options.batch,
                "rounds": options.rounds,
                "bare_crops_per_second": round(crops_timed / statistics.median(p[0] for p in pairs), 1),
                "extraction_crops_per_second": round(crops_timed / statistics.median(p[1] for p in pairs), 1),
                "ratio": round(statistics.median(a / b for a, b in pairs), 3),
                "goal": GOAL,
            }
        )
    )


if __name__ == "__main__":
    main()
