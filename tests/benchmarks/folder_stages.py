"""Where the time of ``mint audit FOLDER`` goes, stage by stage: ``python -m tests.benchmarks.folder_stages``.

Milliseconds of processor time a photo, one thread, once everything is loaded: medians over photos, with quartiles; what a batch
does together is divided by its photos. They depend on the machine; which stage is the largest hardly does.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from mint.auditors.panel import score_looks
from mint.cli.console import json_text
from mint.membership import PHOTOS_PER_BATCH, MembershipTest
from mint.types import Look, PhotoAudit
from mint.vision import faces
from mint.vision.detectors import MEASURES
from mint.vision.images import open_photo
from tests.benchmarks.photo_folder import drawn, taken

T = TypeVar("T")


class Stages:
    """Milliseconds of each stage, photo by photo."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(list)

    def time(self, stage: str, work: Callable[..., T], *arguments: object, photos: int = 1) -> T:
        """Do some work, and note what each of its photos took."""
        started = time.process_time()
        done = work(*arguments)
        self.spent[stage].append((time.process_time() - started) * 1e3 / photos)
        return done

    def table(self) -> str:
        """Return the stages as a Markdown table."""
        rows = ["| stage | ms a photo, median (quartiles) |", "|---|---|"]
        middles = []
        for stage, values in self.spent.items():
            low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
            middles.append(float(middle))
            rows.append(f"| {stage} | {middle:.1f} ({low:.1f}–{high:.1f}) |")
        return "\n".join([*rows, f"| sum | {sum(middles):.1f} |"])


def measure(test: MembershipTest, files: list[Path]) -> Stages:
    """Take photos through every stage, in batches as an audit does."""
    stages = Stages()
    test.judge(test.look(files[0]))  # whatever is made once
    finder = test.bundles[next(iter(test.bundles))].network.finder.name
    again = MEASURES.get(finder)

    def detect(rgb: np.ndarray) -> np.ndarray:
        return faces.in_order(faces.detect(rgb))

    def written(audits: Sequence[PhotoAudit]) -> list[str]:
        return [json_text(audit.to_dict()) for audit in audits]

    for start in range(0, len(files), PHOTOS_PER_BATCH):
        looks: list[Look] = []
        for file in files[start : start + PHOTOS_PER_BATCH]:
            rgb = stages.time("decode", open_photo, file)
            rows = stages.time("detect", detect, rgb)
            found = stages.time("measure landmarks again, and cut out", faces.largest_first, rgb, rows, again)
            looks.append(Look(str(file), found))
        for name, bundle in test.bundles.items():
            stage, panels = f"{name}: views, network, auditors", {name: bundle.online()}
            seen = stages.time(stage, score_looks, looks, {name: bundle.network}, panels, photos=len(looks))
            looks = [look.joined(other) for look, other in zip(looks, seen, strict=True)]
        for look in looks:
            stages.time("write as JSON", written, stages.time("judge", test.judge, look))
    return stages


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.folder_stages", description=__doc__)
    parser.add_argument("--photos", type=int, default=64)
    parser.add_argument(
        "--photos-from", type=Path, help="a folder or tar that they are taken from; else examples, altered"
    )
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    test = MembershipTest.load()
    with tempfile.TemporaryDirectory(prefix="mint-photos-") as work:
        into, count = Path(work) / "photos", options.photos
        folder = taken(options.photos_from, into, count) if options.photos_from else drawn(into, count)
        print(measure(test, sorted(folder.iterdir())).table())


if __name__ == "__main__":
    main()
