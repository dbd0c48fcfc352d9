"""Losses that keep people apart by a margin: CosFace, ArcFace, and AdaFace of our own, since no package here has it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

COSFACE, ARCFACE, ADAFACE = "cosface", "arcface", "adaface"
LOSSES = (COSFACE, ARCFACE, ADAFACE)
EDGE = 1e-3  # of angles and lengths: nothing is divided by 0, and no angle leaves 0 to pi


def margin_loss(kind: str, people: int, embedding_size: int, margin: float, scale: float) -> Any:
    """Build a loss: a module with class centres ``W``, (E, people), and ``get_logits``.

    Args:
        kind: one of ``LOSSES``.
        people: how many classes.
        embedding_size: E.
        margin: of the target's cosine for CosFace, of its angle in radians for ArcFace, of both for AdaFace.
        scale: of the logits.

    Raises:
        ValueError: there is no such loss.
    """
    from pytorch_metric_learning.losses import ArcFaceLoss, CosFaceLoss

    given: dict[str, Any] = {"num_classes": people, "embedding_size": embedding_size, "scale": scale}
    if kind == COSFACE:
        return CosFaceLoss(margin=margin, **given)
    if kind == ARCFACE:
        return ArcFaceLoss(margin=math.degrees(margin), **given)
    if kind == ADAFACE:
        return AdaFace(people, embedding_size, margin, scale)
    raise ValueError(f"a loss is one of {', '.join(LOSSES)}, not {kind}")


class AdaFace(nn.Module):
    """AdaFace (Kim, Jain and Liu, CVPR 2022): the margin hangs on the embedding's length, which stands for quality.

    With the length standardised by a running mean and deviation, times ``h``, and cut to -1 to 1 as q, the target's
    logit is scale * (cos(theta - m q) - (m + m q)): ArcFace's for a short embedding, CosFace's for one of middle length.

    Args:
        people: how many classes.
        embedding_size: length of an embedding.
        margin: m.
        scale: of the logits.
        h: how fast q changes with the length.
        share: of a batch's mean and deviation in the running ones.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self, people: int, embedding_size: int, margin: float, scale: float, h: float = 0.333, share: float = 0.01
    ) -> None:
        super().__init__()
        self.margin, self.scale, self.h, self.share = margin, scale, h, share
        self.W = nn.Parameter(torch.empty(embedding_size, people))
        nn.init.normal_(self.W)
        # Where the published code starts; buffers, so that a run that was cut off goes on with them.
        self.register_buffer("mean", torch.tensor(20.0))
        self.register_buffer("deviation", torch.tensor(100.0))

    def forward(self, embedding: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss of (N, E) embeddings, not normalised, of (N,) int64 people; the running figures move on."""
        length = embedding.detach().norm(dim=1).clamp(EDGE, 100)
        with torch.no_grad():
            self.mean.lerp_(length.mean(), self.share)
            self.deviation.lerp_(length.std(), self.share)
        quality = ((length - self.mean) / (self.deviation + EDGE) * self.h).clamp(-1, 1)
        cosine = self._cosines(embedding)
        # The paper's g_angle is -m q and g_add is m + m q.
        angle = cosine.gather(1, target[:, None]).clamp(EDGE - 1, 1 - EDGE).acos()[:, 0] - self.margin * quality
        aimed = angle.clamp(EDGE, math.pi - EDGE).cos() - self.margin * (1 + quality)
        return nn.functional.cross_entropy(self.scale * cosine.scatter(1, target[:, None], aimed[:, None]), target)

    def get_logits(self, embedding: Tensor) -> Tensor:
        """Return (N, people) logits without a margin."""
        return self.scale * self._cosines(embedding)

    def _cosines(self, embedding: Tensor) -> Tensor:
        return nn.functional.normalize(embedding) @ nn.functional.normalize(self.W, dim=0)
