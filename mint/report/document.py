"""Turn audits into a report document: plain values, as ``schema.json`` describes them.

Everything that a reader needs to judge the answer is in it, and nothing of the photo unless its
crop is handed over. Texts are English; they are told in another language when they are rendered.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

import mint
from mint.bundles.bundle import Bundle
from mint.i18n.sentences import kept
from mint.report.case import NOT_STATED, Case
from mint.report.formats import FORMAT, INCOMPLETE, current, incomplete
from mint.report.network import about
from mint.report.precision import precision
from mint.report.results import results
from mint.report.sentences import LIMITS, NOT_TESTED, REFERENCES
from mint.report.story import commands
from mint.storage.addresses import LICENCE
from mint.types import FaceAudit, LayerScore, PhotoAudit
from mint.vision.images import to_png

if TYPE_CHECKING:
    from mint.judging.person import PersonAudit

# Characters that turn the direction of what follows: a name must not be able to rewrite its line.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class ReportPhoto:
    """One photo of a report.

    Attributes:
        audits: of the photo, one a network. Their ``photo`` is shown: a name, never a path.
        sha256: of the photo's bytes, so that a reader can tell which file was meant; None to leave it out.
        crops: (112, 112, 3) uint8 RGB, one a face; only where the reader asked for thumbnails.
        skipped: faces beyond the limit, which were not looked at.
        truth: network to whether it was trained on this very photo, where that is known.
    """

    audits: tuple[PhotoAudit, ...]
    sha256: str | None = None
    crops: tuple[np.ndarray, ...] = ()
    skipped: int = 0
    truth: Mapping[str, bool] | None = None


def photo_report(
    bundles: Mapping[str, Bundle],
    photos: Sequence[ReportPhoto],
    alpha: float,
    prior: float,
    made: datetime | None = None,
    case: Case = NOT_STATED,
    usage: Document | None = None,
    over_time: Document | None = None,
    folder: str = "",
) -> Document:
    """Make a report on photos, each judged by itself.

    Args:
        bundles: by network name; what the audits were made with.
        photos: at least one.
        alpha: the false-positive rate that was accepted.
        prior: the reader's belief before the test.
        made: when, with its time zone; now if None.
        case: who had it made, of which copy, and on which ground.
        usage: how many of the photos were used, from ``mint.report.optional.usage``; None where that was not asked.
        over_time: since which version of a network they were used, from ``mint.report.optional.over_time``; likewise.
        folder: that the photos lie in, where ``usage`` is about it: one place from which the commands of both run.

    Raises:
        BundleMismatch: what a bundle claims of its network's privacy cannot be read.
    """
    names = [f"{folder}/{exhibit.audits[0].photo}" if folder else exhibit.audits[0].photo for exhibit in photos]
    networks = [about(name, bundle, alpha) for name, bundle in bundles.items()]
    document = _frame("photos", networks, alpha, prior, made, [commands.place(_clean(name)) for name in names], case)
    shown = {"photos": [_photo(exhibit) for exhibit in photos], "person": None}
    return _finished({**document, **shown, **_asked_for(usage=usage, over_time=over_time)})


def person_report(
    bundles: Mapping[str, Bundle],
    audits: Sequence[PersonAudit],
    made: datetime | None = None,
    sha256: Mapping[str, str] | None = None,
    crops: Mapping[str, np.ndarray] | None = None,
    case: Case = NOT_STATED,
    usage: Document | None = None,
) -> Document:
    """Make a report on several photos of one person, judged together.

    Args:
        bundles: by network name.
        audits: of the person, one a network.
        made: as for ``photo_report``.
        sha256: of the photos' bytes, by their names; photos may be missing.
        crops: (112, 112, 3) uint8 RGB by the photos' names; only where the reader asked for thumbnails.
        case: as for ``photo_report``.
        usage: as for ``photo_report``.

    Raises:
        BundleMismatch: as for ``photo_report``.
    """
    first, hashes, pictures = audits[0], sha256 or {}, crops or {}
    counted = {audit.network: len(audit.judged) for audit in audits}
    networks = [about(name, bundle, first.alpha, counted.get(name, 0)) for name, bundle in bundles.items()]
    asked = ["--person", commands.place(_clean(first.person))]
    document = _frame("person", networks, first.alpha, first.prior, made, asked, case)
    named = dict.fromkeys(
        (*first.judged, *(n for n, _ in (*first.left_out, *first.copies, *first.errors)), *first.skipped)
    )
    photos = [{"name": n, "sha256": hashes.get(n), "thumbnail": _thumbnail(pictures.get(n))} for n in named]
    drop = ("person", "tier", "bundle", "bundle_sha256", "alpha", "prior")
    answers = [{key: value for key, value in audit.to_dict().items() if key not in drop} for audit in audits]
    person = {"name": first.person, "photos": photos, "answers": answers}
    return _finished({**document, "photos": [], "person": person, **_asked_for(usage=usage)})


def with_case(document: Document, case: Case) -> Document:
    """Return a report with another case written on it; one of an earlier version becomes one of this version.

    Raises:
        BadReport: it is not a complete document.
    """
    try:
        now = current(document)
    except INCOMPLETE as error:
        raise incomplete(error) from error
    found: Document = _cleaned({**now, "case": case.to_dict()})
    return found


def _asked_for(**parts: Document | None) -> Document:
    return {name: part for name, part in parts.items() if part is not None}


def _frame(
    subject: str,
    networks: Sequence[Document],
    alpha: float,
    prior: float,
    made: datetime | None,
    what: list[str],
    case: Case,
) -> Document:
    """Return what every report holds."""
    when = (made or datetime.now()).astimezone()
    asked = commands.networks((network["name"], network["bundle_sha256"]) for network in networks)
    audit = " ".join(["mint audit", *what, asked, f"--alpha {alpha:g} --prior {prior:g} --json"])
    return {
        "format": FORMAT,
        "subject": subject,
        "made": when.isoformat(timespec="seconds"),
        "time_zone": when.tzname(),
        "mint": {"version": mint.__version__, "licence": LICENCE},
        "alpha": alpha,
        "prior": prior,
        "case": case.to_dict(),
        "networks": list(networks),
        "limits": list(LIMITS),
        "not_tested": [dict(one) for one in NOT_TESTED],
        "check": {"verify": commands.verify_command(networks), "audit": audit},
        "references": [dict(reference) for reference in REFERENCES],
    }


def _photo(exhibit: ReportPhoto) -> dict[str, Any]:
    first = exhibit.audits[0]
    faces = []
    for number, face in enumerate(first.faces):
        crop = exhibit.crops[number] if number < len(exhibit.crops) else None
        faces.append(
            {
                "box": [float(side) for side in face.box],
                "sharpness": float(face.sharpness),
                "thumbnail": _thumbnail(crop),
                "answers": [_face(audit.network, audit.faces[number]) for audit in exhibit.audits],
            }
        )
    return {
        "name": first.photo,
        "sha256": exhibit.sha256,
        "error": first.error,
        "skipped": exhibit.skipped,
        "truth": None if exhibit.truth is None else dict(exhibit.truth),
        "faces": faces,
    }


def _face(network: str, face: FaceAudit) -> dict[str, Any]:
    return {
        "network": network,
        "photo": face.photo.to_dict(),
        "person": face.person.to_dict(),
        "layers": [_layer(layer) for layer in face.layers],
    }


def _layer(layer: LayerScore) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "auditor": layer.auditor,
        "score": layer.score,
        "p_value": layer.p_value,
        "membership": {"value": layer.membership, "low": layer.membership_low, "high": layer.membership_high},
        "speaks": layer.speaks,
        "verdict": str(layer.verdict),
    }


def _thumbnail(crop: np.ndarray | None) -> str | None:
    return None if crop is None else base64.b64encode(to_png(crop)).decode()


def _finished(document: Document) -> Document:
    """Return the document as it is stored: what follows from its answers, clean text, and what other languages are told from."""
    document = {**document, "precision": precision(document)}
    document = {**document, "results": results(document)}
    cleaned: Document = _cleaned({**document, "sentences": kept(document)})
    return cleaned


def _cleaned(value: Any) -> Any:
    """Return the document with every text cleaned, because a file name may hold anything."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {_clean(key): _cleaned(part) for key, part in value.items()}
    return [_cleaned(part) for part in value] if isinstance(value, list) else value


def _clean(text: str) -> str:
    """Replace control characters, line breaks and direction marks by U+FFFD."""
    bad = ("Cc", "Cs", "Zl", "Zp")
    return "".join("\ufffd" if unicodedata.category(c) in bad or c in TURNING else c for c in text)
