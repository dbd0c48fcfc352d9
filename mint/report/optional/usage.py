"""What a report says of several photos together: which share of them was used, and which ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from mint.report.story import commands
from mint.report.story.usage import COUNTED_FROM

if TYPE_CHECKING:
    from mint.judging.folder import FolderAudit
    from mint.judging.person import PersonLook


def counted(judge: Callable[..., tuple[FolderAudit, ...]], look: PersonLook, person: str) -> tuple[FolderAudit, ...]:
    """Return how many photos of one person were used, one audit a network; nothing where they are too few to ask.

    Near-copies are not counted: they are among the audits' copies.

    Args:
        judge: ``MembershipTest.judge_folder``.
        look: at the photos.
        person: what to call them.
    """
    if len(look.looks) < COUNTED_FROM:
        return ()
    audits = judge(look.looks, person, errors=look.errors)
    return tuple(replace(audit, given=look.given, copies=(*look.copies, *audit.copies)) for audit in audits)


def usage(audits: Sequence[FolderAudit], people: bool = False, person: bool = False) -> dict[str, Any]:
    """Return a report's ``usage``.

    Args:
        audits: of the photos together, one a network; at least one. Their photos are named as the report names them.
        people: whether it was told who is on which photo, so that every sub-folder is a person.
        person: whether they are of one person, from ``counted``: ``mint folder`` would count near-copies as well.
    """
    first = audits[0]
    networks = commands.networks((audit.network, audit.bundle_sha256) for audit in audits)
    if person:
        check = f"mint audit --person {commands.place(first.folder)} {networks} --report usage.json"
    else:
        told = " --people" if people else ""
        # Where networks count at limits of their own nobody chose one, and the same command finds the same limits.
        limit = f" --alpha {first.alpha:g}" if len({audit.alpha for audit in audits}) == 1 else ""
        check = (
            f"mint folder {commands.place(first.folder)} {networks}{told}{limit} --fdr {first.discovery_rate:g} --json"
        )
    return {"check": check, "answers": [answer_of(audit) for audit in audits]}


def answer_of(audit: FolderAudit) -> dict[str, Any]:
    """Return one network's answer as a report holds it."""
    return {
        "network": audit.network,
        "limit": audit.alpha,
        "discovery_rate": audit.discovery_rate,
        "given": audit.given,
        "judged": list(audit.judged),
        "copies": [{"photo": photo, "of": of} for photo, of in audit.copies],
        "left_out": [{"photo": photo, "reason": why} for photo, why in audit.left_out],
        "share": None if audit.share is None else asdict(audit.share),
        "named": list(audit.named),
        "shortest": audit.shortest,
        "kinds_left_out": list(audit.kinds_left_out),
        "other_faces": [{"photo": photo, "faces": number} for photo, number in audit.other_faces],
        "reason": audit.reason,
    }
