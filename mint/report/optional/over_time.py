"""What a report says of a photo over successive versions of one network: since which it was used, and whether it was taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mint.report.story.commands import place

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle
    from mint.bundles.series import Series
    from mint.judging.over_time import OverTime


def over_time(
    series: Series,
    bundles: Mapping[str, Bundle],
    answers: Sequence[tuple[str, Sequence[OverTime]]],
    alpha: float,
) -> dict[str, Any]:
    """Return a report's ``over_time``.

    Args:
        series: that was asked.
        bundles: of its versions, by name.
        answers: the report's photos in its order, each with the answers on its faces; with none where it was not audited.
        alpha: the limit that they were given at.
    """
    photos = " ".join(place(photo) for photo, _ in answers)
    return {
        "check": f"mint audit {photos} --versions {place(series.name)} --alpha {alpha:g} --json",
        "series": series.name,
        "series_sha256": series.sha256,
        "versions": [
            {"name": name, "fingerprint": bundles[name].network.fingerprint, "bundle_sha256": bundles[name].sha256}
            for name in series.names
        ],
        "compared_with": sum(len(known.values) for known in series.test.never.values()),
        "auc": dict(zip(("value", "low", "high"), series.auc, strict=True)),
        "measured": {name: _rate(series.measured[name]) for name in ("right", "covered")},
        "photos": [{"name": photo, "faces": [_face(face) for face in faces]} for photo, faces in answers],
    }


def _face(face: OverTime) -> dict[str, Any]:
    drop = ("box",)  # the report has it already
    return {key: value for key, value in face.to_dict().items() if key not in drop}


def _rate(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("value", "low", "high", "n")}
