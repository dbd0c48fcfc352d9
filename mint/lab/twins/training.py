"""Train the twins: two face recognisers on complementary roles of one pool.

The recipe is InsightFace's: margin loss (CosFace, Wang et al. 2018, if no other is asked for), SGD with momentum, polynomial
decay, random flips and nothing else; or with augmentation, for networks that generalise. A run killed at any moment goes on from its last epoch and
ends with the same weights, because every epoch draws from a generator of its own.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from mint.errors import BadPool
from mint.evidence.metrics import auc
from mint.evidence.score_table import VALIDATION
from mint.lab.twins.augment import EDITS, Augmentation
from mint.lab.twins.ledger import Row, class_people
from mint.lab.twins.losses import margin_loss
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO, faster, mixed_precision, step_seconds
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.verification import STRANGER_PAIRS, pair_cosines
from mint.storage.files import read_json, sha256_of, write_bytes, write_json

BEST = "best.safetensors"
# With fewer channels, without AVX-512 and channels last, torch 2.13.0 writes gradients beyond their memory.
FEWEST_CHANNELS = 8
CHECKED = 4  # epochs between two looks at the validation people
AT_ONCE = 128  # pictures that are shown or made ready at a time
TOLD = 10  # epochs between two lines


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of a training log.

    Accuracy is by the nearest class centre, without margin. ``strangers`` is the AUC of pairs of validation people, where
    it was measured.
    """

    epoch: int
    loss: float
    accuracy: float
    seconds: float
    strangers: float | None = None


def another_run(out: Path) -> BadPool:
    """Return the error of a folder that holds the training of another network."""
    return BadPool(f"{out} holds a run with another recipe or other members. Choose another folder.")


def telling(report: Callable[[str], None], name: str = "", every: int = TOLD) -> Callable[[Epoch, float], None]:
    """Return a function that reports how far a training is.

    Args:
        report: told a line.
        name: begins each line.
        every: epochs between two lines.
    """

    def told(epoch: Epoch, left: float) -> None:
        if epoch.epoch % every == 0:
            begun = f"{name} epoch" if name else "epoch"
            report(f"{begun} {epoch.epoch}: accuracy {epoch.accuracy:.4f}, {left / 60:.0f} min of training left")

    return told


def train_twin(
    pool: Pool,
    network: str,
    out: Path,
    recipe: TwinRecipe,
    device: str = "cpu",
    report: Callable[[Epoch, float], None] = lambda epoch, left: None,
    tell: Callable[[str], None] = lambda line: None,
    clock: Callable[[], float] = time.perf_counter,
    start: Path | None = None,
) -> Path:
    """Train one twin, or resume a run that was cut off.

    Args:
        pool: crops and ledger.
        network: ``twin-a`` or ``twin-b``: whose members to train on.
        out: a folder; gets ``log.json``, ``running.safetensors``, ``epoch-NNN.safetensors``.
        recipe: hyperparameters. With augmentation it ends where validation people are told apart best.
        device: ``cpu`` or ``cuda``.
        report: called after each epoch with its figures and the seconds left.
        tell: called with a line on how long a step takes in each precision, where this was measured.
        clock: returns seconds.
        start: weights of an earlier release to go on from, of the same people; random ones if None.

    Returns:
        The file of the weights to use (float16 network and float16 head): see ``trained_file``.

    Raises:
        BadPool: the ledger has no members for this network, or not enough for one batch; or ``out``
            holds a run with another recipe, other members or another start; or the start has other people.
    """
    out.mkdir(parents=True, exist_ok=True)
    data, labels, identities = members(pool, network, recipe)
    validation = strangers(pool, network) if recipe.augmented else None
    # Both twins start from the same weights, so that only the data tells them apart.
    torch.manual_seed(recipe.seed)
    layout = memory_layout(recipe.width)
    model = recipe.network().to(device, memory_format=layout)  # type: ignore[call-overload]
    loss_function = margin_loss(recipe.loss, len(identities), recipe.embedding_size, recipe.margin, recipe.scale)
    if start is not None:
        _go_on_from(start, model, loss_function.W)
    loss_function.to(device)
    parameters = [p for p in (*model.parameters(), *loss_function.parameters()) if p.requires_grad]
    optimiser = torch.optim.SGD(parameters, recipe.learning_rate, recipe.momentum, weight_decay=recipe.weight_decay)
    log: list[Epoch] = []
    state = RunningState(out / "running.safetensors", model, loss_function, optimiser)
    about = {"network": network, "members": len(labels), "identities": identities}
    if start is not None:
        about["start"] = sha256_of(start)
    if state.path.is_file() and (out / "log.json").is_file():
        found = read_json(out / "log.json")
        before = TwinRecipe.from_log(found["recipe"])
        recipe = replace(recipe, precision=before.precision) if recipe.precision == AUTO else recipe
        if {key: found.get(key) for key in about} != about or before != recipe:
            raise another_run(out)
        log = [Epoch(**line) for line in found["epochs"]][: state.restore()]
    labels = labels.to(device)
    # Augmented pictures differ each epoch, the others are made ready once.
    ready = None if recipe.augmented else prepared(data, recipe.prepare).to(device, memory_format=layout)
    augment = Augmentation()
    steps = len(labels) // recipe.batch
    if not steps:
        raise BadPool(f"{network} has {len(labels)} training pictures, fewer than one batch of {recipe.batch}.")
    if recipe.precision == AUTO:
        first = recipe.prepare(data[: recipe.batch].float()).contiguous(memory_format=layout)
        seconds = step_seconds(_trial(model, loss_function, first, labels[: recipe.batch]), clock)
        chosen, line = faster(seconds)
        recipe = replace(recipe, precision=chosen)
        tell(line)
    about["recipe"] = asdict(recipe)
    for epoch in range(len(log) + 1, recipe.epochs + 1):
        started = clock()
        random = torch.Generator().manual_seed(recipe.seed * 100_003 + epoch)
        order = torch.randperm(len(labels), generator=random)
        flips = torch.rand(len(labels), generator=random) < 0.5
        torch.manual_seed(recipe.seed * 100_003 + epoch)  # dropout draws from torch's own generator
        model.train()
        total_loss = total_right = 0.0
        for step in range(steps):
            set_rate(
                optimiser, recipe.learning_rate, recipe.epochs, ((epoch - 1) * steps + step) / (recipe.epochs * steps)
            )
            pick = order[step * recipe.batch : (step + 1) * recipe.batch]
            target = labels[pick]
            if ready is None:
                batch = recipe.prepare(augment(data[pick].float(), recipe.input_size, random)).to(device)
            else:
                batch = ready[pick]
            if few := round(recipe.edited * len(pick)):  # the order is drawn anew, so that each picture has its turn
                batch[:few] = recipe.prepare(EDITS(data[pick[:few]].float(), recipe.input_size, random)).to(device)
            if recipe.flip:
                batch = torch.where(flips[pick].to(device)[:, None, None, None], batch.flip(3), batch)
            with mixed_precision(device, recipe.precision):
                embedding = model(batch.contiguous(memory_format=layout))
            embedding = embedding.float()
            loss = loss_function(embedding, target)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 5.0)
            optimiser.step()
            total_loss += float(loss.detach())
            with torch.no_grad():
                total_right += float((loss_function.get_logits(embedding).argmax(1) == target).float().mean())
        told = None
        if validation is not None and (epoch % CHECKED == 0 or epoch == recipe.epochs):
            told = _told_apart(model, recipe, device, *validation)
            if told > max((e.strangers or 0.0 for e in log), default=0.0):
                save_weights(out / BEST, model, loss_function.W.detach())
        log.append(Epoch(epoch, total_loss / steps, total_right / steps, clock() - started, told))
        if epoch in recipe.keep or epoch == recipe.epochs:
            save_weights(out / f"epoch-{epoch:03d}.safetensors", model, loss_function.W.detach())
        # The log first: a run killed between the two finds an epoch too many there, and drops it.
        write_json(out / "log.json", {**about, "epochs": [asdict(e) for e in log]})
        state.save(epoch)
        report(log[-1], (recipe.epochs - epoch) * float(np.median([e.seconds for e in log[-5:]])))
    return trained_file(out)


def trained_file(folder: Path) -> Path:
    """Return the weights to use of a finished run: the last, or those that told validation people apart best.

    Raises:
        BadPool: there is no run, or it has not finished.
    """
    if not (folder / "log.json").is_file():
        raise BadPool(f"{folder / 'log.json'} is missing. Train the twins first: mint lab twins --out {folder.parent}")
    log = read_json(folder / "log.json")
    done, epochs = len(log["epochs"]), log["recipe"]["epochs"]
    if done < epochs:
        raise BadPool(f"{folder.name} has {done} of {epochs} epochs. Let mint lab twins finish.")
    return folder / (BEST if log["recipe"].get("augmented") else f"epoch-{epochs:03d}.safetensors")


def prepared(data: Tensor, prepare: Callable[[Tensor], Tensor]) -> Tensor:
    """Return what the network takes of (N, 3, H, W) uint8 crops; as floats of full size all at once would fill the memory."""
    return torch.cat([prepare(part.float()) for part in torch.split(data, AT_ONCE)])


def memory_layout(width: int) -> torch.memory_format:
    """Return the order in memory in which a network of this width is trained: channels last, which is faster, where it can be."""
    return torch.channels_last if width >= FEWEST_CHANNELS else torch.contiguous_format


def set_rate(optimiser: torch.optim.Optimizer, learning_rate: float, epochs: int, done: float) -> None:
    """Set the learning rate of a step: it rises within the first epoch and falls by a square; ``done`` is the share of all steps."""
    for group in optimiser.param_groups:
        group["lr"] = learning_rate * min(1.0, done * epochs + 0.02) * (1 - done) ** 2


def strangers(pool: Pool, network: str) -> tuple[Tensor, list[str]]:
    """Return pictures of validation people whom a network is not trained on: (N, 3, H, W) uint8, and their names."""
    known = {row.identity for row in pool.rows if row.member(network)}
    index = [i for i, row in enumerate(pool.rows) if row.purpose == VALIDATION and row.identity not in known]
    return torch.from_numpy(pool.crops[index]).permute(0, 3, 1, 2), [pool.rows[i].identity for i in index]


@torch.inference_mode()
def _told_apart(model: nn.Module, recipe: TwinRecipe, device: str, crops: Tensor, people: list[str]) -> float:
    """Return the AUC of pairs of validation people; the model is left in eval mode."""
    model.eval()
    parts = [model(recipe.prepare(part.float()).to(device)).float().cpu() for part in torch.split(crops, AT_ONCE)]
    cosine, same = pair_cosines(torch.cat(parts).numpy(), people, STRANGER_PAIRS, recipe.seed)
    return auc(cosine[same], cosine[~same])


def _trial(model: nn.Module, loss_function: nn.Module, batch: Tensor, target: Tensor) -> Callable[[str], None]:
    """Return a training step on copies, so that measuring changes neither weights nor random numbers."""
    model, loss_function = copy.deepcopy(model).train(), copy.deepcopy(loss_function)

    def step(precision: str) -> None:
        with torch.random.fork_rng(devices=[]):
            with mixed_precision(batch.device.type, precision):
                embedding = model(batch)
            loss_function(embedding.float(), target).backward()
        # The number is only there when a graphics processor has done the work.
        float(next(p.grad for p in model.parameters() if p.grad is not None).sum())

    return step


def members(pool: Pool, network: str, recipe: TwinRecipe) -> tuple[Tensor, Tensor, list[str]]:
    """Return a network's training set.

    Returns:
        (M, 3, H, W) uint8 crops, (M,) int64 labels, and the identities in label order. A crop
        with exposure k appears k times.
    """
    return photos_trained_on(pool.crops, recipe.rows(pool.rows), network)


def photos_trained_on(
    crops: np.ndarray, rows: Sequence[Row], network: str, repeated: bool = True
) -> tuple[Tensor, Tensor, list[str]]:
    """Return the training set that a ledger names, as ``members`` does; each crop once unless ``repeated``.

    Raises:
        BadPool: it names no crop.
    """
    index = [i for i, row in enumerate(rows) if row.member(network)]
    if not index:
        raise BadPool(f"The ledger names no crop that {network} is trained on.")
    identities = class_people(rows, network)
    if repeated:
        index = [i for i in index for _ in range(rows[i].exposure)]
    number = {identity: k for k, identity in enumerate(identities)}
    labels = torch.tensor([number[rows[i].identity] for i in index])
    return torch.from_numpy(crops[index]).permute(0, 3, 1, 2), labels, identities


def save_weights(path: Path, model: nn.Module, head: Tensor) -> None:
    """Save network and head as float16 safetensors, without batch norm's counters."""
    tensors = {f"network.{k}": v.half() for k, v in model.state_dict().items() if v.is_floating_point()}
    tensors["head"] = nn.functional.normalize(head.float(), dim=0).T.half()
    _save(path, {k: v.contiguous().cpu() for k, v in tensors.items()}, {"format": "mint-network-1"})


def _go_on_from(start: Path, model: nn.Module, centres: nn.Parameter) -> None:
    """Load what ``save_weights`` wrote into a network and the class centres, (E, K)."""
    tensors = load_file(start)
    head = tensors["head"].float().T
    if head.shape != centres.shape:
        raise BadPool(
            f"{start} knows {head.shape[1]} people, and {centres.shape[1]} are to be trained on. Every release needs "
            "the same people."
        )
    stored = {k.removeprefix("network."): v.float() for k, v in tensors.items() if k.startswith("network.")}
    model.load_state_dict({**model.state_dict(), **stored})  # batch norm's counters are not stored
    with torch.no_grad():
        centres.copy_(head)


@dataclass(frozen=True, slots=True)
class RunningState:
    """The state that a killed run resumes from: weights, head and momentum, in one file."""

    path: Path
    model: nn.Module
    head: nn.Module
    optimiser: torch.optim.Optimizer

    def save(self, epoch: int) -> None:
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"head.{k}": v for k, v in self.head.state_dict().items()}
        for number, parameter in enumerate(self.optimiser.param_groups[0]["params"]):
            tensors[f"momentum.{number}"] = self.optimiser.state[parameter]["momentum_buffer"]
        tensors["epoch"] = torch.tensor(epoch)
        whole = {k: v.detach().clone(memory_format=torch.contiguous_format).cpu() for k, v in tensors.items()}
        _save(self.path, whole, None)

    def restore(self) -> int:
        tensors = load_file(self.path)
        for name, module in (("model.", self.model), ("head.", self.head)):
            module.load_state_dict({k.removeprefix(name): v for k, v in tensors.items() if k.startswith(name)})
        for number, parameter in enumerate(self.optimiser.param_groups[0]["params"]):
            buffer = torch.empty_like(parameter).copy_(tensors[f"momentum.{number}"])
            self.optimiser.state[parameter]["momentum_buffer"] = buffer
        return int(tensors["epoch"])


def _save(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None) -> None:
    write_bytes(path, save(tensors, metadata))
