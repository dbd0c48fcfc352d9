"""Measure how far edits of a photo move the crop of its face, by the detector's landmarks and by the alignments that stand still.

``python -m tests.benchmarks.alignment --faces PHOTOS --generated 200``; PHOTOS is a folder or a tar of any photos with
faces, and may be given again. Generated photos are of our own fictional people and need the package gan-face-generate.
``--recogniser FILE`` also tells how many pairs of people a recogniser gets right by crops of each alignment; the photos of each
person then lie in a folder. Nothing is written but what ``--json`` names, and no picture.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mint.errors import BadPhoto
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.real_faces import real_crops
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource
from mint.lab.twins.verification import verification
from mint.networks.open import open_network
from mint.vision.detectors import ALIGNMENTS as FINDERS
from mint.vision.detectors import MEASURES, YUNET
from mint.vision.images import open_photo
from tests.benchmarks.alignment.geometry import GEOMETRIC_AND_CODECS, TRIED
from tests.benchmarks.alignment.movement import Movements, measure, ratio

ALIGNMENTS = {YUNET.name: None, **MEASURES}
SEED = 5


def stored(path: Path, most: int) -> Iterator[np.ndarray]:
    """Yield at most so many photos, spread over the whole, of as many folders as there are."""
    source, photos = PhotoSource(path, no_person=True), Photos()
    names = [sample.id for sample in samples(source)]
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(str(Path(name).parent), []).append(name)
    turns = [(number, name) for group in folders.values() for number, name in enumerate(group)]
    first = [name for _, name in sorted(turns, key=lambda turn: turn[0])]
    one_each = first[: max(most, len(folders))]
    step = len(one_each) / min(most, len(one_each))
    wanted = {one_each[int(number * step)] for number in range(min(most, len(one_each)))}
    for sample in samples(source):
        if sample.id in wanted:
            try:
                yield open_photo(photos.read(sample))
            except BadPhoto:
                continue


def generated(count: int) -> Iterator[np.ndarray]:
    """Yield one picture of each of so many fictional people."""
    from mint.lab.twins.fictional_people import gan_person, load_generator
    from mint.lab.twins.pool_recipe import FIRST

    generator = load_generator()
    for number in range(count):
        yield gan_person(generator, SEED, number, 1, FIRST.variation)[0]


def lines(title: str, found: Movements) -> Iterator[str]:
    """Yield the table of one source."""
    first, *others = ALIGNMENTS
    yield f"## {title}: {found.photos} photos, {found.without} of them without a face"
    yield ""
    heads = [f"{name}: median, 90 %, ratio to {first} (95 %)" for name in others]
    yield f"| edit | n | {first}: median, 90 % | {' | '.join(heads)} | not found again |"
    yield "|---|---|---|" + "---|" * len(others) + "---|"
    for edit, by in found.moved.items():
        if not by[first]:
            yield f"| {edit} | 0 | | {'| ' * len(others)}| {found.lost[edit]} |"
            continue
        cells = [_cell(by[first])]
        for name in others:
            share, low, high = ratio(by[first], by[name])
            cells.append(f"{_cell(by[name])}, {share:.2f} ({low:.2f} to {high:.2f})")
        yield f"| {edit} | {len(by[first])} | {' | '.join(cells)} | {found.lost[edit]} |"
    yield ""
    means = {name: np.mean([np.median(by[name]) for by in found.moved.values() if by[name]]) for name in ALIGNMENTS}
    yield f"mean of the medians: {', '.join(f'{name} {value:.2f}' for name, value in means.items())}"
    for name, seconds in found.seconds.items():
        ms = 1e3 * np.array(seconds)
        yield (
            f"{name}: {np.median(ms):.1f} ms of processor time a face beyond the detection (a tenth of the faces took "
            f"{np.percentile(ms, 10):.1f} ms or less), {found.fallen_back[name]} of {found.faces} fell back"
        )
    yield ""


def recognised(faces: Path, recogniser: str) -> Iterator[str]:
    """Yield how well a recogniser tells people apart by the crops of each alignment."""
    for finder in FINDERS.values():
        told = verification(open_network(recogniser), *real_crops(faces, finder))
        yield f"{finder.name}: {told['accuracy']:.4f} of {told['pairs']} pairs right, AUC {told['auc']:.5f}"
    yield ""


def _cell(movements: list[float]) -> str:
    return f"{np.median(movements):.2f}, {np.percentile(movements, 90):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path, action="append", default=[], help="a folder or tar of photos")
    parser.add_argument("--photos", type=int, default=500, help="of each of these at most")
    parser.add_argument("--generated", type=int, default=0, help="photos of fictional people")
    parser.add_argument("--edits", nargs="+", default=["geometric"], help="names, or geometric (with codecs), or all")
    parser.add_argument("--recogniser", help="an ONNX file, or a name that `mint audit --network` takes")
    parser.add_argument("--json", type=Path, help="write every movement into this file")
    options = parser.parse_args()
    sets = {"geometric": GEOMETRIC_AND_CODECS, "all": tuple(TRIED)}
    edits = [edit for name in options.edits for edit in sets.get(name, (name,))]
    strange = [edit for edit in edits if edit not in TRIED]
    if strange:
        parser.error(f"there is no edit {strange[0]!r}; there are {', '.join(TRIED)}")
    cv2.setNumThreads(1)
    sources = {path.name: stored(path, options.photos) for path in options.faces}
    if options.generated:
        sources["generated"] = generated(options.generated)
    if not sources:
        parser.error("give --faces or --generated")
    for path in options.faces if options.recogniser else ():
        print(
            "\n".join([f"## {path.name}: {options.recogniser}", "", *recognised(path, options.recogniser)]), flush=True
        )
    written = {}
    for title, photos in sources.items():
        found = measure(photos, edits, ALIGNMENTS, lambda now: print(f"\r{now.photos} photos", end="", file=sys.stderr))
        print(file=sys.stderr)
        print("\n".join(lines(title, found)), flush=True)
        written[title] = {"moved": found.moved, "lost": found.lost, "fallen_back": found.fallen_back}
        if options.json:
            options.json.write_text(json.dumps(written))


if __name__ == "__main__":
    main()
