"""Extract both sides of a training set into a store, in one process or in many."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mint.auditors.features import MAPS
from mint.errors import BadInput, MintError
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Sample, fingerprint, stamps_of
from mint.lab.inputs.source import PhotoSource, as_source
from mint.lab.store.census import Census
from mint.lab.store.extractor import ExtractionRecipe, Extractor, FaceReader, first_faces, opened
from mint.lab.store.folder import Folder
from mint.lab.store.reader import NON_MEMBERS, SIDES, Store, open_store, read_manifest
from mint.lab.store.shards import Shards
from mint.lab.store.writer import Plan, Task, Writing, writing
from mint.networks.base import AuditedNetwork
from mint.networks.module_trial import check_module
from mint.vision.detectors import alignment_of

SHARD_PHOTOS = 256  # samples a shard: what is lost at most when a run is killed
SHARD_BYTES = 64 << 20  # of tensors: shards of whole maps are cut smaller, so that memory stays flat


@dataclass(frozen=True, slots=True)
class Done:
    """A shard that was extracted.

    Attributes:
        task: which.
        photos: it was made from.
        rejected: how many of these were left out.
    """

    task: Task
    photos: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an extraction.

    Attributes:
        photos: on both sides.
        there: extracted by an earlier run.
        made: extracted by this one.
        rejected: how many of these were left out.
    """

    photos: int
    there: int = 0
    made: int = 0
    rejected: int = 0


Engine = Callable[[ExtractionRecipe, Extractor, Writing], Iterator[Done]]


def plain(recipe: ExtractionRecipe, extractor: Extractor, store: Writing) -> Iterator[Done]:
    """Extract in one process, one shard after the other."""
    for task in store.due():
        yield make(extractor, store.shards, store.plan, task)


def make(extractor: Extractor, shards: Shards, plan: Plan, task: Task) -> Done:
    """Extract one shard and write it."""
    some = plan.samples(task)
    shard = extractor(some)
    shards.write(task.name, fingerprint(some), shard, stamps_of(some))
    return Done(task, len(some), shard.rejected)


def extract(
    recipe: ExtractionRecipe,
    sides: Mapping[str, str | Path | PhotoSource],
    out: str | Path,
    engine: Engine = plain,
    size: int = SHARD_PHOTOS,
    report: Callable[[Progress], None] = lambda progress: None,
    separate_people: bool = False,
    counted: Callable[[Census], None] = lambda census: None,
    describe: Callable[[AuditedNetwork], None] = lambda network: None,
    vouched_for: bool = False,
    command: str | None = None,
    resumed: Callable[[Sequence[str]], None] = lambda lines: None,
) -> Store:
    """Extract, or resume an extraction that was cut off.

    Args:
        recipe: of the extractor; ``settle`` is filled in here.
        sides: ``members`` (which may be missing) and ``non-members`` to what ``photo_lists.samples`` takes.
        out: path or URL of the store.
        engine: who does the work.
        size: samples a shard at most.
        report: told how far it is, once all is planned and after every shard.
        separate_people: people of the same name on both sides are different people.
        counted: told the photos and people of each side, once all is planned.
        describe: told the network, once it is open.
        vouched_for: the lab made the network or opened its file, where it is checked, so that nobody described it in Python.
        command: what was typed for it, to be kept in the manifest.
        resumed: told, in lines, what became of photos of an earlier run.

    Returns:
        The finished store: the same, byte for byte, whoever made it and however often it was cut off.

    Raises:
        BadInput: photos cannot be found or read, it is not clear who is who, there are no non-members, or every photo
            of a side was rejected; or a network that was built in Python does not do what is said of it, see ``check_module``.
        DiskFull: there is no room; the store can be gone on with.
        StoreBusy: another process is writing to it.
        StoreMismatch: it was begun with another network, other taps or another preprocessing.
        TooFew: no non-member shows a face.
    """
    ordered = sources(sides, separate_people)
    if not recipe.alignment:
        recipe = replace(recipe, alignment=recorded_alignment(out))
    network = opened(recipe)
    if not (vouched_for or isinstance(recipe.network, str)):  # built in Python: nobody has looked at it yet
        check_module(network)
    describe(network)
    if recipe.controls:
        recipe = replace(recipe, settle=settling(out, ordered[NON_MEMBERS], FaceReader(recipe, network)))
    extractor = Extractor(recipe, network)
    made_of = extractor.made_of()
    made_of["shard"] = max(1, min(size, SHARD_BYTES // bytes_each(made_of)))
    with writing(out, made_of, ordered, made_of["shard"], extractor.eye, recipe.settle) as store:
        counted(store.census)
        progress = Progress(store.census.photos)
        report(progress)
        seen: set[Task] = set()
        for done in engine(recipe, extractor, store):
            if done.task in seen:
                raise MintError(f"{done.task.name} was extracted twice: this is a fault of the engine.")
            seen.add(done.task)
            made, rejected = progress.made + done.photos, progress.rejected + done.rejected
            progress = Progress(progress.photos, store.there, made, rejected)
            report(progress)
        resumed(store.resumed.lines())
        store.finish(place_of(recipe), recipe.reading.given(), command)
    return open_store(out, network)


def sources(sides: Mapping[str, str | Path | PhotoSource], separate_people: bool = False) -> dict[str, PhotoSource]:
    """Return the sides in the store's order, each with its name.

    Raises:
        BadInput: there are no non-members, or there is a third side.
    """
    if NON_MEMBERS not in sides or set(sides) - set(SIDES):
        raise BadInput(f"A store has {' and '.join(SIDES)}; the members may be missing, the others may not.")
    return {
        side: replace(as_source(sides[side]), side=side, separate=separate_people) for side in SIDES if side in sides
    }


def recorded_alignment(place: str | Path) -> str:
    """Return the alignment of a store that was begun, which is gone on with, or "" where there is none."""
    begun = read_manifest(Folder(place))
    return "" if begun is None else alignment_of(str(begun["made_of"].get("finder")))


def settling(place: str | Path, non_members: PhotoSource, eye: FaceReader) -> tuple[Sample, ...]:
    """Return the non-members that set the untrained control.

    Those are the first that show a face; of a store that was begun the first of then, as long as they are there, so
    that photos may be added before them.

    Raises:
        TooFew: no non-member shows a face.
    """
    begun = read_manifest(Folder(place))
    names: list[str] = [] if begun is None else begun.get("settled", [])
    missing, found = set(names), dict[str, Sample]()
    if missing:
        for sample in samples(non_members):
            if sample.id in missing:
                missing.remove(sample.id)
                found[sample.id] = sample
            if not missing:
                break
    kept = [] if missing else [found[name] for name in names]
    # Where one has no face any more they changed, and the store is refused.
    if kept and all(seen.found is not None for _, seen in eye.look(kept)):
        return tuple(kept)
    return first_faces(eye, samples(non_members))


def place_of(recipe: ExtractionRecipe) -> str | None:
    """Return what opens the network again on this machine, or None if it was passed as an object."""
    if not isinstance(recipe.network, str):
        return None
    return str(Path(recipe.network).resolve()) if Path(recipe.network).exists() else recipe.network


def bytes_each(made_of: Mapping[str, Any]) -> int:
    """Return the bytes that a store keeps of a photo, before compression."""
    shapes = [(name, shape) for part in made_of["parts"].values() for name, shape in part.items()]
    return sum(math.prod(shape) * (2 if name.startswith(MAPS) else 4) for name, shape in shapes)
