"""The lines of both tables, for one twin."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import torch

from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from tests.benchmarks.attacks.adversary import climbed
from tests.benchmarks.attacks.drawings import DRAWINGS, oval_face
from tests.benchmarks.attacks.edits import CUT_OUTS, EDITS, FOR_OTHERS, SMOOTHINGS
from tests.benchmarks.attacks.judging import Said, crop_of, edited, row, said_of, scores
from tests.benchmarks.attacks.photos import Photo, pool_photos, real_photos
from tests.benchmarks.attacks.renders import rendered_head

STEPS = 10
FARTHEST = (2, 8)  # of 255
Row = dict[str, Any]


def measured(options: argparse.Namespace, name: str) -> dict[str, list[Row]]:
    """Every line of both tables for one twin."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    bundle = load_bundle(options.weights / name)
    photos = pool_photos(options.pool, name, options.purpose, options.most, options.seed)
    photos["outsiders"] = photos["outsiders"][::2]  # whom edits hardly ever accuse
    if options.lfw:
        photos["real"] = real_photos(options.lfw, options.purpose, options.most, options.seed)
    found: dict[str, list[Row]] = {"members": [], "others": []}
    for part, lines in (
        ("members", _members(bundle, photos["members"])),
        ("others", _others(bundle, photos["siblings"], "siblings")),
        ("others", _adversaries(bundle, photos, options.most // 4)),
        ("others", _real(bundle, photos.get("real", []))),
        ("others", _drawings(bundle, photos, options.most)),
        ("others", _others(bundle, photos["outsiders"], "outsiders")),
    ):
        for line in lines:
            found[part].append(line)
            print(f"{time.process_time():5.0f} s", name, line, flush=True)
    return found


def _members(bundle: Bundle, photos: Sequence[Photo]) -> Iterator[Row]:
    for what, edit in EDITS.items():
        yield {"kind": "members", "what": what, **row(edited(bundle, photos, edit), photos, of_all=True)}
    for what, edit in CUT_OUTS.items():
        crops = [None if (crop := crop_of(bundle, photo.rgb)) is None else edit(crop) for photo in photos]
        yield {"kind": "members, cut out", "what": what, **row(said_of(bundle, crops), photos, of_all=True)}


def _others(bundle: Bundle, photos: Sequence[Photo], kind: str) -> Iterator[Row]:
    said = {what: edited(bundle, photos, EDITS[what]) for what in FOR_OTHERS}
    for what, one in said.items():
        yield {"kind": kind, "what": what, **row(one, photos)}
    best = _any(list(said.values()))
    yield {"kind": kind, "what": f"all {len(said)} of these tried, the best answer kept", **row(best, photos)}


def _any(tries: Sequence[Said]) -> Said:
    """A visitor who shows a photo in many forms and keeps the answer that he wants."""
    return Said(
        np.min([s.p for s in tries], axis=0),
        np.all([s.silent for s in tries], axis=0),
        np.all([s.faceless for s in tries], axis=0),
    )


def _real(bundle: Bundle, photos: Sequence[Photo]) -> Iterator[Row]:
    for what in ("an exact copy (PNG)", "resized to 30 %", "JPEG, quality 20", "through a messenger (60 %, JPEG 70)"):
        if photos:
            yield {"kind": "real", "what": what, **row(edited(bundle, photos, EDITS[what]), photos)}


def _drawings(bundle: Bundle, photos: dict[str, list[Photo]], most: int) -> Iterator[Row]:
    for kind in ("siblings", "real"):
        some = photos.get(kind, [])[::2]
        for what, draw in DRAWINGS.items():
            if some:
                yield {"kind": f"drawn {kind}", "what": what, **row(edited(bundle, some, draw), some)}
    ovals = [Photo(f"{i}", oval_face(i)) for i in range(most)]
    yield {"kind": "drawn", "what": "flat ovals", **row(edited(bundle, ovals, np.copy), ovals)}
    heads = [Photo(f"{i}", rendered_head(i)) for i in range(most)]
    yield {"kind": "drawn", "what": "heads in relief, rendered", **row(edited(bundle, heads, np.copy), heads)}


def _adversaries(bundle: Bundle, photos: dict[str, list[Photo]], most: int) -> Iterator[Row]:
    for kind in ("siblings", "outsiders", "real"):
        step = max(1, len(photos.get(kind, [])) // most)
        some = photos.get(kind, [])[::step][:most]
        if not some:
            continue
        crops = np.stack([crop for crop in (crop_of(bundle, photo.rgb) for photo in some) if crop is not None])
        assert len(crops) == len(some)
        smooth = [np.stack([edit(crop) for crop in crops]) for edit in SMOOTHINGS.values()]
        best = np.argmax([np.where(out, -np.inf, s) for s, out in (scores(bundle, one) for one in smooth)], axis=0)
        chosen = np.stack([smooth[k][i] for i, k in enumerate(best)])
        what = f"the best of {len(SMOOTHINGS)} smoothings"
        yield {"kind": f"adversary {kind}", "what": what, **row(said_of(bundle, list(chosen)), some)}
        for farthest in FARTHEST if kind == "siblings" else FARTHEST[-1:]:
            said = said_of(bundle, list(climbed(bundle, crops, farthest, STEPS)))
            what = f"gradient, within {farthest}/255"
            yield {"kind": f"adversary {kind}", "what": what, **row(said, some)}
