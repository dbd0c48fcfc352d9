"""Draw what a false-alarm rate means: a thousand audited photos, a dot each."""

from __future__ import annotations

from mint.i18n.translate import ENGLISH, Say
from mint.ui.html import percent
from mint.ui.views import chart_data

PEOPLE, COLUMNS, STEP = 1000, 50, 12
KINDS = ("quiet", "missed", "hit", "alarm")  # as they are drawn, the last one on top


def false_alarm_dots(alpha: float, prior: float, found: float, say: Say = ENGLISH) -> str:
    """Draw a thousand photos at a limit and a prior.

    Args:
        alpha: promised false-alarm rate.
        prior: share of the photos that were really used.
        found: share of used photos that get "evidence of use" at this limit, measured.
        say: the visitor's language.
    """
    used = round(PEOPLE * prior)
    hits, alarms = round(used * found), round((PEOPLE - used) * alpha)
    kinds = ["hit"] * hits + ["missed"] * (used - hits) + ["alarm"] * alarms
    kinds += ["quiet"] * (PEOPLE - len(kinds))
    dots = "".join(_dots(kind, kinds) for kind in KINDS)
    told = say(
        "Of 1000 photos, {used} were used and {hits} of them are found. Of the {unused} that were not, {alarms} are accused.",
        used=used, hits=hits, unused=PEOPLE - used, alarms=alarms,
    )  # fmt: skip
    if hits + alarms:
        share = percent(alarms / (hits + alarms))
        so = say("So {share} of the accusations are wrong.", share=f"<b>{share}</b>")
    else:
        so = say("So nobody is accused.")
    rows = -(-PEOPLE // COLUMNS)
    data = chart_data.rows_of(((kind, kinds.count(kind)) for kind in KINDS), (alpha, prior))
    keys = "".join(
        f'<li><i class="{kind}"></i>{name}</li>'
        for kind, name in (
            ("hit", say("used, found")),
            ("missed", say("used, missed")),
            ("alarm", say("not used, accused")),
            ("quiet", say("not used, left alone")),
        )
    )
    return (
        f'<figure class="crowd"{chart_data.charts("false-alarms", ("alpha", "prior", "kind", "photos"))}{data}><svg viewBox="0 0 {COLUMNS * STEP} {rows * STEP}" role="img" aria-label="{told}">{dots}</svg>'
        f'<figcaption><ul class="keys">{keys}</ul><p>{told} {so}</p></figcaption>{chart_data.save(say)}</figure>'
    )


def _dots(kind: str, kinds: list[str]) -> str:
    """Draw all dots of a kind as one path, because a thousand elements are slow on a phone."""
    radius = 4.6 if kind in ("alarm", "hit") else 3.4
    paths = []
    for i, own in enumerate(kinds):
        if own == kind:
            x, y = STEP * (i % COLUMNS + 0.5), STEP * (i // COLUMNS + 0.5)
            paths.append(
                f"M{x - radius:g} {y:g}a{radius} {radius} 0 1 0 {2 * radius:g} 0a{radius} {radius} 0 1 0 {-2 * radius:g} 0"
            )
    return f'<path class="{kind}" d="{"".join(paths)}"/>' if paths else ""
