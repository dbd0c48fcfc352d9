"""What auditing one photo costs, as ratios within one run: ``python -m tests.benchmarks.photo``.

Every row is timed in turn with its base, pair by pair, and the median of the ratios is printed:
this holds on a noisy machine, seconds do not.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from mint.auditors.realign import BATCHES
from mint.auditors.views import VIEWS
from mint.membership import MembershipTest
from mint.storage.paths import EXAMPLES, WEIGHTS
from mint.vision.faces import find
from mint.vision.images import open_photo


def ratio(work: Callable[[], object], base: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """Median of paired ratios, and the median milliseconds of each."""
    found, ours, theirs = [], [], []
    for number in range(rounds + 3):
        seconds = []
        for call in (work, base) if number % 2 else (base, work):
            started = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - started)
        a, b = seconds if number % 2 else seconds[::-1]
        if number >= 3:  # the first are warm-up
            found.append(a / b)
            ours.append(a * 1e3)
            theirs.append(b * 1e3)
    return statistics.median(found), statistics.median(ours), statistics.median(theirs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--photo", type=Path, default=EXAMPLES / "faces" / "01-openpeople.jpg")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    test = MembershipTest.load(["twin-a"], options.weights)
    other = MembershipTest.load(["twin-b"], options.weights)
    both = MembershipTest({**test.bundles, **other.bundles})
    bundle = test.bundles["twin-a"]
    network, online = bundle.network, bundle.online()
    published = online.only(c for c, a in online.auditors.items() if a.kind in ("vanilla", "cnn"))
    rgb = open_photo(options.photo)
    faces = find(rgb)[:1]
    crop = faces[0].crop[None]
    pixels = torch.from_numpy(crop.copy()).permute(0, 3, 1, 2).float()
    batches = [network.preprocess(pixels.expand(n, -1, -1, -1)) for n in (1 + len(VIEWS), *BATCHES, 1)]

    @torch.inference_mode()
    def plain() -> None:
        find(rgb)
        network.model(network.preprocess(pixels))

    @torch.inference_mode()
    def forwards() -> None:
        for batch in batches:
            network.model(batch)

    rows = [
        (
            "published auditors",
            lambda: published.scores(network, find(rgb)[0].crop[None]),
            "detection + plain forward",
            plain,
            1.10,
        ),
        (
            "full audit",
            lambda: test.look_at(faces),
            f"{sum(map(len, batches))} plain forwards in {len(batches)} batches",
            forwards,
            1.20,
        ),
        (
            "both twins",
            lambda: both.look_at(faces),
            "one twin after the other",
            lambda: [one.look_at(faces) for one in (test, other)],
            0.80,
        ),
    ]
    print(f"{torch.get_num_threads()} threads, {options.rounds} pairs, photo {rgb.shape[1]} × {rgb.shape[0]}")
    for name, work, base_name, base, goal in rows:
        r, ours, theirs = ratio(work, base, options.rounds)
        print(f"{name:24s} {ours:7.1f} ms | {base_name:34s} {theirs:7.1f} ms | ratio {r:.2f} (goal {goal:.2f})")


if __name__ == "__main__":
    main()
