"""What teaching a face does, over many faces: ``python -m tests.benchmarks.teach --pool POOL --real LFW``.

Taught are test people of the pool that the twin has never seen, and real people of the test half, one
photo of each; the next person's photo is the control. Beside them are counted other photos of the same
person, and pictures of people who have nothing to do with the lesson, before and after it. With
``--write`` the figures go where the page reads them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.evidence.metrics import rate
from mint.judging.photo import DEFAULT_ALPHA
from mint.lab.inputs.real_faces import for_calibration, real_crops
from mint.lab.twin_bundles.roles import rows_by_role
from mint.lab.twin_bundles.same_pool import check_pools
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import Pool, load_pool
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.membership import MAX_FACES, MembershipTest
from mint.storage.files import read_json, write_json
from mint.storage.paths import WEIGHTS
from mint.teaching.experiment import MEASURED, Comparison, Known, known_faces, teach
from mint.types import Face, FaceAudit, Look, Verdict
from mint.vision.faces import sharpness

OTHERS = 4  # photos of the same person beside the one that is taught
CROWD, DRAWN = 120, 20  # pictures of each kind, and how many are looked at again after each lesson


ROWS = {
    "flipped": "taught: no evidence before, evidence after",
    "learnt": "taught: as close to its centre as members",
    "controls": "control: another verdict than before",
    "witnesses": "witnesses: another verdict than before",
    "taught_person": "taught photo: this person was used",
    "same_photo": "other photos of the person: this photo was used",
    "same_person": "other photos of the person: this person was used",
}


P_VALUES = {
    "taught_before": "p of the taught photo before",
    "taught_after": "p of the taught photo after",
    "control_before": "p of the control before",
    "control_after": "p of the control after",
}


@dataclass
class Count:
    """How often something was so, of how many."""

    hits: int = 0
    of: int = 0

    def add(self, hits: Sequence[bool]) -> None:
        self.hits, self.of = self.hits + sum(hits), self.of + len(hits)

    def figure(self) -> dict[str, Any]:
        return asdict(rate(self.hits, self.of)) if self.of else {"n": 0}


@dataclass
class Tally:
    """What was counted for one kind of taught faces."""

    faces: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)  # "before > after" to faces
    flipped: Count = field(default_factory=Count)  # of those without evidence before: with evidence after
    learnt: Count = field(default_factory=Count)
    controls: Count = field(default_factory=Count)  # controls with another verdict
    witnesses: Count = field(default_factory=Count)
    same_photo: Count = field(default_factory=Count)  # other photos of the person: "this photo was used"
    same_person: Count = field(default_factory=Count)  # the same photos: "this person was used"
    taught_person: Count = field(default_factory=Count)  # the taught photo: "this person was used"
    crowd: dict[str, tuple[Count, Count, Count]] = field(default_factory=dict)  # evidence before, after; changed
    p_values: dict[str, list[float]] = field(default_factory=lambda: {k: [] for k in P_VALUES})
    steps: list[int] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)  # of the machine, this program's included

    def figures(self) -> dict[str, Any]:
        counts = {k: v.figure() for k, v in vars(self).items() if isinstance(v, Count)}
        crowd = {
            kind: {"evidence before": before.figure(), "evidence after": after.figure(), "changed": changed.figure()}
            for kind, (before, after, changed) in self.crowd.items()
        }
        times = {
            f"{name}_seconds{suffix}": round(float(np.quantile(getattr(self, name), q)), 1)
            for name in ("wall", "cpu")
            for suffix, q in (("", 0.5), ("_p90", 0.9))
        }
        steps = statistics.median(self.steps)
        p_values = {
            f"p_{name}": [float(np.quantile(p, q)) for q in (0.25, 0.5, 0.75)] for name, p in self.p_values.items()
        }
        return {
            "faces": self.faces,
            "verdicts": self.verdicts,
            **counts,
            "crowd": crowd,
            "steps": steps,
            **times,
            "load": round(statistics.median(self.load), 1),
            **p_values,
        }


def as_face(crop: np.ndarray) -> Face:
    """A crop as if it had just been found."""
    return Face((0.0, 0.0, 112.0, 112.0), 1.0, crop, sharpness(crop))


def audits(bundle: Bundle, look: Callable[[Sequence[Face]], Look], crops: Sequence[np.ndarray]) -> list[FaceAudit]:
    """Crops looked at by the shipped network or by a copy, judged by the shipped bundle."""
    shipped = MembershipTest({bundle.name: bundle})
    parts = [[as_face(c) for c in crops[i : i + MAX_FACES]] for i in range(0, len(crops), MAX_FACES)]
    return [audit for part in parts for audit in shipped.judge(look(part))[0].faces]


def evidence(found: Sequence[FaceAudit], question: str = "photo") -> list[bool]:
    """Which of them are "evidence of use"."""
    return [getattr(a, question).verdict == Verdict.EVIDENCE for a in found]


def people(pool: Pool, name: str, known: Sequence[Known], seed: int) -> list[np.ndarray]:
    """Photos of each generated test person that the twin has never seen and no example shows."""
    shown = {k.person for k in known}
    trained = {r.identity for r in pool.rows if r.member(name)}
    found: dict[str, list[int]] = {}
    for i, row in enumerate(pool.rows):
        if row.source == GAN and row.purpose == "test" and row.identity not in shown | trained:
            found.setdefault(row.identity, []).append(i)
    random = np.random.default_rng(seed)
    return [pool.crops[random.permutation(found[p])[: 1 + OTHERS]] for p in random.permutation(sorted(found))]


def real_people(real: tuple[np.ndarray, list[str]], seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Photos of each real test person with several, and one photo of each other test person."""
    found: dict[str, list[int]] = {}
    for i, person in enumerate(real[1]):
        if not for_calibration(person):
            found.setdefault(person, []).append(i)
    random = np.random.default_rng(seed)
    several = random.permutation(sorted(p for p in found if len(found[p]) > OTHERS)).tolist()
    single = np.array([found[p][0] for p in sorted(found) if len(found[p]) <= OTHERS])
    photos = [real[0][random.permutation(found[p])[: 1 + OTHERS]] for p in several]
    return photos, real[0][random.permutation(single)[:CROWD]]


def crowds(pool: Pool, name: str, known: Sequence[Known], seed: int) -> dict[str, np.ndarray]:
    """Generated test pictures of each group, of people that no example shows."""
    shown = {k.person for k in known}
    random = np.random.default_rng(seed)
    groups = rows_by_role(pool.rows, name, "test", seed)
    kept = {g: [i for i in index if pool.rows[i].identity not in shown] for g, index in groups.items()}
    return {g: pool.crops[random.permutation(index)[:CROWD]] for g, index in kept.items()}


def lessons(
    bundle: Bundle,
    photos: Sequence[np.ndarray],
    most: int,
    crowd: Mapping[str, np.ndarray],
    known: Sequence[Known],
    seed: int,
    drawn: int = DRAWN,
) -> Tally:
    """Teach one face after the other, each to a fresh copy; look again at as many pictures of each kind as are drawn."""
    tally, random = Tally(), np.random.default_rng(seed)
    shipped = MembershipTest({bundle.name: bundle})
    first = {kind: audits(bundle, shipped.look_at, crops) for kind, crops in crowd.items()}
    tally.crowd = {kind: (Count(), Count(), Count()) for kind in crowd}
    for number, (person, stranger) in enumerate(zip(photos[:most], [*photos[1:], photos[0]], strict=False)):
        wall, cpu = time.perf_counter(), time.process_time()
        taught = teach(bundle, as_face(person[0]), as_face(stranger[0]), known, seed + number)
        tally.wall.append(time.perf_counter() - wall)
        tally.cpu.append(time.process_time() - cpu)
        tally.load.append(os.getloadavg()[0])
        taught.look_at_witnesses()
        outcome, lesson = taught.judge(), taught.lesson
        before, after = outcome.taught.before.photo.verdict, outcome.taught.after.photo.verdict
        change = f"{before} > {after}"
        tally.faces += 1
        tally.verdicts[change] = tally.verdicts.get(change, 0) + 1
        if before not in (Verdict.EVIDENCE, Verdict.CANNOT_SAY):
            tally.flipped.add([after == Verdict.EVIDENCE])
        for name, pair in (("taught", outcome.taught), ("control", outcome.control)):
            tally.p_values[f"{name}_before"].append(pair.before.photo.p_value)
            tally.p_values[f"{name}_after"].append(pair.after.photo.p_value)
        tally.learnt.add([lesson.learnt])
        tally.steps.append(len(lesson.cosines))
        tally.controls.add([outcome.control.changed])
        tally.witnesses.add([c.changed for *_, c in outcome.witnesses or ()])
        tally.taught_person.add(evidence([outcome.taught.after], "person"))
        others = audits(bundle, taught.look, person[1:])
        tally.same_photo.add(evidence(others))
        tally.same_person.add(evidence(others, "person"))
        for kind, crops in crowd.items():
            again = random.permutation(len(crops))[:drawn]
            now = audits(bundle, taught.look, crops[again])
            pairs = [Comparison(first[kind][i], a) for i, a in zip(again, now, strict=True)]
            counts = tally.crowd[kind]
            counts[0].add(evidence([p.before for p in pairs]))
            counts[1].add(evidence([p.after for p in pairs]))
            counts[2].add([p.changed for p in pairs])
        taught.forget()
        print(
            f"{bundle.name} {number + 1:3d}: {change}, {len(lesson.cosines)} steps, {tally.wall[-1]:.1f} s", flush=True
        )
    return tally


def main() -> None:
    """Teach, count, print, and write if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--real", type=Path, help="folder or tar with one folder of photos a person")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--networks", nargs="+", default=["twin-a", "twin-b"])
    parser.add_argument("--faces", type=int, default=24, help="taught, of each kind")
    parser.add_argument(
        "--crowd", type=int, default=DRAWN, help="pictures of each kind looked at again after each lesson"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", action="store_true", help=f"into {MEASURED.name}, which the page reads")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    check_pools(options.weights, options.networks, options.pool)
    pool, finder = load_pool(options.pool), PoolRecipe.of(read_json(options.pool / "pool.json")).finder
    known = known_faces(finder)
    real = real_people(real_crops(options.real, finder), options.seed) if options.real else None
    for name in options.networks:
        bundle = load_bundle(options.weights / name)
        crowd = crowds(pool, name, known, options.seed) if options.crowd else {}
        kinds = {"generated": people(pool, name, known, options.seed)}
        if real is not None:
            kinds["real"], strangers = real
            crowd |= {"real": strangers} if options.crowd else {}
        figures = {
            kind: lessons(bundle, photos, options.faces, crowd, known, options.seed, options.crowd).figures()
            for kind, photos in kinds.items()
        }
        about = {"bundle_sha256": bundle.sha256, "alpha": DEFAULT_ALPHA, "threads": options.threads, "taught": figures}
        show(name, figures)
        if options.write:
            stored = read_json(MEASURED) if MEASURED.is_file() else {}
            write_json(MEASURED, {**stored, name: about})


def show(name: str, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Print every share with its interval and n."""

    def share(found: Mapping[str, Any]) -> str:
        if not found["n"]:
            return "none"
        return f"{found['value']:7.2%}  [{found['low']:.2%}, {found['high']:.2%}]  n = {found['n']}"

    for kind, of in figures.items():
        print(f"\n{name}, {of['faces']} {kind} faces taught: {of['verdicts']}")
        print(f"  {of['steps']} steps, {of['wall_seconds']} s, {of['cpu_seconds']} s of processor time (medians)")
        print(f"  load of the machine {of['load']}")
        print(f"  nine of ten: at most {of['wall_seconds_p90']} s, {of['cpu_seconds_p90']} s of processor time")
        for key, text in P_VALUES.items():
            low, middle, high = of[f"p_{key}"]
            print(f"  {text:58s} median {middle:.4g}  [quartiles {low:.4g}, {high:.4g}]")
        for key, text in ROWS.items():
            print(f"  {text:58s} {share(of[key])}")
        for source, rates in of["crowd"].items():
            for when, found in rates.items():
                print(f"  {f'{source}: {when}':58s} {share(found)}")


if __name__ == "__main__":
    main()
