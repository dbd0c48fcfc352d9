"""The pool of fictional people: cropped like visitors' photos, roles drawn by seed.

Folder layout: ``ledger.csv`` (one row a crop), ``crops.safetensors`` (uint8, in the ledger's order)
and ``pool.json`` (seed, counts, what was dropped and why).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file

from mint.errors import BadPool, NoFace
from mint.evidence.score_table import CALIBRATION, TEST
from mint.lab.twins.fictional_people import (
    GAN,
    OPENPEOPLE,
    Picture,
    gan_pictures,
    openpeople_pictures,
    pictures_again,
    provenance,
)
from mint.lab.twins.ledger import HELD_OUT, PURPOSES, TRAINED, Row, read_ledger, write_ledger
from mint.lab.twins.pool_recipe import NOW, RECIPE, PoolRecipe
from mint.storage.files import atomic, write_json
from mint.vision.faces import fingerprint

NEAR_DUPLICATE_BITS = 4  # perceptual hashes (64 bits) this close are one picture
GROUPS = {"a": 0.42, "b": 0.42, "neither": 0.16}  # shares of the generated people
NO_PIXELS = np.zeros((0, 0, 3), np.uint8)
# Ten people are too few to deal at random: three in A, three in B, two to show, two to calibrate.
OPENPEOPLE_ROLES = [
    *[("a", TEST)] * 3,
    *[("b", TEST)] * 3,
    *[("neither", TEST)] * 2,
    *[("neither", CALIBRATION)] * 2,
]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """A pool in memory.

    Attributes:
        rows: the ledger.
        crops: (N, 112, 112, 3) uint8 RGB, in the ledger's order.
    """

    rows: tuple[Row, ...]
    crops: np.ndarray


def make_pool(
    out: Path,
    seed: int,
    recipe: PoolRecipe = NOW,
    progress: Callable[[Iterable[Picture], int], Iterable[Picture]] = lambda pictures, _: pictures,
) -> Pool:
    """Make the pool and write it to ``out``; a seed gives the same ledger, byte for byte.

    Args:
        out: a folder; made if needed.
        seed: of the people, their pictures and every role.
        recipe: all other settings.
        progress: wraps the pictures, told how many to expect.
    """
    dropped: Counter[str] = Counter()
    kept: list[tuple[Picture, np.ndarray]] = []
    seen: set[str] = set()
    hashes = np.zeros(0, np.uint64)

    def pictures() -> Iterable[Picture]:
        yield from openpeople_pictures()
        yield from gan_pictures(seed, recipe)

    for picture in progress(pictures(), 260 + recipe.identities * recipe.per_identity):
        try:
            crop = recipe.finder(picture.rgb)[0].crop
        except NoFace:
            dropped["no face"] += 1
            continue
        key, near = fingerprint(crop), perceptual_hash(crop)
        if key in seen:
            dropped["exact duplicate"] += 1
        elif (np.bitwise_count(hashes ^ near) <= NEAR_DUPLICATE_BITS).any():
            dropped["near duplicate"] += 1
        else:
            seen.add(key)
            hashes = np.append(hashes, near)
            kept.append((Picture(picture.name, NO_PIXELS), crop))  # a slice would keep the whole picture
    rows = deal_roles([p for p, _ in kept], [fingerprint(c) for _, c in kept], seed, recipe)
    pool = Pool(tuple(rows), np.stack([crop for _, crop in kept]))
    _write(out, pool, seed, recipe, dropped)
    return pool


def deal_roles(pictures: Sequence[Picture], keys: Sequence[str], seed: int, recipe: PoolRecipe = NOW) -> list[Row]:
    """Draw a group and purpose for every identity, and a side for pictures of used people.

    The coin is a shuffled deck, so that the shares come out exactly. Generated people: a share of
    the pictures is trained on, their siblings are held out. openpeople: wholly in or wholly out.
    """
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, 2**31])))
    by_identity: dict[str, list[int]] = {}
    for index, picture in enumerate(pictures):
        by_identity.setdefault(picture.identity, []).append(index)
    generated = [i for i in by_identity if i.startswith(f"{GAN}/")]
    deck = random.permutation(len(generated))
    groups = _shares(GROUPS, len(generated))
    plan: dict[str, tuple[str, str]] = {}
    start = 0
    for group, size in groups.items():
        purposes = [
            p for p, n in _shares(dict(zip(PURPOSES, recipe.purposes, strict=True)), size).items() for _ in range(n)
        ]
        for card, purpose in zip(deck[start : start + size], purposes, strict=True):
            plan[generated[card]] = (group, purpose)
        start += size
    people = [i for i in by_identity if i.startswith(f"{OPENPEOPLE}/")]
    for card, role in zip(random.permutation(len(people)), OPENPEOPLE_ROLES, strict=False):
        plan[people[card]] = role
    used: set[int] = set()
    for identity, indices in by_identity.items():
        if identity.startswith(f"{GAN}/"):
            used.update(random.permutation(indices)[: round(recipe.used_share * len(indices))].tolist())
        else:
            used.update(indices)
    rows = []
    for index, (picture, key) in enumerate(zip(pictures, keys, strict=True)):
        group, purpose = plan[picture.identity]
        a, b = (TRAINED if group == g and index in used else HELD_OUT for g in ("a", "b"))
        exposure = int(TRAINED in (a, b))
        rows.append(Row(key, picture.identity, picture.source, picture.name, a, b, exposure, purpose))
    return rows


def load_pool(folder: Path) -> Pool:
    """Read a pool.

    Raises:
        BadPool: a file is missing, or crops and ledger do not agree.
    """
    rows = read_ledger(folder / "ledger.csv")
    path = folder / "crops.safetensors"
    if not path.is_file():
        raise BadPool(f"{path} is missing. Make the pool again: mint lab pool --out {folder}")
    crops = load_file(path)["crops"]
    if len(crops) != len(rows) or any(fingerprint(crops[i]) != rows[i].sha256 for i in (0, len(rows) // 2, -1)):
        raise BadPool(f"The crops in {folder} are not the ones of its ledger. Make the pool again.")
    return Pool(tuple(rows), crops)


def crops_again(rows: Sequence[Row], seed: int, recipe: PoolRecipe) -> np.ndarray:
    """Make the (N, 112, 112, 3) uint8 crops of some rows again, from the packages, the pool's seed and its recipe.

    Raises:
        BadPool: the pool was made with other packages, and they give other crops.
    """
    pictures = pictures_again({row.picture for row in rows}, seed, recipe)
    crops = [recipe.finder(pictures[row.picture])[0].crop for row in rows]
    for row, crop in zip(rows, crops, strict=True):
        if fingerprint(crop) != row.sha256:
            raise another_crop(row)
    return np.stack(crops)


def another_crop(row: Row) -> BadPool:
    """Return the error of a picture whose face is not the ledger's."""
    return BadPool(f"{row.picture} does not give its crop of the ledger any more. Make the pool again.")


def by_person(rows: Sequence[Row], source: str = GAN) -> list[list[int]]:
    """Return the numbers of the rows of each person of a source, people in the order of their first rows."""
    found: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.source == source:
            found.setdefault(row.identity, []).append(place)
    return list(found.values())


def perceptual_hash(crop: np.ndarray) -> np.uint64:
    """Return the 64-bit DCT hash of a (H, W, 3) uint8 crop."""
    import imagehash

    bits = imagehash.phash(Image.fromarray(crop)).hash
    return np.uint64(np.packbits(bits.ravel()).view(">u8")[0])


def _shares(shares: dict[str, float], total: int) -> dict[str, int]:
    """Split ``total`` into whole numbers; the last share takes the rounding."""
    *head, tail = shares
    sizes = {name: round(shares[name] * total) for name in head}
    return {**sizes, tail: total - sum(sizes.values())}


def _write(out: Path, pool: Pool, seed: int, recipe: PoolRecipe, dropped: Counter[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with atomic(out / "crops.safetensors") as part:
        save_file({"crops": pool.crops}, part)
    write_ledger(out / "ledger.csv", pool.rows)
    summary = {
        "seed": seed,
        "identities": len({row.identity for row in pool.rows}),
        "crops": len(pool.rows),
        RECIPE: recipe.to_dict(),
        "dropped": dict(sorted(dropped.items())),
        "roles": dict(sorted(Counter(f"A {r.role_a}, B {r.role_b}, {r.purpose}" for r in pool.rows).items())),
        "made from (sha256)": provenance(),
    }
    write_json(out / "pool.json", summary)
