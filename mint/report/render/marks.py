"""Draw one shape a verdict: full, half, empty, dashed. Colour carries nothing alone."""

from __future__ import annotations

from mint.types import Verdict

SLUG = {
    Verdict.EVIDENCE: "evidence",
    Verdict.INCONCLUSIVE: "unclear",
    Verdict.NO_SIGN: "nosign",
    Verdict.CANNOT_SAY: "cannot",
}

_RING = '<circle cx="12" cy="12" r="9.5" fill="none" stroke="currentColor" stroke-width="3"'
_DRAWN = {
    Verdict.EVIDENCE: '<circle cx="12" cy="12" r="11" fill="currentColor"/>'
    '<path d="M6.8 12.4l3.5 3.6 6.9-7.6" fill="none" stroke="var(--card)" stroke-width="2.6"/>',
    Verdict.INCONCLUSIVE: f'{_RING}/><path d="M12 2.5a9.5 9.5 0 0 1 0 19z" fill="currentColor"/>',
    Verdict.NO_SIGN: f"{_RING}/>",
    Verdict.CANNOT_SAY: f'{_RING} stroke-dasharray="4.2 3.26"/>'
    '<path d="M8 12h8" stroke="currentColor" stroke-width="3"/>',
}


def shape(verdict: Verdict) -> str:
    """Return the verdict's shape as inline SVG; the word stands beside it or in a label."""
    return f'<svg class="shape {SLUG[verdict]}" viewBox="0 0 24 24" aria-hidden="true">{_DRAWN[verdict]}</svg>'
