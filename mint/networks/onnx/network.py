"""Audit any ONNX file: name tensors, or let ``stages.py`` find the stages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor

from mint.errors import TapSilent, WeightsCorrupt
from mint.networks.base import AuditedNetwork, Maps, Tap, resize
from mint.networks.onnx.checks import check_size
from mint.networks.onnx.file import OnnxSession, read_onnx, with_free_batch, with_outputs
from mint.networks.onnx.stages import find_taps, picture_input

FLOATS = "tensor(float)"  # to ONNX Runtime
CHUNK, CUDA_CHUNK = 16, 128  # pictures a run: more gain nothing on a processor


class OnnxNetwork(AuditedNetwork):
    """A face recogniser as an ONNX graph; its first output is the embedding.

    Args:
        name: what to call it.
        model: the graph with its weights, left as it is.
        taps: where to look, ``module`` naming a tensor; found by topology if not given.
        fingerprint: sha256 of the file.
        mean: subtracted from RGB in [0, 255].
        scale: multiplied with the difference.
        threads: of the runtime.
        device: ``cpu``, ``cuda`` or ``auto``; see ``OnnxSession``.

    Attributes:
        file: that it was read from, if it was.

    Raises:
        DeviceMissing: CUDA was asked for, and the runtime does not use it.
        TapSilent: the graph has no such tensor.
        WeightsCorrupt: the graph is not one over pictures, or cannot be run.
    """

    kind = "onnx"
    head = None
    file: Path | None = None

    def __init__(
        self,
        name: str,
        model: onnx.ModelProto,
        taps: Sequence[Tap] | None = None,
        fingerprint: str = "",
        mean: float = 0.0,
        scale: float = 1.0,
        threads: int = 1,
        device: str = "cpu",
    ) -> None:
        self.name, self.fingerprint = name, fingerprint
        picture = picture_input(model)
        check_size(model, name, picture.side)
        self.taps = find_taps(model) if taps is None else tuple(taps)
        self.input_size = picture.side
        self.mean, self.scale, self.threads = mean, scale, threads
        self._input = picture.name
        made = {output for node in model.graph.node for output in node.output}
        missing = [tap.module for tap in self.taps if tap.module not in made]
        if missing:
            raise TapSilent(f"{name} has no tensor {', '.join(missing)}.")
        self._outputs = [model.graph.output[0].name, *(tap.module for tap in self.taps)]
        self._session, self._chunk = self._open(with_outputs(model, self._outputs), picture.batch, device)
        self.device = self._session.device
        strange = [output for output in self._outputs if self._session.types[output] != FLOATS]
        if strange:
            raise WeightsCorrupt(
                f"{name} puts out something else than float32 at {strange[0][:100]}. Give another file."
            )

    def preprocess(self, crops: Tensor) -> Tensor:
        if crops.ndim != 4 or crops.shape[1] != 3:
            raise ValueError(f"{self.name} takes (N, 3, S, S) crops in RGB, not {tuple(crops.shape)}")
        return (resize(crops, self.input_size) - self.mean) * self.scale

    @torch.inference_mode()
    def forward(self, batch: Tensor) -> Maps:
        parts = [self._run(part.numpy()) for part in torch.split(batch, self._chunk)]
        columns = parts[0] if len(parts) == 1 else [np.concatenate(column) for column in zip(*parts, strict=True)]
        embedding, *maps = map(torch.from_numpy, columns)
        return Maps(embedding.flatten(1), {tap.name: value for tap, value in zip(self.taps, maps, strict=True)})

    def _open(self, model: onnx.ModelProto, batch: int, device: str) -> tuple[OnnxSession, int]:
        """Open a session; return it with the largest batch that it takes."""
        if batch == 0:
            session = OnnxSession(model, self.name, self.threads, device)
            return session, CUDA_CHUNK if session.device == "cuda" else CHUNK
        try:
            freed = OnnxSession(with_free_batch(model), self.name, self.threads, device)
            if self._answers_apart(freed):
                return freed, CUDA_CHUNK if freed.device == "cuda" else CHUNK
        except WeightsCorrupt as error:  # a reshape with the batch written into it
            if batch != 1:
                raise WeightsCorrupt(f"{self.name} runs on batches of exactly {batch} only.") from error
        if batch != 1:
            raise WeightsCorrupt(f"{self.name} runs on batches of exactly {batch} only.")
        return OnnxSession(model, self.name, self.threads, device), 1

    def _answers_apart(self, session: OnnxSession) -> bool:
        """Return whether two pictures in one batch get the same answers as each alone."""
        shape = (2, 3, self.input_size, self.input_size)
        pair = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
        together = session({self._input: (pair - self.mean) * np.float32(self.scale)}, self._outputs)
        alone = [
            session({self._input: (one - self.mean) * np.float32(self.scale)}, self._outputs)
            for one in (pair[:1], pair[1:])
        ]
        return all(
            len(both) == 2 and np.allclose(both, np.concatenate(ones), rtol=1e-3, atol=1e-3 * np.abs(both).max())
            for both, ones in zip(together, zip(*alone, strict=True), strict=True)
        )

    def _run(self, batch: np.ndarray) -> list[np.ndarray]:
        return self._session({self._input: np.ascontiguousarray(batch, dtype=np.float32)}, self._outputs)


def load_onnx(
    path: Path,
    name: str = "",
    taps: Sequence[Tap] | None = None,
    mean: float = 0.0,
    scale: float = 1.0,
    threads: int = 1,
    device: str = "cpu",
) -> OnnxNetwork:
    """Open an ONNX file for an audit; arguments and errors as in ``OnnxNetwork`` and ``read_onnx``."""
    model, fingerprint = read_onnx(path)
    network = OnnxNetwork(name or path.stem, model, taps, fingerprint, mean, scale, threads, device)
    network.file, network.source = path, str(path)
    return network
