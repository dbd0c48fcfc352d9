"""What a browser tells a screen reader of a page: names that hold what can be seen, and places that can be told apart.

The same as axe's rules ``label-content-name-mismatch``, ``heading-order`` and ``landmark-unique``, recomputed: nothing has to be fetched for it.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Roles by which a screen reader goes from place to place (WAI-ARIA 1.2, landmark roles).
LANDMARKS = {"banner", "complementary", "contentinfo", "form", "main", "navigation", "region", "search"}

# Success criterion 2.5.3: whoever speaks to a computer says what stands on a button. Signs such as × are no words; text that is
# there for the ear alone is not seen. What a style sheet writes is seen.
_MISNAMED = """() => {
  const letters = (text) => (text.toLowerCase().match(/[\\p{L}\\p{N}]+/gu) || []).join(' ');
  const drawn = (element, where) => { const { content } = getComputedStyle(element, where); return /^".*"$/.test(content) ? content.slice(1, -1) : ''; };
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || !node.checkVisibility({ visibilityProperty: true })) return '';
    if (['clip-path', 'clip'].some((name) => /inset\\(50%\\)|rect\\(0/.test(getComputedStyle(node)[name]))) return '';
    return [drawn(node, '::before'), ...[...node.childNodes].map(read), drawn(node, '::after')].join(' ');
  };
  const called = (element) => element.getAttribute('aria-label')
    ?? element.getAttribute('aria-labelledby')?.split(' ').map((id) => document.getElementById(id)?.textContent).join(' ');
  return [...document.querySelectorAll('button, a[href], summary, [role=button], [role=tab], [role=link], [role=option]')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && called(element))
    .map((element) => ({ name: called(element), seen: letters(read(element)) }))
    .filter(({ name, seen }) => seen && !letters(name).includes(seen));
}"""


def misnamed(page: Page) -> list[dict[str, str]]:
    """List what can be pressed and is called otherwise than the words that stand on it: ``name``, and what is ``seen``."""
    found: list[dict[str, str]] = page.evaluate(_MISNAMED)
    return found


# As axe's rule ``heading-order``: whoever goes by headings believes that what is two levels deeper belongs to one that is missing.
_LEVELS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => [Number(one.localName[1]), one.textContent])"""


def skipping(page: Page) -> list[str]:
    """List the headings that lie more than one level below the heading before them."""
    found: list[tuple[int, str]] = page.evaluate(_LEVELS)
    return [told for (before, _), (level, told) in pairwise(found) if level > before + 1]


def landmarks(page: Page) -> Counter[tuple[str, str]]:
    """Count the landmarks that a screen reader finds now, by role and name, as the browser itself computes both."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return Counter(
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in LANDMARKS
    )


def heard(page: Page) -> None:
    """Hold all of it of the page as it is now."""
    assert not misnamed(page)
    assert not skipping(page)
    found = landmarks(page)
    assert found, "there are places to go to"
    assert not [place for place, times in found.items() if times > 1]
