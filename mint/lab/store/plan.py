"""Estimate what an extraction will take, from a short measurement on this machine; preview what it would read."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from mint.auditors.features import MAPS
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.source import PhotoSource, as_source
from mint.lab.store.census import Census, take_census
from mint.lab.store.extractor import ExtractionRecipe, Extractor, FaceReader, first_faces, opened
from mint.lab.store.reader import NETWORK
from mint.lab.store.run import SHARD_BYTES, sources
from mint.lab.store.shards import Shard, encoded
from mint.networks.describe import describe_lines

ROUNDS = 3  # of every measurement; the median counts
MOST_PHOTOS = 24  # at most, that are read


@dataclass(frozen=True, slots=True)
class Probe:
    """The measured cost of one photo.

    Attributes:
        read: processor seconds to read, decode and crop it.
        plain: seconds of the network without altered views.
        network: with them.
        controls: of pixels and the untrained network, with them.
        bytes_network: kept of the network's pooled numbers and of the photo's row.
        bytes_controls: of those of the controls.
        bytes_maps: of the network's whole maps.
        bytes_control_maps: of those of the controls.
        memory: bytes of a process at its peak, with all of it.
        recall: seconds of the search for the best cut; 0 without a head.
    """

    read: float
    plain: float
    network: float
    controls: float
    bytes_network: float
    bytes_controls: float
    bytes_maps: float
    bytes_control_maps: float
    memory: int
    recall: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated cost of one way of extracting.

    Attributes:
        views: with altered views.
        controls: with both controls.
        maps: with whole maps.
        seconds: of one process, which reads while its network works.
        storage: bytes of the store.
    """

    views: bool
    controls: bool
    maps: bool
    seconds: float
    storage: float


WAYS = (  # views, controls, maps
    (True, True, False), (True, False, False), (False, True, False), (False, False, False), (True, True, True), (True, False, True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What an extraction would read, and by which network.

    Attributes:
        census: the photos and people of each side.
        network: what was found and assumed about it, in lines, see ``describe_lines``.
        shapes: layer to (channels, side); ``embedding`` is the output.
        aligned: the photos are taken for aligned crops.
    """

    census: Census
    network: tuple[str, ...]
    shapes: Mapping[str, tuple[int, int]]
    aligned: bool

    def lines(self) -> list[str]:
        """Return the preview in words."""
        sizes = (f"{name} {' × '.join(map(str, (c, side, side)))}" for name, (c, side) in self.shapes.items())
        crops = ["photos: aligned crops, no face is looked for"] if self.aligned else []
        return [*self.census.lines(), *self.network, f"sizes: {', '.join(sizes)}", *crops]


def preview(
    recipe: ExtractionRecipe, sides: Mapping[str, str | Path | PhotoSource], separate_people: bool = False
) -> Preview:
    """Tell what ``extract`` would read, without opening a photo or writing anything.

    The network is opened, and shown one black picture for its sizes.

    Args:
        recipe: as of ``extract``.
        sides: likewise.
        separate_people: likewise.

    Raises:
        BadInput: photos cannot be found, or it is not clear who is who.
    """
    census = take_census(sources(sides, separate_people))
    network = opened(recipe)
    return Preview(census, tuple(describe_lines(network)), network.shapes(), recipe.aligned)


def probe(recipe: ExtractionRecipe, source: str | Path | PhotoSource) -> Probe:
    """Measure the cost of photos on this machine.

    Args:
        recipe: of the network; what it says of controls, views and maps is not heeded.
        source: photos like those that will be extracted; it does not matter who is on them.

    Raises:
        TooFew: no photo shows a face.
    """
    source = replace(as_source(source), no_person=True, person_column=None, person_level=None)
    everything = replace(recipe, controls=True, views=True, maps=True)
    network = opened(recipe)
    eye = FaceReader(everything, network)
    everything = replace(everything, settle=first_faces(eye, islice(samples(source), MOST_PHOTOS)))
    photos = list(islice(samples(source), MOST_PHOTOS))
    full = Extractor(everything, network)
    looked = Extractor(replace(everything, controls=False, recall=False), network)
    bare = Extractor(replace(everything, views=False, controls=False, maps=False, recall=False), network)
    alone = FaceReader(replace(recipe, readers=1), network)
    read, seen = [], []
    for _ in range(ROUNDS):
        started = time.process_time()
        seen = [found for _, found in alone.look(photos)]
        read.append((time.process_time() - started) / len(photos))
    faces = [found.face.crop for found in seen if found.face is not None]
    shard = full(photos)
    size = {part: _bytes(shard, part) for part in full.parts}
    viewed = _seconds(looked, [NETWORK], faces)
    return Probe(
        read=float(np.median(read)),
        plain=_seconds(bare, [NETWORK], faces),
        network=viewed,
        controls=_seconds(full, [part for part in full.parts if part != NETWORK], faces),
        bytes_network=size[NETWORK][0] + len(encoded(shard.table, {})) / len(shard.rows),
        bytes_controls=sum(pooled for part, (pooled, _) in size.items() if part != NETWORK),
        bytes_maps=size[NETWORK][1],
        bytes_control_maps=sum(maps for part, (_, maps) in size.items() if part != NETWORK),
        memory=peak() + 2 * SHARD_BYTES,
        recall=max(0.0, _seconds(full, [NETWORK], faces) - viewed) if full.recalls else 0.0,
    )


def estimates(found: Probe, photos: int, readers: int) -> list[Estimate]:
    """Estimate what so many photos take, in each of ``WAYS``."""
    shown = []
    views_cost = found.network / found.plain if found.plain else 1.0
    for views, controls, maps in WAYS:
        network = found.network if views else found.plain
        network += found.recall + (found.controls if views else found.controls / views_cost) * controls
        storage = found.bytes_network + found.bytes_controls * controls
        storage += (found.bytes_maps + found.bytes_control_maps * controls) * maps
        # A process reads the next photos while its network looks at these: the slower of the two counts.
        seconds = max(network, found.read / readers)
        shown.append(Estimate(views, controls, maps, seconds * photos, storage * photos))
    return shown


def peak() -> int:
    """Return this process's peak memory in bytes."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(kilobytes) * (1 if sys.platform == "darwin" else 1024)


def _seconds(extractor: Extractor, parts: Sequence[str], faces: Sequence[np.ndarray]) -> float:
    """Return the seconds a photo, in batches: the median of some rounds."""
    crops = np.stack(list(islice(cycle(faces), extractor.batch)))
    found = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        for part in parts:
            extractor.show(part, crops)
        found.append((time.perf_counter() - started) / len(crops))
    return float(np.median(found[1:]))  # the first is warm-up


def _bytes(shard: Shard, part: str) -> tuple[float, float]:
    """Return the bytes of one photo's pooled numbers and of its whole maps."""
    pooled = maps = 0.0
    for name, values in shard.tensors.items():
        if name.startswith(f"{part}/{MAPS}"):
            maps += values.nbytes / len(values)
        elif name.startswith(f"{part}/"):
            pooled += values.nbytes / len(values)
    return pooled, maps
