"""A membership test without networks, made from the real values, so that the page cannot tell."""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from mint.bundles.bundle import Bundle
from mint.bundles.evaluation import CROSS
from mint.errors import MintError
from mint.evidence.verdict import Range, chance_right
from mint.i18n.labels import pair_of, same_half
from mint.i18n.sentences import Sentence
from mint.judging.folder import FolderAudit
from mint.judging.person import PersonAudit, PersonLook
from mint.membership import Photo
from mint.storage.paths import EXAMPLES
from mint.types import Answer, Face, FaceAudit, LayerScore, Look, PhotoAudit, Rate, Reasons, Verdict
from mint.vision.faces import find, fingerprint
from mint.vision.images import open_photo, to_png
from tests.ui.latch import Latch

NETWORKS = ("twin-a", "twin-b")
THIRD = "glint360k-iresnet100-arcface-fine-tuned-on-somebody-elses-photos-2026"  # of no twin, with taps of its own
STAGES = ("stage1", "stage2", "stage3", "stage4")
OTHER_TAPS = ("Relu_211_output_0", "Add_447_output_0")
Who = Callable[[Face], Collection[str]]


def by_fingerprint(face: Face) -> Collection[str]:
    """A face's fixed fate, drawn from its pixels: A, B or neither."""
    return ({"twin-a"}, {"twin-b"}, set())[int(fingerprint(face.crop)[:6], 16) % 3]


def rate(value: float, n: int = 940) -> Rate:
    return Rate(value, max(0.0, value - 0.006), min(1.0, value + 0.007), n)


def answer(used: bool, alpha: float, prior: float, verdict: Verdict | None = None) -> Answer:
    p = 0.0024 if used else 0.41
    if verdict is None:
        verdict = Verdict.EVIDENCE if p <= alpha else Verdict.INCONCLUSIVE if used else Verdict.NO_SIGN
    reason = {
        Verdict.EVIDENCE: Sentence(
            "at most {share}% of those not used score this high, at 90% confidence", share=f"{100 * p:.2f}"
        ),
        Verdict.INCONCLUSIVE: Sentence("used and unused alike score like this"),
        Verdict.NO_SIGN: Sentence("{share}% of those known to be used score higher than this", share=95),
        Verdict.CANNOT_SAY: Sentence(
            "{quality} is lower than in nearly all the photos this test was calibrated on",
            quality=Sentence("brightness"),
        ),
    }[verdict]
    found, alarms = rate(0.93), rate(max(0.001, alpha * 0.7))
    return Answer(
        2.1 if used else -1.7,
        p,
        0.97 if used else 0.06,
        verdict,
        reason,
        alarms,
        found,
        chance_right(prior, found, alarms),
    )


def taps(network: str) -> Sequence[str]:
    """Where a network is looked at."""
    return OTHER_TAPS if pair_of(network) is None else STAGES


def face_audit(
    used: bool, alpha: float = 0.01, prior: float = 0.5, verdict: Verdict | None = None, stages: Sequence[str] = STAGES
) -> FaceAudit:
    noise = np.random.default_rng(7 + used)
    layers = [
        LayerScore(s, k, 0.0, 0.4, float(0.5 + noise.normal(0, 0.02))) for s in stages for k in ("vanilla", "cnn")
    ]
    said = verdict or (Verdict.EVIDENCE if used else Verdict.NO_SIGN)
    layers = [replace(k, membership_low=k.membership - 0.05, membership_high=k.membership + 0.04) for k in layers]
    layers.append(LayerScore("embedding", "vanilla", 0.1, 0.3, 0.56 if used else 0.47))
    layers += [LayerScore("all", k, 0.0, 0.4, float(0.5 + noise.normal(0, 0.02))) for k in ("vanilla", "cnn")]
    layers.append(LayerScore("views", "consistency", 1.2, 0.01, 0.88 if used else 0.18, said))
    layers.append(LayerScore("head", "prototype", 3.0, 0.002, 0.995 if used else 0.03, said))
    photo = answer(used, alpha, prior, verdict)
    return FaceAudit((10.0, 10.0, 60.0, 70.0), 90.0, tuple(layers), photo, answer(used, alpha, prior), alpha, prior)


def evaluation() -> dict[str, Any]:
    def level(name: str, best: float) -> dict[str, Any]:
        pairs = [(s, k, 0.505) for s in STAGES for k in ("vanilla", "cnn")]
        pairs += [("embedding", "vanilla", 0.55), ("views", "consistency", 0.93), ("head", "prototype", best)]
        rows = [
            {"layer": s, "auditor": k, "auc": a, "auc_low": a - 0.02, "auc_high": min(1.0, a + 0.02), "accuracy": a,
             "tpr_at_1pct_fpr": a**9, "members": 699, "non_members": 3710}
            for s, k, a in pairs
        ]  # fmt: skip
        controls = {k: {"auc": 0.51} for k in ("pixels", "untrained", "other-twin", "shuffled-labels")}
        gate = {"passes": True, "margin": best - 0.51, "low": best - 0.55, "high": best - 0.49}
        return {
            "network": "twin-a",
            "level": name,
            "rows": rows,
            "controls": controls,
            "gate": gate,
            "verdicts": verdicts,
        }

    kinds = {"members": 0.98, "siblings": 0.017, "outsiders": 0.0, "real": 0.0}
    shares = {
        kind: {"value": v, "low": max(0, v - 0.01), "high": min(1, v + 0.01), "n": 1151} for kind, v in kinds.items()
    }
    verdicts = {"photo": {"alpha": 0.01, **shares}, "person": {"alpha": 0.01, **shares}}
    papers = [
        {"layer": s, "auditor": k, "auc": a, "auc_low": a - 0.02, "auc_high": min(1.0, a + 0.02),
         "without_membership": {"auc": a - 0.01}, "gate": {"passes": k == "prototype"}}
        for s, k, a in (*((s, "vanilla", 0.81) for s in STAGES), ("head", "prototype", 0.99))
    ]  # fmt: skip
    return {
        "sample": level("sample", 0.985),
        "identity": level("identity", 0.999),
        CROSS: {"sample": {"rows": papers}},
    }


def bundle(name: str) -> Any:
    """What the page and a report read of a bundle: its evaluation, and the scores that were calibrated and measured on.

    Every auditor of ``face_audit`` has test scores: those of this project part members from siblings, others do not. On
    the papers' data, whose non-members are real faces, an auditor a layer and the prototype have some as well.
    """
    random, strips = np.random.default_rng(5), np.random.default_rng(6)
    tables = {
        source: {
            "photo": random.normal(2.0 if source == "members" else -2.0, 1.0, n),
            "vanilla/all": random.normal(0.0, 1.0, n),
        }
        for source, n in (("members", 120), ("siblings", 300), ("outsiders", 300), ("openpeople", 44), ("real", 900))
    }
    for table in tables.values():
        table["person"] = table["photo"]
        table["identity"] = np.arange(len(table["photo"]))
    papers = {source: {"identity": np.arange(60)} for source in ("members", "siblings", "real")}
    for said in face_audit(True, stages=taps(name)).layers:
        column, own = f"{said.auditor}/{said.layer}", said.auditor in ("consistency", "prototype")
        for source in ("members", "siblings"):
            n = len(tables[source]["identity"])
            apart = 2.0 * own * (1 if source == "members" else -1)
            tables[source].setdefault(column, strips.normal(apart, 1.0, n))
        if said.auditor == "vanilla" or own:
            for source, table in papers.items():
                table[column] = strips.normal(-1.0 if source == "real" else 1.0, 1.0, 60)
    opened_as = {"taps": [{"name": tap} for tap in taps(name)], "finder": "yunet-112"}
    network = SimpleNamespace(
        fingerprint="f" * 64, describe=lambda: opened_as, finder=SimpleNamespace(name="yunet-112")
    )
    return Bundle(
        name=name, network=network, panel=None, specs=(), fusions={}, platt={}, ranges=Range({}),  # type: ignore[arg-type]
        scores={"calibration": tables, "test": tables, CROSS: papers}, gates={}, facts={}, sha256="0" * 64, evaluation=evaluation(),
    )  # fmt: skip


def person_audit(network: str, look: PersonLook, person: str, alpha: float, prior: float) -> PersonAudit:
    """The more photos that the network "used", the smaller p."""
    n = len(look.looks)
    used = n > 0 and all(k.scores[network]["used"][0] for k in look.looks)
    p = 0.4 / 10 ** (n - 1) if used else 0.6
    verdict = Verdict.EVIDENCE if p <= alpha else Verdict.INCONCLUSIVE if used else Verdict.NO_SIGN
    said = answer(used, alpha, prior, verdict)
    audit = PersonAudit(person, network, network, "0" * 64, alpha, prior, given=look.given)
    if not n:
        return replace(audit, error=Sentence("None of the {n} photos could be used.", n=look.given))
    return replace(
        audit, judged=tuple(k.photo for k in look.looks), copies=look.copies, errors=look.errors, score=said.score,
        p_value=p, verdict=verdict, reason=said.reason, false_positive_rate=said.false_positive_rate,
        true_positive_rate=said.true_positive_rate, right=said.right,
    )  # fmt: skip


class FakeTest:
    """Looks and judges as ``MembershipTest`` does, and counts how often.

    Args:
        who: a face to the networks that "used" it; so did those of the same half of other pairs.
        seconds: how long a look takes.
        most: faces that are looked at.
        networks: their names.

    Attributes:
        looking: a latch in every look, once it is counted.
        cuts: how faces are cut out of a photo.
    """

    cuts = "in one way"

    def __init__(
        self,
        who: Who = by_fingerprint,
        seconds: float = 0.0,
        most: int = 12,
        networks: Sequence[str] = NETWORKS,
    ) -> None:
        self.bundles = {n: bundle(n) for n in networks}
        self.who, self.seconds, self.most = who, seconds, most
        self.looks = self.judgements = 0
        self.looking = Latch()

    def find(self, photo: Photo) -> tuple[np.ndarray, tuple[Face, ...]]:
        rgb = photo if isinstance(photo, np.ndarray) else open_photo(photo)
        return rgb, find(rgb)

    def look(self, photo: Photo, name: str = "photo", saliency: bool = False) -> Look:
        rgb, faces = self.find(photo)
        return self.look_at(faces, name, rgb, saliency=saliency)

    def look_at(
        self,
        faces: Sequence[Face],
        name: str = "photo",
        rgb: np.ndarray | None = None,
        by: str = "",
        saliency: bool = False,
    ) -> Look:
        kept = tuple(faces[: self.most])
        return self._seen(Look(name, kept, skipped=len(faces) - len(kept)), saliency)

    def look_again(self, look: Look, before: FakeTest, saliency: bool = False) -> Look:
        if self.cuts != before.cuts:
            raise MintError("These networks cut faces out of a photo in another way. Add the photo once more.")
        return look if set(self.bundles) <= set(look.scores) else self._seen(look, saliency)

    def look_person_again(self, look: PersonLook, before: FakeTest) -> PersonLook:
        return replace(look, looks=tuple(self.look_again(each, before) for each in look.looks))

    def _seen(self, look: Look, saliency: bool) -> Look:
        self.looks += 1
        self.looking.through()
        time.sleep(self.seconds)
        used = [{other for n in self.who(face) for other in same_half(n)} for face in look.faces]
        scores = {n: {"used": np.array([n in by for by in used])} for n in self.bundles}
        maps = self._maps(len(look.faces)) if saliency else {}
        return replace(look, scores={**look.scores, **scores}, saliency={**look.saliency, **maps})

    def _maps(self, n: int) -> dict[str, dict[str, np.ndarray]]:
        noise = np.random.default_rng(1)
        return {
            name: {tap: noise.random((n, k, k), np.float32) for tap, k in zip(taps(name), (32, 16, 8, 4), strict=False)}
            for name in self.bundles
        }

    def look_person(
        self, photos: Iterable[Photo], names: Iterable[str], before: PersonLook | None = None
    ) -> PersonLook:
        look = before or PersonLook()
        for photo, name in zip(photos, names, strict=True):
            try:
                seen = self.look(photo, name)
            except MintError as error:
                look = replace(look, errors=(*look.errors, (name, error.sentence)))
                continue
            if (of := look.copied(seen.faces[0])) is not None:
                look = replace(look, copies=(*look.copies, (name, of)))
            else:
                look = replace(look, looks=(*look.looks, seen))
        return look

    def judge_person(
        self, look: PersonLook, person: str, alpha: float = 0.01, prior: float = 0.5
    ) -> tuple[PersonAudit, ...]:
        self.judgements += 1
        return tuple(person_audit(n, look, person, alpha, prior) for n in self.bundles)

    def judge_folder(self, looks: Sequence[Look], folder: str, *, errors: Reasons = ()) -> tuple[FolderAudit, ...]:
        """Say nothing: only real scores tell a share."""
        given = tuple(look.photo for look in looks)
        why = Sentence("at this limit the test finds no more members than non-members")
        return tuple(
            FolderAudit(folder, n, "0" * 64, 0.01, 0.1, len(looks), given, (), (), errors, reason=why)
            for n in self.bundles
        )

    def judge(self, look: Look, alpha: float = 0.01, prior: float = 0.5) -> tuple[PhotoAudit, ...]:
        self.judgements += 1
        found = {
            n: tuple(face_audit(bool(u), alpha, prior, stages=taps(n)) for u in look.scores[n]["used"])
            for n in self.bundles
        }
        return tuple(PhotoAudit(look.photo, n, n, "0" * 64, faces, skipped=look.skipped) for n, faces in found.items())

    def audit(self, photo: bytes, name: str, alpha: float = 0.01, prior: float = 0.5) -> tuple[PhotoAudit, ...]:
        try:
            return self.judge(self.look(photo, name), alpha, prior)
        except MintError as error:
            return tuple(PhotoAudit(name, n, n, "0" * 64, (), error.sentence) for n in self.bundles)


def a_face(seed: int = 0) -> Face:
    crop = np.random.default_rng(seed).integers(0, 255, (112, 112, 3), np.uint8)
    return Face((10.0 + 40 * seed, 12.0, 50.0, 60.0), 0.9, crop, 80.0)


def write_examples(folder: Path, photo: Path) -> Path:
    """A small wall of pictures and one of people: one photo in tints, with a fate each, and verdicts that agree."""
    fates = [("member", "non-member"), ("non-member", "member"), ("non-member", "non-member")]
    faces, people = folder / "faces", folder / "people"
    rows, verdicts = [], {}
    for i in range(15):
        name, (a, b) = f"{i:02}.png", fates[i % 3]
        _write_tint(faces / name, photo, i)
        used_by = ("twin-a", "twin-b", "")[i % 3]
        rows.append(
            {"file": name, "person": f"P{i // 3}", "twin-a": a, "twin-b": b, "used-by": used_by, "source": "drawn"}
        )
        verdicts[name] = [
            PhotoAudit(name, n, n, "0" * 64, (face_audit(fate == "member"),)).to_dict()
            for n, fate in zip(NETWORKS, (a, b), strict=True)
        ]
    _write_table(faces / "faces.csv", rows)
    (faces / "verdicts.json").write_text(json.dumps(verdicts))
    rows = []
    people.mkdir()
    for file in sorted((EXAMPLES / "people").glob("0[13]-[123]-gan.png")):
        shutil.copy(file, people)
        a, used_by = ("member", "twin-a") if file.name.startswith("01") else ("non-member", "")
        row = {"file": file.name, "person": file.name[:2], "twin-a": a, "twin-b": "non-member", "used-by": used_by}
        rows.append(row | {"source": "drawn"})
    _write_table(people / "people.csv", rows)
    (folder / "SOURCES.md").write_text(
        "| source | licence | what |\n|---|---|---|\n| `drawn` | CC0-1.0 | tints of one photo |\n"
    )
    return folder


def _write_tint(path: Path, photo: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rgb = open_photo(photo)
    tint = np.array([1 - 0.03 * number, 1.0, 0.7 + 0.03 * number])
    path.write_bytes(to_png(np.clip(rgb.astype(np.float32) * tint, 0, 255).astype(np.uint8)))


def _write_table(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def who_by_table(folder: Path) -> Who:
    """The fate that both tables tell, for their own pictures; everybody else was used by nobody."""
    fates: dict[str, set[str]] = {}
    for table in (folder / "faces" / "faces.csv", folder / "people" / "people.csv"):
        for row in csv.DictReader(table.read_text().splitlines()):
            face = find(open_photo(table.parent / row["file"]))[0]
            fates[fingerprint(face.crop)] = {n for n in NETWORKS if row[n] == "member"}
    return lambda face: fates.get(fingerprint(face.crop), set())
