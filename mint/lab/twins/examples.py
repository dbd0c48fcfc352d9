"""Make example faces: pictures of test people, with the truth beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image

from mint.bundles.find import DEFAULT_NETWORKS
from mint.evidence.score_table import TEST
from mint.lab.twins.fictional_people import (
    GAN,
    OPENPEOPLE,
    openpeople_file,
    pictures_again,
)
from mint.lab.twins.ledger import Row, read_ledger
from mint.lab.twins.pool import another_crop
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.membership import MembershipTest
from mint.storage.files import read_json, write_bytes, write_json
from mint.types import Face
from mint.vision.faces import fingerprint
from mint.vision.images import open_photo, portrait, square_around, to_png

PER_GROUP = {OPENPEOPLE: 4, GAN: 8}  # in a set of pictures: used by A, used by B, and used by neither alike
WALL, GAME = "faces", "game"  # with the truth beside each, and with it nowhere before the answer
SETS = (WALL, GAME)
MANY = 60  # candidates of a generated picture that is shown, of which the clearest are taken
SHARP = 80.0  # beyond it a picture is no clearer for being sharper
BRIGHT, DARK = 110.0, 90.0  # nor for being brighter, or less white
# Rows and columns of a crop: no hair and no background, which ``near_duplicates.INSIDE`` keeps, as they tell photos apart.
BROWS_TO_CHIN = slice(28, 100), slice(28, 84)
BLACK = 16  # up to here a pixel counts as left out by the generator
MOST_BLACK = 0.25  # share of such pixels from which on a picture is not shown
SHOWN = ("studio_portrait", "amateur_selfie", "emotions_sheet")  # of openpeople: where the face is large
THUMBNAIL = 168  # pixels, twice what the page shows
PORTRAIT = 640  # pixels, as a kiosk shows a face; photos that are no larger are cut by the page itself
AROUND = 1.15  # of the face's height: hair and chin, and no sheet's captions


@dataclass(frozen=True, slots=True)
class Example:
    """One line of ``faces.csv`` or ``people.csv`` in ``examples/``.

    Attributes:
        file: of the picture.
        person: an identity of the pool.
        twin_a, twin_b: member or non-member, of this picture.
        used_by: the twin that was trained on pictures of this person, these or others; empty if none was.
        source: of the pool.
    """

    file: str
    person: str
    twin_a: str
    twin_b: str
    used_by: str
    source: str

    @classmethod
    def of(cls, row: Row, file: str, used_by: Mapping[str, str]) -> Example:
        """Return the line of a picture; ``used_by`` is what ``users`` returns."""
        twin_a, twin_b = ("member" if row.member(n) else "non-member" for n in DEFAULT_NETWORKS)
        return cls(file, row.identity, twin_a, twin_b, used_by.get(row.identity, ""), row.source)


def users(rows: Sequence[Row]) -> dict[str, str]:
    """Return who was used, and the twin that was trained on pictures of them."""
    return {row.identity: twin for row in rows for twin in DEFAULT_NETWORKS if row.member(twin)}


def write_table(path: Path, examples: Sequence[Example]) -> None:
    """Write the lines as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([f.name.replace("_", "-") for f in fields(Example)])
    writer.writerows(list(asdict(e).values()) for e in examples)
    write_bytes(path, buffer.getvalue().encode())


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures of one source and one fate.

    Attributes:
        rows: candidates, in the order that chance has brought them into.
        count: how many of them a set shows.
    """

    rows: Sequence[Row]
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A candidate as it will be shown.

    Attributes:
        row: of the ledger.
        data: the file's bytes.
        suffix: of the file; "jpg" for a whole photograph.
        rgb: (H, W, 3) uint8 RGB.
        face: in it.
    """

    row: Row
    data: bytes
    suffix: str
    rgb: np.ndarray
    face: Face


def write_examples(pool_dir: Path, folder: Path, weights: Path, seed: int) -> int:
    """Write pictures, ``faces.csv`` and ``verdicts.json``, of the wall and of the game; return how many there are.

    Every picture gives, through decoding, detection and alignment, exactly its crop of the ledger. Of generated people the
    clearest of many pictures are taken; what the bundles answer has no say.

    Raises:
        BadPool: the pool was made with other packages, so its pictures cannot be made again.
    """
    rows = read_ledger(pool_dir / "ledger.csv")
    used_by = users(rows)
    summary = read_json(pool_dir / "pool.json")
    recipe = PoolRecipe.of(summary)
    groups = choose(rows, seed)
    pictures = pictures_again([row.picture for group in groups for row in group.rows], int(summary["seed"]), recipe)
    test = MembershipTest.load(weights=weights)
    sets: list[list[_Seen]] = [[] for _ in SETS]
    for group in groups:
        seen = [_seen(row, pictures, recipe) for row in group.rows]
        if group.rows and group.rows[0].source == GAN:
            seen = _clearest(seen, len(SETS) * group.count, sets)
            parts = [seen[place :: len(SETS)] for place in range(len(SETS))]  # of one clarity
        else:
            parts = [seen[place * group.count : (place + 1) * group.count] for place in range(len(SETS))]
        for shown, part in zip(sets, parts, strict=True):
            shown += part[: group.count]
    for name, shown in zip(SETS, sets, strict=True):
        _write(folder / name, shown, used_by, test)
    return sum(map(len, sets))


def _seen(row: Row, pictures: Mapping[str, np.ndarray], recipe: PoolRecipe) -> _Seen:
    """Decode a picture as a visitor's and find its face. Raises BadPool where it is not the ledger's."""
    whole = openpeople_file(row.picture) if row.source == OPENPEOPLE else None
    data = whole or to_png(pictures[row.picture])
    rgb = open_photo(data)
    face = recipe.finder(rgb)[0]
    if fingerprint(face.crop) != row.sha256:
        raise another_crop(row)
    return _Seen(row, data, "jpg" if whole else "png", rgb, face)


def _clearest(seen: Sequence[_Seen], count: int, taken: Sequence[Sequence[_Seen]]) -> list[_Seen]:
    """Take the clearest, going round the people so that each comes as rarely as possible."""
    usual = usual_face([one.face for one in seen])
    best = sorted(seen, key=lambda one: -clarity(one.face, one.rgb, usual))  # what is alike stays as chance has it
    by_row = {one.row: one for one in seen}
    rows = _spread([one.row for one in best], count, [one.row for shown in taken for one in shown])
    return [by_row[row] for row in rows]


def usual_face(faces: Sequence[Face]) -> np.ndarray:
    """Return what the faces have in common, from brows to chin: (72, 56) float, their mean relief and its mirror image's."""
    mean = np.mean([_relief(face) for face in faces], axis=0)
    return _standard(mean + mean[:, ::-1])


def clarity(face: Face, rgb: np.ndarray, usual: np.ndarray) -> float:
    """Return how well a face can be seen, from 0 to 1.

    It is sharp, bright, not washed out, surely a face, like its mirror image and like other faces, in a picture without black
    parts. Who looks aside, lies half in shadow or hides behind a hand is unlike the mirror image; a helmet or a mask is unlike
    other faces. Both compare light with the mean taken off, so that they ask nothing about the colour of skin. The page chooses
    its large faces without the crop, by other measures: see ``mint.ui.portraits``.

    Args:
        face: the face.
        rgb: (H, W, 3) uint8 RGB: the picture that it was found in.
        usual: (72, 56) float: see ``usual_face``.
    """
    bright = float(face.crop[BROWS_TO_CHIN].mean())
    light = min(1.0, bright / BRIGHT) * min(1.0, (255 - bright) / DARK)
    relief = _relief(face)
    alike = float((relief * relief[:, ::-1]).mean())  # a correlation; 0 of a blank
    typical = max(0.0, float((relief * usual).mean()))
    black = float((square_around(rgb, face.box, AROUND).max(2) < BLACK).mean())
    whole = max(0.0, 1 - black / MOST_BLACK)
    return min(1.0, face.sharpness / SHARP) * light * max(0.0, alike) * typical**2 * whole * face.confidence


def _relief(face: Face) -> np.ndarray:
    return _standard(face.crop[BROWS_TO_CHIN].mean(2))


def _standard(light: np.ndarray) -> np.ndarray:
    """Bring to mean 0 and spread 1; a blank stays blank."""
    apart: np.ndarray = light - light.mean()
    return apart / max(float(apart.std()), 1e-3)


def _write(faces: Path, shown: Sequence[_Seen], used_by: Mapping[str, str], test: MembershipTest) -> None:
    """Write one set; what is left of another run goes."""
    examples, verdicts, portraits = [], {}, set[str]()
    for number, one in enumerate(shown):
        row, stem = one.row, f"{number + 1:02d}-{one.row.source}"
        file = f"{stem}.{one.suffix}"
        write_bytes(faces / file, one.data)
        write_bytes(faces / "thumbnails" / f"{stem}.jpg", thumbnail(one.rgb, one.face))
        if faces.name == WALL and max(one.rgb.shape) > PORTRAIT:
            write_bytes(faces / "portraits" / f"{stem}.jpg", portrait(one.rgb, one.face.box, PORTRAIT, 90))
            portraits.add(stem)
        examples.append(Example.of(row, file, used_by))
        verdicts[file] = [audit.to_dict() for audit in test.audit(one.data, file)]
    stems = {Path(e.file).stem for e in examples}
    for stale in (
        *({*faces.glob("*.png"), *faces.glob("*.jpg")} - {faces / e.file for e in examples}),
        *(file for file in faces.glob("thumbnails/*.jpg") if file.stem not in stems),
        *(file for file in faces.glob("portraits/*.jpg") if file.stem not in portraits),
    ):
        stale.unlink()
    write_table(faces / "faces.csv", examples)
    write_json(faces / "verdicts.json", verdicts)


def choose(rows: Sequence[Row], seed: int) -> list[Group]:
    """Choose test rows used by A, by B and by neither, as many of each, from many people: candidates, group by group.

    Of the generated people in "neither" half are held-out pictures of people whom a twin knows, the
    hardest non-members.
    """
    random = np.random.default_rng(seed)
    shuffled = [rows[i] for i in random.permutation(len(rows)) if rows[i].purpose == TEST]
    groups = {"a": (True, False), "b": (False, True), "neither": (False, False)}
    known = {r.identity for r in rows if any(map(r.member, DEFAULT_NETWORKS))}
    taken: list[Row] = []
    chosen: list[Group] = []

    def take(here: Sequence[Row], count: int, most: int) -> None:
        found = _spread(here, most, taken)
        taken.extend(found)
        chosen.append(Group(found, count))

    for truth in groups.values():
        for source, count in PER_GROUP.items():
            here = [r for r in shuffled if r.source == source and tuple(map(r.member, DEFAULT_NETWORKS)) == truth]
            if source == OPENPEOPLE:
                here = _mixed([r for r in here if r.picture.split("/")[-1].split("-")[0] in SHOWN])
            if truth == (False, False) and source == GAN:
                halves = [r for r in here if r.identity in known], [r for r in here if r.identity not in known]
                for half in halves:
                    take(half, count // 2, MANY * count // 2)
            else:
                take(here, count, (MANY if source == GAN else len(SETS)) * count)
    return chosen


def thumbnail(rgb: np.ndarray, face: Face) -> bytes:
    """Make a small square JPEG around a face."""
    image = Image.fromarray(square_around(rgb, face.box, AROUND))
    buffer = io.BytesIO()
    image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _mixed(rows: Sequence[Row]) -> list[Row]:
    """Take whole photographs and cut sheets in turn, so that both kinds are shown."""
    whole = [r for r in rows if "sheet" not in r.picture]
    cut = [r for r in rows if "sheet" in r.picture]
    return [r for pair in zip_longest(whole, cut) for r in pair if r is not None]


def _spread(rows: Sequence[Row], count: int, taken: Sequence[Row]) -> list[Row]:
    """Take ``count`` rows, going round the people so that each comes as rarely as possible."""
    seen: dict[str, int] = {}
    for row in taken:
        seen[row.identity] = seen.get(row.identity, 0) + 1
    left, found = list(rows), list[Row]()
    while left and len(found) < count:
        row = min(left, key=lambda r: seen.get(r.identity, 0))
        left.remove(row)
        seen[row.identity] = seen.get(row.identity, 0) + 1
        found.append(row)
    return found
