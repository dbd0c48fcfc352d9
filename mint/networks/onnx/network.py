"""Audit any ONNX file: name tensors, or let ``stages.py`` find the stages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor

from mint.errors import TapSilent, WeightsCorrupt
from mint.networks.base import AuditedNetwork, Maps, Tap, Values, resize
from mint.networks.onnx.checks import check_size
from mint.networks.onnx.failures import with_node_names
from mint.networks.onnx.file import output_of, read_onnx, with_free_batch, with_only
from mint.networks.onnx.limits import check_versions, explained
from mint.networks.onnx.outputs import check_width, find_embedding
from mint.networks.onnx.session import FLOATS, OnnxSession
from mint.networks.onnx.stages import Picture, find_taps, picture_input, slopes_of_columns
from mint.networks.onnx.trial import ONE_EMBEDDING, answers_apart, least_alike, patterns, quantised_dynamically

CASTABLE = {"tensor(float16)", "tensor(bfloat16)", "tensor(double)"}
CHUNK, CUDA_CHUNK = 16, 128  # pictures a run: more gain nothing on a processor
HANDFUL = 6  # different pictures that cannot all have one embedding


class OnnxNetwork(AuditedNetwork):
    """A face recogniser as an ONNX graph. It is run on two made-up pictures when it is opened.

    Args:
        name: what to call it.
        model: the graph with its weights, left as it is.
        taps: where to look, ``module`` naming a tensor; found by topology if not given.
        fingerprint: sha256 of the file.
        mean: subtracted from RGB in [0, 255]; one value, or one each for red, green and blue.
        scale: multiplied with the difference; the same.
        threads: of the runtime.
        device: ``cpu``, ``cuda`` or ``auto``; see ``OnnxSession``.
        bgr: whether it takes blue first.
        output: the tensor that is the embedding; chosen as in ``find_embedding`` if not given.

    Attributes:
        file: that it was read from, if it was.
        output: the tensor that is taken for the embedding.

    Raises:
        DeviceMissing: CUDA was asked for, and the runtime does not use it.
        TapSilent: the graph has no such tensor.
        WeightsCorrupt: the graph is not one over pictures, is newer than the runtime, puts out no embedding, or cannot be
            run.
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
        mean: Values = 0.0,
        scale: Values = 1.0,
        threads: int = 1,
        device: str = "cpu",
        bgr: bool = False,
        output: str | None = None,
    ) -> None:
        self.name, self.fingerprint = name, fingerprint
        check_versions(model, name)
        picture = picture_input(model)
        check_size(model, name, picture.side)
        self.taps = find_taps(model) if taps is None else tuple(taps)
        self.input_size, self._picture = picture.side, picture
        self.mean, self.scale, self.threads, self.bgr = mean, scale, threads, bgr
        self._mean, self._scale = _spread(mean), _spread(scale)
        made = {output for node in model.graph.node for output in node.output}
        missing = [tap.module for tap in self.taps if tap.module not in made]
        if missing:
            raise TapSilent(f"{name} has no tensor {', '.join(missing)}.")
        with explained(model, name, device):
            embedding = find_embedding(model, name, output)
        self.output, self._is_first = embedding.tensor, embedding.first
        self._tensors = [embedding.tensor, *(tap.module for tap in self.taps)]
        self._dynamic = quantised_dynamically(model)
        with explained(model, name, device):
            self._session, self._chunk, how = self._open(model, picture, device)
        self.device = self._session.device
        self.reading = (f"embedding: {embedding.says}", f"pictures: {how}")
        if picture.side_is_free:
            self.reading += (
                f"size: the graph takes pictures of any, and MINT shows it {picture.side} × {picture.side} pixels: assumed, not found. If it was "
                "trained at another size, write that into the graph: python -m onnxruntime.tools.make_dynamic_shape_fixed --input_name "
                f"{picture.name[:80]} --input_shape 1,3,SIDE,SIDE FILE.onnx NEW.onnx",
            )
        if found := slopes_of_columns(model):
            node, wide = found
            self.concerns += (
                f"{name} has in its node {node[:80]!r} (PRelu) another slope for each of {wide} columns of pixels, where a recogniser "
                f"has one for each of its {wide} channels: onnx's converter leaves a file of opset 6 so, and then every embedding is "
                f"wrong. Give these slopes the shape ({wide}, 1, 1), or export the network anew with a newer opset.",
            )

    def preprocess(self, crops: Tensor) -> Tensor:
        if crops.ndim != 4 or crops.shape[1] != 3:
            raise ValueError(f"{self.name} takes (N, 3, S, S) crops in RGB, not {tuple(crops.shape)}")
        seen = (resize(crops, self.input_size) - self._mean) * self._scale
        return seen.flip(1) if self.bgr else seen

    @torch.inference_mode()
    def forward(self, batch: Tensor) -> Maps:
        parts = [self._run(part.numpy()) for part in torch.split(batch, self._chunk)]
        columns = parts[0] if len(parts) == 1 else [np.concatenate(column) for column in zip(*parts, strict=True)]
        embedding, *maps = map(torch.from_numpy, columns)
        return Maps(embedding, {tap.name: value for tap, value in zip(self.taps, maps, strict=True)})

    def describe(self) -> dict[str, Any]:
        about = super().describe()  # what follows only where it differs: the keys of what was made before stay
        if not self._is_first:
            about["output"] = self.output
        if self._dynamic:
            about["batch"] = 1
        return about

    def _open(self, model: onnx.ModelProto, picture: Picture, device: str) -> tuple[OnnxSession, int, str]:
        """Open a session, run it on pictures, and return it with the largest batch that it takes, and why."""
        fixed = picture.batch
        fixed_only = (
            f"{self.name} runs on batches of exactly {fixed} only. Export it with a free batch, or with one of 1."
        )
        try:
            session = self._start(with_free_batch(model) if fixed else model, device)
            alone = self._alone(session)
            together = not self._dynamic and self._agree(session, alone)
        except WeightsCorrupt as error:  # a reshape with the batch written into it, or a graph that does not run
            if fixed > 1:
                raise WeightsCorrupt(fixed_only) from error
            if not fixed:
                raise
            together = False
        if fixed > 1 and not together and not self._dynamic:
            raise WeightsCorrupt(fixed_only)
        if fixed == 1 and not together:
            session = self._start(model, device)
            alone = self._alone(session)
        self._look_at(session, alone)
        if self._dynamic:
            return session, 1, f"one by one, as it quantises ({self._dynamic}) by all that it sees together"
        if not together:
            why = "its batch of one is written into it" if fixed else "two together get other answers than each alone"
            return session, 1, f"one by one, as {why}"
        most = CUDA_CHUNK if session.device == "cuda" else CHUNK
        return session, most, f"together, {most} a run, with the answers that each gets alone"

    def _start(self, model: onnx.ModelProto, device: str) -> OnnxSession:
        """Open a session that puts out the embedding and the taps as float32."""
        self._fetched = self._tensors
        session = OnnxSession(_prepared(model, self._tensors), self.name, self.threads, device)
        other = {tensor: kind for tensor in self._tensors if (kind := session.types[tensor]) != FLOATS}
        for tensor, kind in other.items():
            if kind not in CASTABLE:
                raise WeightsCorrupt(
                    f"{self.name} puts out something else than numbers in float32 at {tensor[:100]}: {kind}. Give another file."
                )
        if other:
            session = OnnxSession(_prepared(model, self._tensors, other), self.name, self.threads, device)
            self._fetched = [output_of(tensor, other) for tensor in self._tensors]
        return session

    def _alone(self, session: OnnxSession, first: int = 0, last: int = 2) -> list[list[np.ndarray]]:
        """Return the answers to made-up pictures, each alone."""
        return [session(self._feeds(one[None]), self._fetched) for one in self._made_up(last)[first:]]

    def _agree(self, session: OnnxSession, alone: Sequence[Sequence[np.ndarray]]) -> bool:
        """Return whether two pictures in one batch get the same answers as each alone."""
        try:
            return answers_apart(session(self._feeds(self._made_up(2)), self._fetched), alone)
        except WeightsCorrupt:
            return False

    def _look_at(self, session: OnnxSession, alone: list[list[np.ndarray]]) -> None:
        """Check what the embedding is, and whether it tells pictures apart."""
        for embedding, *_ in alone:
            check_width(self.name, self.output, embedding)
        for count in (2, HANDFUL):
            alone = alone + self._alone(session, len(alone), count)
            cosine = least_alike(np.stack([answer[0].ravel() for answer in alone]))
            if cosine <= ONE_EMBEDDING:
                return
        self.concerns = (
            f"{self.name} gives {HANDFUL} quite different pictures nearly one embedding (cosine {cosine:.4f} and above): "
            "nothing that is measured on it can be trusted. Its pictures are probably scaled twice or not at all "
            "(--mean, --scale), or the output is not its embedding (--output).",
        )

    def _made_up(self, count: int) -> np.ndarray:
        pictures: np.ndarray = self.preprocess(torch.from_numpy(patterns(count, self.input_size))).numpy()
        return pictures

    def _feeds(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        if self._picture.dtype == np.uint8:
            batch = np.clip(np.rint(batch), 0, 255)
        return {self._picture.name: np.ascontiguousarray(batch, dtype=self._picture.dtype)}

    def _run(self, batch: np.ndarray) -> list[np.ndarray]:
        embedding, *maps = self._session(self._feeds(batch), self._fetched)
        return [embedding.reshape(len(batch), -1), *maps]


def _spread(values: Values) -> float | Tensor:
    """Return what ``preprocess`` computes with: values for three channels as (3, 1, 1)."""
    return torch.tensor(values, dtype=torch.float32).view(3, 1, 1) if isinstance(values, tuple) else values


def _prepared(model: onnx.ModelProto, tensors: Sequence[str], cast: Collection[str] = ()) -> onnx.ModelProto:
    copy = with_only(model, tensors, cast)
    with_node_names(copy)
    return copy


def load_onnx(
    path: Path,
    name: str = "",
    taps: Sequence[Tap] | None = None,
    mean: Values = 0.0,
    scale: Values = 1.0,
    threads: int = 1,
    device: str = "cpu",
    bgr: bool = False,
    output: str | None = None,
) -> OnnxNetwork:
    """Open an ONNX file for an audit; arguments and errors as in ``OnnxNetwork`` and ``read_onnx``."""
    model, fingerprint = read_onnx(path)
    network = OnnxNetwork(name or path.stem, model, taps, fingerprint, mean, scale, threads, device, bgr, output)
    network.file, network.source = path, str(path)
    return network
