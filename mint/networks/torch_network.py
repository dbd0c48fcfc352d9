"""Audit any ``nn.Module``: name the places, hooks do the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import torch
from torch import Tensor, nn

from mint.errors import DeviceMissing, TapSilent
from mint.networks.base import AuditedNetwork, Maps, Tap, resize
from mint.networks.modules.light import FORMS
from mint.networks.modules.light_names import PLAIN, light_of, told_of_light

# Inputs at a time: on a processor the maps of more do not fit its cache, and run slower.
TORCH_CHUNK, TORCH_CUDA_CHUNK = 56, 256


def resize_and_scale(crops: Tensor, size: int) -> Tensor:
    """Resize and scale (N, 3, H, W) float RGB in [0, 255] to (N, 3, size, size) in [-1, 1]."""
    return resize(crops, size) / 127.5 - 1.0


@contextmanager
def tap(model: nn.Module, modules: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Record what modules put out in this thread, within the ``with`` block.

    Example:
        >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True))
        >>> with tap(net, ["0"]) as maps:
        ...     out = net(torch.ones(1, 2))
        >>> maps["0"].shape
        torch.Size([1, 3])

    Yields:
        A dict that fills as the forward pass runs. Values are detached clones, so that a later
        in-place operation does not change them.

    Raises:
        TapSilent: no such module, or the block ended without the module having run.
        TypeError: the module puts out something else than one tensor.
    """
    known, missing = {}, []
    for name in modules:  # looked up one by one: listing all modules costs more than some networks
        try:
            known[name] = model.get_submodule(name)
        except AttributeError:
            missing.append(name)
    if missing:
        raise TapSilent(f"The network has no module {', '.join(missing)}.")
    maps: dict[str, Tensor] = {}
    thread = get_ident()

    def record(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            if get_ident() != thread:  # another visitor's photo goes through the same network
                return
            if not isinstance(output, Tensor):
                raise TypeError(f"{name} puts out a {type(output).__name__}; tap a module that puts out one tensor")
            maps[name] = output.detach().clone()

        return hook

    handles = [module.register_forward_hook(record(name)) for name, module in known.items()]
    try:
        yield maps
    finally:
        for handle in handles:
            handle.remove()
    silent = [name for name in modules if name not in maps]
    if silent:
        raise TapSilent(f"The forward pass never went through {', '.join(silent)}.")


class TorchNetwork(AuditedNetwork):
    """Any ``nn.Module`` that turns (N, 3, S, S) into (N, E).

    On CUDA it runs in float16, and its maps, in float32, stay on the device: what is read from them is far smaller
    and can be moved afterwards.

    Args:
        name: as in the catalog.
        model: put in eval mode and channels_last here; never trained through this class.
        taps: where to look.
        input_size: S; crops are resized to it.
        head: (K, E) class centres, if known; normalised here.
        fingerprint: sha256 of the file of the weights; without one, that of all parameters and buffers.
        mean, scale: of its input; [0, 255] becomes [-1, 1] unless told otherwise.
        device: ``cpu``, ``cuda``, or ``auto``: CUDA where it works, else the processor.
        light: a key of ``FORMS``: the canonical form of light that each crop is brought to first, mean and scale then change
            nothing; ``PLAIN`` for none.

    Raises:
        DeviceMissing: CUDA was asked for, and torch cannot use it.
        ValueError: the head is no table, or there is no such form of light.
    """

    mean: float
    scale: float

    def __init__(
        self,
        name: str,
        model: nn.Module,
        taps: Sequence[Tap],
        input_size: int,
        head: Tensor | None = None,
        fingerprint: str = "",
        mean: float = 127.5,
        scale: float = 1 / 127.5,
        device: str = "cpu",
        light: str = PLAIN,
    ) -> None:
        if head is not None and head.ndim != 2:
            raise ValueError(f"class centres are (K, E), not {tuple(head.shape)}")
        self.light = light_of(told_of_light(light))
        self.name, self.taps, self.fingerprint = name, tuple(taps), fingerprint or fingerprint_of(model)
        self.input_size, self.mean, self.scale, self.device = input_size, mean, scale, torch_device(device)
        self._type = torch.float16 if self.device == "cuda" else torch.float32
        self.head = None if head is None else nn.functional.normalize(head.float(), dim=1)
        self.model = model.eval().to(self.device, self._type, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def preprocess(self, crops: Tensor) -> Tensor:
        if self.light:
            return FORMS[self.light](resize(crops.to(self.device), self.input_size))
        # Divided, as the twins were trained: the last bit of a product would differ.
        return resize(crops.to(self.device), self.input_size) / (1 / self.scale) - self.mean * self.scale

    def describe(self) -> dict[str, Any]:
        # Only then: the keys of what was made before stay.
        return super().describe() | told_of_light(self.light)

    @torch.inference_mode()
    def forward(self, batch: Tensor) -> Maps:
        chunk = TORCH_CUDA_CHUNK if self.device == "cuda" else TORCH_CHUNK
        if len(batch) <= chunk:  # no split then: torch's exporter cannot write one whose sizes it cannot tell
            return self._forward(batch)
        parts = [self._forward(part) for part in torch.split(batch, chunk)]
        taps = {t.name: torch.cat([p.taps[t.name] for p in parts]) for t in self.taps}
        return Maps(torch.cat([p.embedding for p in parts]), taps)

    def _forward(self, batch: Tensor) -> Maps:
        batch = batch.to(self.device, self._type, memory_format=torch.channels_last)
        with tap(self.model, [t.module for t in self.taps]) as seen:
            embedding = self.model(batch)
        if not isinstance(embedding, Tensor):
            raise TypeError(
                f"{self.name} gives a {type(embedding).__name__}, and no (N, E) embedding: wrap it in a module that gives one"
            )
        return Maps(embedding.float(), {t.name: seen[t.module].float() for t in self.taps})


def torch_device(device: str) -> str:
    """Resolve ``cpu``, ``cuda`` or ``auto`` to ``cpu`` or ``cuda``; CUDA counts once it has run.

    Raises:
        DeviceMissing: CUDA was asked for and does not work.
        ValueError: another device.
    """
    if device not in ("cpu", "cuda", "auto"):
        raise ValueError(f"a device is cpu, cuda or auto, not {device}")
    if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
        return "cpu"
    try:
        torch.ones(1, device="cuda").add(1).item()
    except (AssertionError, RuntimeError) as error:  # the first: torch was built without CUDA
        if device == "auto":
            return "cpu"
        raise DeviceMissing(f"torch {torch.__version__} cannot use CUDA here ({error}). See `mint doctor`.") from error
    return "cuda"


def fingerprint_of(model: nn.Module) -> str:
    """Return the sha256 of the names, types and values of all parameters and buffers."""
    found = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
