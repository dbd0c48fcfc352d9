"""What a report says of several photos together: which share of them was used, and which ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from shlex import quote
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mint.judging.folder import FolderAudit


def usage(audits: Sequence[FolderAudit], people: bool = False) -> dict[str, Any]:
    """Return a report's ``usage``.

    Args:
        audits: of the photos together, one a network; at least one. Their photos are named as the report names them.
        people: whether it was told who is on which photo, so that every sub-folder is a person.
    """
    first = audits[0]
    networks = " ".join(f"--network {quote(audit.network)}" for audit in audits)
    told = " --people" if people else ""
    # Where networks count at limits of their own nobody chose one, and the same command finds the same limits.
    limit = f" --alpha {first.alpha:g}" if len({audit.alpha for audit in audits}) == 1 else ""
    check = f"mint folder {quote(first.folder)} {networks}{told}{limit} --fdr {first.discovery_rate:g} --json"
    return {"check": check, "answers": [_answer(audit) for audit in audits]}


def _answer(audit: FolderAudit) -> dict[str, Any]:
    return {
        "network": audit.network,
        "limit": audit.alpha,
        "discovery_rate": audit.discovery_rate,
        "given": audit.given,
        "judged": list(audit.judged),
        "share": None if audit.share is None else asdict(audit.share),
        "named": list(audit.named),
        "shortest": audit.shortest,
        "kinds_left_out": list(audit.kinds_left_out),
        "reason": audit.reason,
    }
