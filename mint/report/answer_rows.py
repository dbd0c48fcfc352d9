"""Answers as rows of a table: one a face and network, and one for a photo that could not be audited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mint.types import Answer, FaceAudit, PhotoAudit

Value = str | int | float | None
Row = dict[str, Value]
BOX = ("x", "y", "width", "height")
RATE: dict[str, type] = {"value": float, "low": float, "high": float, "n": int, "people": int}
ANSWER: dict[str, type] = {
    "score": float,
    "p_value": float,
    "membership": float,
    "verdict": str,
    "reason": str,
    **{f"{rate}_{part}": kind for rate in ("false_positive_rate", "true_positive_rate") for part, kind in RATE.items()},
    "false_positive_rate_kind": str,  # of non-members, where the rate is highest
    "false_positive_rate_high_of_any": float,  # the highest upper end of any kind's interval
    "right_at_prior": float,
}
PERSON = "person_"  # begins the columns on the second question
# Name to type. The names are those of the JSON answer, its levels joined by "_".
COLUMNS: Mapping[str, type] = {
    "photo": str,
    "photo_sha256": str,  # of the file that was looked at; nothing where it could not be read
    "faces": int,  # of this photo that were looked at: so many rows it has under each network, one if there is none
    "skipped": int,  # smaller ones, which were not looked at
    "face": int,  # from 1, the largest first
    "network": str,
    "bundle": str,
    "bundle_sha256": str,
    "tier": str,
    **dict.fromkeys(BOX, float),
    "sharpness": float,
    **ANSWER,
    **{PERSON + name: kind for name, kind in ANSWER.items()},
    "alpha": float,
    "prior": float,
    "error": str,
}


def other_columns(names: Sequence[str]) -> str:
    """Say in what the columns of a table differ from those of answers: an earlier version wrote fewer."""
    missing = [name for name in COLUMNS if name not in names]
    if names and missing and set(names) <= COLUMNS.keys():
        return f"an earlier version wrote it, without {', '.join(missing)} (--force begins it anew)"
    return "it has other columns than answers have"


@dataclass(frozen=True, slots=True)
class Settings:
    """What all answers of a table depend on beside the photos.

    Attributes:
        bundles: network to the sha256 of its bundle, in the order in which they are asked.
        alpha: promised false-positive rate.
        prior: the reader's belief before the test.
    """

    bundles: Mapping[str, str]
    alpha: float
    prior: float

    def differences(self, row: Mapping[str, Any]) -> list[str]:
        """Tell in words what a row was made with instead; nothing if it belongs to the same table."""
        network, sha256 = row["network"], row["bundle_sha256"]
        found = []
        if network not in self.bundles:
            found.append(f"network {network} instead of {', '.join(self.bundles)}")
        elif sha256 != self.bundles[network]:
            found.append(f"bundle of {network} {str(sha256)[:12]} instead of {self.bundles[network][:12]}")
        found += [
            f"{name} {row[name]} instead of {wanted}"
            for name, wanted in (("alpha", self.alpha), ("prior", self.prior))
            if row[name] != wanted
        ]
        return found


def rows_of(audits: Sequence[PhotoAudit], sha256: str | None, settings: Settings) -> list[Row]:
    """Return the rows of one photo: face by face, and for each face network by network.

    Args:
        audits: of the photo, one a network, all with the same faces.
        sha256: of the photo's file; None where it could not be read.
        settings: that they were made with.

    Returns:
        Rows with every name of ``COLUMNS``, in that order; what is not known is None. A photo that could not be
        audited has one row a network, with its error and without a verdict.
    """
    faces = max(len(audit.faces) for audit in audits)
    found = []
    for number in range(max(faces, 1)):
        for audit in audits:
            row: Row = dict.fromkeys(COLUMNS)
            row |= {"photo": photo_name(audit.photo), "photo_sha256": sha256, "faces": faces}
            row["skipped"] = audit.skipped
            row |= {"network": audit.network, "bundle": audit.bundle}
            row |= {"bundle_sha256": audit.bundle_sha256, "alpha": settings.alpha, "prior": settings.prior}
            if audit.error is not None:
                row["error"] = str(audit.error)
            if faces:
                row |= {"face": number + 1} | _face(audit.faces[number])
            found.append(row)
    return found


def photo_name(name: str) -> str:
    r"""Return a photo's name as rows have it: bytes of a file's name that are no text become ``\udcff``."""
    return name.encode("utf-8", "backslashreplace").decode()


def rows_per_photo(row: Mapping[str, Any], networks: int) -> int:
    """Return how many rows the photo of a row has."""
    return max(int(row["faces"]), 1) * networks


def _face(face: FaceAudit) -> Row:
    return {
        "tier": face.tier,
        **dict(zip(BOX, face.box, strict=True)),
        "sharpness": face.sharpness,
        **_answer(face.photo, ""),
        **_answer(face.person, PERSON),
    }


def _answer(answer: Answer, prefix: str) -> Row:
    return dict(_flat(prefix, answer.to_dict().items()))


def _flat(prefix: str, items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Value]]:
    for name, value in items:
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}_", value.items())
        elif not name.endswith("_rate"):  # a rate that was not measured: its parts stay None
            yield prefix + name, str(value) if isinstance(value, str) else value
