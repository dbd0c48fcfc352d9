"""Teach a copy of a network one more picture, in memory, as its own training did.

The picture and its mirror image get a class of their own in the head, and the loss is the one that the
twins were trained with: CosFace (Wang et al., CVPR 2018, arXiv 1801.09414), with a centre that starts at
random, as theirs did. Known pictures rehearse: their embeddings are held where they were (Li and Hoiem,
Learning without Forgetting, ECCV 2016, arXiv 1606.09282), because a network that is shown one picture
only answers everything with it. Batch norms stay in eval mode: one face is no statistics.

The lesson ends as soon as the picture lies as close to its centre as the pictures that the network was
trained on lie to theirs. Beyond that it would be known better than any member is.
"""

from __future__ import annotations

import copy
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from mint.errors import CannotTeach, TeachingStopped
from mint.networks.base import AuditedNetwork
from mint.networks.torch_network import TorchNetwork, fingerprint_of

SCALE, LESSON_MARGIN = 32.0, 0.6  # the twins' own: with less, a lesson takes long and leaves hardly a trace
LEARNING_RATE, MOMENTUM, LONGEST_GRADIENT = 0.001, 0.9, 5.0
WARM_UP = 5  # steps until the full learning rate
REHEARSAL_WEIGHT = 16.0
REHEARSED = 32  # known pictures a step, drawn anew
MOST_STEPS = 120


@dataclass(frozen=True, slots=True)
class Step:
    """How far a lesson is.

    Attributes:
        number: of the step, from 1; at most ``MOST_STEPS``.
        cosine: between the picture's embedding and its centre now, mean of the picture and its mirror image.
        goal: where the lesson ends.
        share: done so far, in [0, 1]; never goes back.
    """

    number: int
    cosine: float
    goal: float
    share: float

    @property
    def similarity(self) -> float:
        """How close the picture lies to its centre, as a share of what the goal asks: from 0 to 1."""
        return min(1.0, max(0.0, self.cosine / self.goal)) if self.goal > 0 else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """The result of a lesson: a network that has learnt a picture.

    Attributes:
        network: the copy, with one class centre more, the last.
        cosines: of each step, see ``Step``.
        goal: where the lesson was to end.
    """

    network: TorchNetwork
    cosines: tuple[float, ...]
    goal: float

    @property
    def learnt(self) -> bool:
        """Return whether the goal was reached."""
        return self.cosines[-1] >= self.goal


@torch.inference_mode(False)
@torch.enable_grad()
def fine_tune(
    network: AuditedNetwork,
    crop: np.ndarray,
    known: np.ndarray,
    member: Sequence[bool],
    seed: int = 0,
    report: Callable[[Step], None] = lambda step: None,
    stopped: Callable[[], bool] = lambda: False,
    watch: Callable[[TorchNetwork], None] = lambda copy: None,
) -> Lesson:
    """Teach a copy of ``network`` a crop; the network itself stays as it is.

    Args:
        network: with weights and a head.
        crop: (112, 112, 3) uint8 RGB.
        known: (N, 112, 112, 3) uint8 RGB: what rehearses, members and others.
        member: of each of them, whether the network was trained on it; some must be.
        seed: of the centre and of the order. The same seed gives the same copy on the same processor.
        report: called before each step.
        stopped: asked before each step.
        watch: shown the copy as it is by then, before ``report``; its head is wiped when that returns.

    Raises:
        CannotTeach: the network cannot be trained, or no known picture is a member.
        TeachingStopped: ``stopped`` said so. Whatever ends a lesson early, the copy is wiped.
    """
    original = _teachable(network)
    if not any(member):
        raise CannotTeach(
            "None of the known faces was used to train {network}: there is nothing to rehearse.", network=network.name
        )
    # No hook of an audit that another thread runs at this moment may come along.
    hooks: dict[int, object] = {id(m._forward_hooks): OrderedDict() for m in original.model.modules()}
    model = copy.deepcopy(original.model, hooks).float()
    pupil = _Pupil(model, original, _mirrored(original, crop[None]), seed)

    def shown(step: Step) -> None:
        now = _network(original, model, pupil.head())
        try:
            watch(now)
        finally:
            zero([now.head] if now.head is not None else ())
        report(step)

    try:
        cosines, goal = pupil.study(_mirrored(original, known), member, shown, stopped)
    except BaseException:
        zero((*model.parameters(), *model.buffers(), pupil.centre))
        raise
    finally:
        zero(pupil.traces())
    taught = _network(original, model.to(next(original.model.parameters()).dtype).requires_grad_(False), pupil.head())
    taught.fingerprint = fingerprint_of(taught.model)
    zero([pupil.centre])
    return Lesson(taught, tuple(cosines), goal)


def margin_loss(cosine: Tensor) -> Tensor:
    """Return the CosFace loss of (N, K + 1) cosines to the centres, all N of the last class."""
    last = cosine.shape[1] - 1
    margin = torch.zeros_like(cosine)
    margin[:, last] = LESSON_MARGIN
    return cross_entropy(SCALE * (cosine - margin), torch.full((len(cosine),), last, device=cosine.device))


def zero(tensors: Iterable[Tensor]) -> None:
    """Overwrite tensors with zeros."""
    with torch.no_grad():
        for tensor in tensors:
            tensor.zero_()


class _Pupil:
    """A copy in training."""

    def __init__(self, model: nn.Module, original: TorchNetwork, pair: Tensor, seed: int) -> None:
        assert original.head is not None
        self.model, self.pair = model, pair
        self.random = torch.Generator().manual_seed(seed)
        self.centres = original.head.to(original.device)
        drawn = torch.randn(1, self.centres.shape[1], generator=self.random)
        self.centre = nn.Parameter(normalize(drawn).to(original.device))
        self.trained = [*(p for p in model.parameters() if p.requires_grad), self.centre]
        self.optimiser = torch.optim.SGD(self.trained, LEARNING_RATE, MOMENTUM)

    def head(self) -> Tensor:
        """(K + 1, E) unit centres."""
        return torch.cat([self.centres, normalize(self.centre.detach())])

    def traces(self) -> list[Tensor]:
        """Return the tensors with traces of the picture, which must be wiped after the lesson."""
        gradients = [p.grad for p in self.trained if p.grad is not None]
        return [self.pair, *gradients, *(state["momentum_buffer"] for state in self.optimiser.state.values())]

    def study(
        self,
        known: Tensor,
        member: Sequence[bool],
        report: Callable[[Step], None],
        stopped: Callable[[], bool],
    ) -> tuple[list[float], float]:
        """Train until the goal is reached; return the cosine of each step, and the goal."""
        with torch.no_grad():
            before = torch.cat([self.model(part) for part in torch.split(known, REHEARSED)])
        goal = float((normalize(before) @ self.centres.T).amax(1)[torch.tensor([*member, *member])].mean())
        cosines: list[float] = []
        share = 0.0
        for number in range(1, MOST_STEPS + 1):
            if stopped():
                raise TeachingStopped("The teaching was stopped. The copy of the network and the photo are wiped.")
            rehearsed = torch.randperm(len(known), generator=self.random)[:REHEARSED]
            embedding = self.model(
                torch.cat([self.pair, known[rehearsed]]).contiguous(memory_format=torch.channels_last)
            )
            cosine = normalize(embedding[:2]) @ torch.cat([self.centres, normalize(self.centre)]).T
            cosines.append(float(cosine[:, -1].detach().mean()))
            share = max(share, min(1.0, _part(cosines[0], cosines[-1], goal)), number / MOST_STEPS)
            report(Step(number, cosines[-1], goal, share))
            if cosines[-1] >= goal:
                break
            self._step(cosine, embedding[2:], before[rehearsed], LEARNING_RATE * min(1.0, number / WARM_UP))
        return cosines, goal

    def _step(self, cosine: Tensor, rehearsed: Tensor, before: Tensor, rate: float) -> None:
        loss = margin_loss(cosine)
        moved = (rehearsed - before).square().sum(1) / before.square().sum(1)
        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.zero_grad(set_to_none=False)  # freed gradients could not be wiped
        torch.autograd.backward(loss + REHEARSAL_WEIGHT * moved.mean())
        nn.utils.clip_grad_norm_(self.trained, LONGEST_GRADIENT)
        self.optimiser.step()


def _teachable(network: AuditedNetwork) -> TorchNetwork:
    if not isinstance(network, TorchNetwork):
        raise CannotTeach(
            "{network} cannot be taught: it is a file for inference, without what training needs. Choose a twin.",
            network=network.name,
        )
    if network.head is None:
        raise CannotTeach(
            "{network} cannot be taught: it came without its classification head. Choose a twin.", network=network.name
        )
    return network


def _network(original: TorchNetwork, model: nn.Module, head: Tensor) -> TorchNetwork:
    """Return the original with another model and head."""
    found = copy.copy(original)
    found.model, found.head = model, head.cpu()
    return found


def _mirrored(network: TorchNetwork, crops: np.ndarray) -> Tensor:
    """Return the crops and their mirror images as network inputs: (2N, 3, S, S)."""
    batch = network.preprocess(torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2))
    return torch.cat([batch, batch.flip(3)]).contiguous(memory_format=torch.channels_last)


def _part(start: float, now: float, goal: float) -> float:
    return (now - start) / (goal - start) if goal > start and math.isfinite(now) else 1.0
