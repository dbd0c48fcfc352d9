"""Say why auditors abstain: the reason of most of them once for all, any other beside those whom it holds for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mint.evidence.score_table import PHOTO
from mint.i18n.labels import OWN, PUBLISHED, auditor
from mint.i18n.translate import ENGLISH, Say
from mint.report.story.phrases import sentence
from mint.types import FaceAudit, LayerScore, Verdict
from mint.ui.html import esc

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle


def reasons(
    stops: Mapping[str, Sequence[LayerScore]], face: FaceAudit, bundle: Bundle, say: Say = ENGLISH
) -> tuple[str, dict[str, str]]:
    """Render why auditors abstain.

    Args:
        stops: stop to the auditors that read it.
        face: what they say of it.
        bundle: theirs.
        say: the visitor's language.

    Returns:
        What stands above all stops, empty unless a reason holds for those of several; and stop to what stands there.
    """
    found = {
        stop: _of_stop([said for said in heard if not said.speaks], face, bundle, say) for stop, heard in stops.items()
    }
    where = Counter(why for here in found.values() for why in here)
    above = ""
    most, count = next(iter(where.most_common(1)), ("", 0))
    if count > 1:
        for here in found.values():
            here.pop(most, None)
        who = (
            say("Where a strip is grey and nothing else is said, its auditor cannot say.")
            if len(where) > 1
            else say("Where a strip is grey, its auditor cannot say.")
        )
        above = f'<p class="why on-same"><b>{who}</b> {esc(sentence(most))}</p>'
    return above, {stop: "".join(_told(names, why) for why, names in here.items()) for stop, here in found.items()}


def _told(names: Sequence[str], why: str) -> str:
    return f'<p class="why on-same"><b>{esc(", ".join(names))}:</b> {esc(sentence(why))}</p>'


def _of_stop(silent: Sequence[LayerScore], face: FaceAudit, bundle: Bundle, say: Say) -> dict[str, list[str]]:
    """Return each reason with the names of those whom it holds for."""
    found: dict[str, list[str]] = {}
    for said in silent:
        found.setdefault(say(_reason(said, face, bundle)), []).append(name_of(said, say)[0])
    return found


def _reason(said: LayerScore, face: FaceAudit, bundle: Bundle) -> str:
    """Return why an auditor abstains: for a gate that is closed, or because the face is unlike what it was calibrated on."""
    why = bundle.abstention_reason(f"{said.auditor}/{said.layer}", PHOTO, said.p_value)
    if why is not None:
        return why
    if face.photo.verdict is Verdict.CANNOT_SAY:
        return face.photo.reason
    return "the face is unlike nearly all that it was calibrated on"


def name_of(said: LayerScore, say: Say) -> tuple[str, str]:
    """Return what an auditor is called beside the name of its stop, and what it reads in a few words."""
    if said.auditor in OWN:
        return auditor(said.auditor, said.layer, say)
    return PUBLISHED.get(said.auditor, said.auditor), ""
