"""What becomes of turned photos: ``python -m tests.benchmarks.turned --pool pool --real lfw.tar``.

Photos of used people (``members``), of fictional ones who were never used (``outsiders``) and of real ones are turned by 0 to 270°,
every second one the other way, grey where nothing is, and judged. A row says of how many of them no face was found, how many
answers were "cannot say" because the face may not stand upright, or for another reason, and what the others were. "No sign of
use" of a member is the answer that must not be given because of a turn.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from mint.judging.photo import NOT_UPRIGHT
from mint.membership import MembershipTest
from mint.types import PhotoAudit, Verdict
from tests.benchmarks.attacks.photos import pool_photos, real_photos

TURNS = (*range(0, 50, 5), 60, 75, 90, 135, 180, 270)  # degrees
KINDS = ("members", "outsiders", "real")
NO_FACE, TOLD = "no face", "told to turn"
ANSWERS = (NO_FACE, TOLD, *(str(verdict) for verdict in Verdict))
GREY = (127, 127, 127)


def turned(rgb: np.ndarray, degrees: int) -> np.ndarray:
    """Return a (H, W, 3) uint8 photo turned counter-clockwise, as large as it must be to hold all of it."""
    way = Image.Resampling.BICUBIC if degrees % 90 else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(rgb).rotate(degrees, way, expand=True, fillcolor=GREY))


def answered(audit: PhotoAudit) -> str:
    """Name one of ``ANSWERS``, for the largest face."""
    if not audit.faces:
        return NO_FACE
    said = audit.faces[0].photo
    return TOLD if said.reason == NOT_UPRIGHT else str(said.verdict)


def table(test: MembershipTest, photos: dict[str, list[np.ndarray]], turns: Sequence[int]) -> list[str]:
    """Judge all photos at all turns, and return a line for each kind and turn."""
    lines = [f"{'kind':10} {'turn':>5} {'n':>4} " + " ".join(f"{answer:>15}" for answer in ANSWERS)]
    for kind, every in photos.items():
        for degrees in turns:
            seen = [turned(rgb, degrees if number % 2 else -degrees) for number, rgb in enumerate(every)]
            judged = test.look_and_judge_many(seen, [str(number) for number in range(len(seen))])
            found = Counter(answered(audits[0]) for _, audits in judged)
            lines.append(
                f"{kind:10} {degrees:>4}° {len(every):>4} " + " ".join(f"{found[answer]:>15}" for answer in ANSWERS)
            )
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.turned", description=__doc__)
    parser.add_argument("--pool", type=Path, default=Path("pool"))
    parser.add_argument("--real", type=Path, required=True, help="real faces, as mint lab bundle takes them")
    parser.add_argument("--network", default="twin-a")
    parser.add_argument("--most", type=int, default=60, help="photos of a kind")
    parser.add_argument("--turns", type=int, nargs="+", default=TURNS)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args(arguments)
    asked = "test", options.most, options.seed
    photos = {**pool_photos(options.pool, options.network, *asked), "real": real_photos(options.real, *asked)}
    rgbs = {kind: [photo.rgb for photo in photos[kind]] for kind in KINDS}
    print("\n".join(table(MembershipTest.load(options.network), rgbs, options.turns)))


if __name__ == "__main__":
    main()
