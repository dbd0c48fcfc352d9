"""Render the section of a model card on several photos of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mint.evidence.metrics import widened
from mint.evidence.person import OTHERS
from mint.lab.persons.evaluation import BRINGS

PEOPLE_KINDS = {"outsiders": "generated people", "real": "real people", "members": "people who were used"}


def people_section(evaluation: Mapping[str, Any]) -> list[str]:
    """Return lines of Markdown; none if the bundle was made without strangers."""
    found = evaluation.get("people")
    if found is None:
        return []
    sizes = sorted({row["photos"] for row in found["not used"]})
    return [
        "## Several photos of one person", "",
        "One set of n photos for each person, so that every figure counts people. Photos that repeat another one are taken out first. "
        "AUC of people who were used against generated people who were not, with its 95 % interval (bootstrap over people):", "",
        *_table(("photos", *BRINGS.values()), [(n, *(_auc(found["used"], n, kind) for kind in BRINGS)) for n in sizes]),
        f'Who gets "evidence of use" at α = {found["alpha"]}: people who were not used (the false alarms), then people who were.', "",
        *_table(
            ("photos", *(f"{PEOPLE_KINDS[k]}, not used" for k in OTHERS), *(f"used; brings {words}" for words in BRINGS.values())),
            [(n, *(_rate(_one(found["not used"], n, people=k)) for k in OTHERS), *(_evidence(found["used"], n, k) for k in BRINGS)) for n in sizes],
        ),
        "The same without the classification head (compactness and consistency only), AUC:", "",
        *_table(
            ("photos", *BRINGS.values()), [(n, *(_auc(found["without the head"], n, kind) for kind in BRINGS)) for n in sizes]
        ),
        "Folders of nearly identical pictures of people who were not used. Copies are taken out, and what is left is not judged if it "
        "is more alike than the photos of anybody in the calibration set:", "",
        *_table(
            ("folder", "people", "folders", "distinct photos left", "evidence of use from one picture", "evidence of use", "cannot say", "evidence of use if every picture counted"),
            [
                (r["folder"], r["people"], r["folders"], f"{r['distinct photos, mean']:.1f}",
                 *(_rate(r[k]) for k in ("evidence from one picture", "evidence", "cannot say", "evidence if every picture counted")))
                for r in found["bursts"]
            ],
        ),
        "Two photos of different occasions are taken for one: "
        + ", ".join(f"{PEOPLE_KINDS[k]} {_rate(r)}" for k, r in found["two photos taken for one"].items()) + ".", "",
        "One photo of somebody else among the others draws a warning, never a refusal:", "",
        *_table(
            ("photos", "people", "noticed", "warned although nothing was wrong"),
            [(r["photos"], PEOPLE_KINDS[r["people"]], _rate(r["noticed"]), _rate(r["suspected though clean"])) for r in found["one wrong photo"]],
        ),
    ]  # fmt: skip


def _one(rows: Sequence[Mapping[str, Any]], n: int, **fields: str) -> Mapping[str, Any] | None:
    return next((r for r in rows if r["photos"] == n and all(r[k] == v for k, v in fields.items())), None)


def _auc(rows: Sequence[Mapping[str, Any]], n: int, kind: str) -> str:
    row = _one(rows, n, bring=kind)
    if row is None:
        return "nobody has so many"
    low, high = widened(row["auc"], row["auc_low"], row["auc_high"], min(row["people"], row["others"]))
    return f"{row['auc']:.3f} ({low:.3f}–{high:.3f}), {row['people']} against {row['others']} people"


def _evidence(rows: Sequence[Mapping[str, Any]], n: int, kind: str) -> str:
    row = _one(rows, n, bring=kind)
    return _rate(None if row is None else row["evidence"])


def _rate(rate: Mapping[str, Any] | None) -> str:
    if rate is None:
        return "–"
    people = rate.get("people")  # how many; in some rows it names who they are
    of = f" of {people} people" if isinstance(people, int) and people != rate["n"] else ""
    return f"{rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}{of}"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(map(str, line))} |" for line in lines), ""]
