"""Extract what auditors read of photos, in one process or on a cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import torch

from mint.auditors.base import read
from mint.auditors.features import MAPS, RECALLED, read_features
from mint.auditors.realign import recalled
from mint.auditors.views import VIEWS
from mint.errors import BadPhoto, NoFace, TooFew
from mint.evidence.near_duplicates import thumbnails
from mint.lab.controls.names import PIXELS, UNTRAINED
from mint.lab.controls.pixel_statistics import pixel_statistics
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.controls.untrained import untrained_copy
from mint.lab.inputs.samples import Photos, Sample
from mint.lab.store.network_key import network_key
from mint.lab.store.reader import NETWORK
from mint.lab.store.shards import BOX, Shard
from mint.networks.base import AuditedNetwork, GraphReading
from mint.networks.modules.in_runtime import in_runtime
from mint.networks.open import open_network
from mint.networks.parallel import run_ahead
from mint.types import Face
from mint.vision import faces
from mint.vision.detectors import CURRENT, WholePicture
from mint.vision.faces import qualities
from mint.vision.images import open_photo

SETTLE = 64  # crops that set the batch norms of the untrained network
THUMBNAIL, STATISTICS = "thumbnail", "statistics"  # kept beside the features of network and of pixels
PHOTOS_PER_LOOK, PHOTOS_PER_VIEWED_LOOK = (
    16,
    3,
)  # photos a look: the maps of more inputs only fill memory, and run slower
PHOTOS_AHEAD = 32  # photos that are read while the network looks at others
FLOAT16_MAX = 65504.0  # of float16
# Nobody is judged by such a face, so nobody is compared with one.
NOT_TAKEN = "The largest face may lie on its side or upside down. Turn the photo until it stands upright."


@dataclass(frozen=True, slots=True)
class ExtractionRecipe:
    """The settings of an extractor; small, and can be sent to another machine.

    Attributes:
        network: what ``open_network`` takes, or a network (only one that can be pickled for a cluster).
        aligned: the photos are crops aligned to the ArcFace template already; no face is looked for.
        controls: also extract what pixels alone and an untrained network show.
        views: also show the network the altered views.
        maps: also keep whole activation maps.
        threads: of the network; other numbers round differently.
        readers: threads that read, decode and crop photos.
        seed: of the untrained network.
        settle: non-members whose crops set its batch norms, see ``first_faces``.
        device: of the network, as ``open_network`` takes it; others round differently.
        reading: how the network's graph is read, where the user says so.
        recall: also search the cut that the network remembers best, where it has a classification head:
            46 more crops a photo, and the auditor that survives resizing. Without a head nothing changes.
        alignment: as ``open_network`` takes it; that of new stores, if empty.
        runtime: run networks of this project in ONNX Runtime, see ``in_runtime``; the last digits are others than torch's.
    """

    network: str | AuditedNetwork
    aligned: bool = False
    controls: bool = True
    views: bool = True
    maps: bool = False
    threads: int = 1
    readers: int = 2
    seed: int = 1
    settle: tuple[Sample, ...] = ()
    device: str = "cpu"
    reading: GraphReading = field(default_factory=GraphReading)
    recall: bool = True
    alignment: str = ""
    runtime: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The outcome of reading a photo: a face, or why none is taken.

    Attributes:
        sha256: of its bytes; None where they cannot be read.
        found: the largest face, whether it is taken or not; None where there is none.
        reason: why none is taken; empty if one is.
    """

    sha256: str | None
    found: Face | None
    reason: str = ""

    @property
    def face(self) -> Face | None:
        """The face that is taken."""
        return None if self.reason else self.found


class FaceReader:
    """Read photos ahead in threads: bytes, pixels, the largest face.

    Args:
        recipe: whether photos are aligned, and how many threads.
        network: which face a photo shows is the network's to say, as is what it makes of it.
    """

    def __init__(self, recipe: ExtractionRecipe, network: AuditedNetwork) -> None:
        self._find: Callable[[np.ndarray], Sequence[Face]] = whole_picture if recipe.aligned else network.finder
        self._photos = Photos()
        self._readers = recipe.readers

    def look(self, samples: Iterable[Sample]) -> Iterator[tuple[Sample, Seen]]:
        """Yield every sample with its outcome, in order."""
        return run_ahead(
            lambda sample: (sample, self._see(sample)), samples, PHOTOS_AHEAD + self._readers, self._readers
        )

    def digests(self, samples: Iterable[Sample]) -> Iterator[str | None]:
        """Yield the sha256 of every sample's bytes, None where they cannot be read."""
        return run_ahead(self._digest, samples, PHOTOS_AHEAD + self._readers, self._readers)

    def _digest(self, sample: Sample) -> str | None:
        try:
            return hashlib.sha256(self._photos.read(sample)).hexdigest()
        except BadPhoto:
            return None

    def _see(self, sample: Sample) -> Seen:
        digest = None
        try:
            data = self._photos.read(sample)
            digest = hashlib.sha256(data).hexdigest()
            face = self._find(open_photo(data))[0]
            return Seen(digest, face, "" if face.upright else NOT_TAKEN)
        except (BadPhoto, NoFace) as error:
            return Seen(digest, None, str(error))


class Extractor:
    """Turn samples into a shard, which depends on samples and recipe alone.

    Args:
        recipe: see ``ExtractionRecipe``.
        network: that of the recipe, where it is open already.

    Attributes:
        eye: reads the photos.
        parts: the network, and its controls if there are any.
        batch: photos that are shown at a time.
        recalls: whether the best cut of each photo is searched.
    """

    def __init__(self, recipe: ExtractionRecipe, network: AuditedNetwork | None = None) -> None:
        torch.set_num_threads(recipe.threads)
        self.recipe = recipe
        self.network = opened(recipe) if network is None else network
        self.recalls = recipe.recall and self.network.head is not None
        self.eye = FaceReader(recipe, self.network)
        self._parts: dict[str, AuditedNetwork] = {NETWORK: self._run(self.network)}
        self._settled = None
        if recipe.controls:
            # Also those that are not taken any more: a store that was begun with them is gone on with.
            crops = np.stack([s.found.crop for _, s in self.eye.look(recipe.settle) if s.found is not None])
            self._settled = hashlib.sha256(crops.tobytes()).hexdigest()
            self._parts[PIXELS] = PixelNetwork(self.network.input_size)
            self._parts[UNTRAINED] = self._run(untrained_copy(self.network, crops, recipe.seed))
        self.parts = tuple(self._parts)
        self.batch = PHOTOS_PER_VIEWED_LOOK if recipe.views else PHOTOS_PER_LOOK

    def __call__(self, samples: Sequence[Sample]) -> Shard:
        """Extract a shard.

        Raises:
            BadInput: the place where the photos lie cannot be read. Photos that are bad themselves are
                rows with a reason.
        """
        rows: list[dict[str, Any]] = []
        found: dict[str, list[np.ndarray]] = {}
        stream = self.eye.look(samples)
        while some := list(islice(stream, self.batch)):
            rows += [self._row(sample, seen) for sample, seen in some]
            kept = [row for row in rows[-len(some) :] if not row["rejected"]]
            crops = [seen.face.crop for _, seen in some if seen.face is not None]
            for part in self.parts if crops else ():
                tensors, columns = self.show(part, np.stack(crops))
                for name, values in tensors.items():
                    found.setdefault(f"{part}/{name}", []).append(values)
                for number, row in enumerate(kept):
                    row |= {name: float(values[number]) for name, values in columns.items()}
        return Shard(rows, {name: np.concatenate(parts) for name, parts in found.items()})

    def made_of(self) -> dict[str, Any]:
        """Return all that the numbers depend on beside the photos; its hash is the store's key."""
        blank = np.zeros((1, faces.CROP_SIZE, faces.CROP_SIZE, 3), np.uint8)
        parts = {
            part: {name: list(values.shape[1:]) for name, values in self.show(part, blank)[0].items()}
            for part in self.parts
        }
        return {
            **network_key(self.network),
            "faces": "aligned crops" if self.recipe.aligned else "found",
            "views": list(VIEWS) if self.recipe.views else [],
            "parts": parts,
            "untrained": {"seed": self.recipe.seed, "crops": self._settled} if self.recipe.controls else None,
        }

    def _run(self, network: AuditedNetwork) -> AuditedNetwork:
        return in_runtime(network, self.recipe.threads) if self.recipe.runtime else network

    def _row(self, sample: Sample, seen: Seen) -> dict[str, Any]:
        row = {"id": sample.id, "identity": sample.identity, "sha256": seen.sha256, "rejected": seen.reason}
        if seen.face is None or self.recipe.aligned:
            return row
        return {**row, **dict(zip(BOX, seen.face.box, strict=True)), "confidence": seen.face.confidence}

    @torch.inference_mode()
    def show(self, part: str, crops: np.ndarray) -> tuple[dict[str, np.ndarray], Mapping[str, np.ndarray]]:
        """Return the features and qualities of (N, 112, 112, 3) crops under one part."""
        reading = read(self._parts[part], crops, self.recipe.views)
        tensors = {}
        for name, values in read_features(reading, self.recipe.maps).items():
            kept = values.clamp(-FLOAT16_MAX, FLOAT16_MAX).half() if name.startswith(MAPS) else values.float()
            tensors[name] = kept.contiguous().cpu().numpy()
        if part == NETWORK:  # so that copies of one photo are known from several photos of one person
            tensors[THUMBNAIL] = thumbnails(crops).astype(np.float16)
            if self.recalls:
                tensors[RECALLED] = recalled(self._parts[NETWORK], crops).float().cpu().numpy()
        if isinstance(self._parts[part], PixelNetwork):
            tensors[STATISTICS] = pixel_statistics(crops).astype(np.float32)
        return tensors, qualities(crops, reading.plain.embedding.cpu().norm(dim=1).numpy()) if part == NETWORK else {}


def opened(recipe: ExtractionRecipe) -> AuditedNetwork:
    """Open the network of a recipe."""
    network = recipe.network
    if not isinstance(network, str):
        return network
    alignment = recipe.alignment or CURRENT.name
    return open_network(
        network, threads=recipe.threads, device=recipe.device, alignment=alignment, **asdict(recipe.reading)
    )


def first_faces(eye: FaceReader, non_members: Iterable[Sample]) -> tuple[Sample, ...]:
    """Return the first non-members that show a face, for the untrained control.

    Raises:
        TooFew: none does.
    """
    found, reason = list[Sample](), ""
    for sample, seen in eye.look(non_members):
        if seen.face is not None:
            found.append(sample)
        elif not reason:
            reason = f" The first, {sample.id}: {seen.reason}"
        if len(found) == SETTLE:
            break
    if not found:
        raise TooFew(f"No photo of a non-member shows a face: nothing can be extracted.{reason}")
    return tuple(found)


def whole_picture(rgb: np.ndarray) -> tuple[Face, ...]:
    """Take a picture as an aligned crop.

    Raises:
        BadPhoto: it is not square.
    """
    height, width = rgb.shape[:2]
    if height != width:
        raise BadPhoto(f"The picture measures {width} × {height} pixels; an aligned crop is square.")
    return WholePicture()(rgb)
