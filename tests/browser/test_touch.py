"""By finger and by key alone: everything can be reached, hit and set off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import driving
from tests.browser.conftest import FACE

TARGET = 24  # CSS pixels either way, WCAG 2.2, 2.5.8 (AA)
SMALL = """(least) => [...document.querySelectorAll('button, a[href], input, label, summary, [role=tab], [tabindex="0"]')]
  .filter((e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width > 1 && box.height > 1 && (box.width < least || box.height < least))
  .filter(([e]) => !(e.closest('p') && e.tagName === 'A'))  // within a sentence
  .filter(([e]) => !(e.tagName === 'INPUT' && e.closest('label')))  // its label is the target
  .map(([e, box]) => `${e.tagName} ${e.className} ${e.ariaLabel ?? e.innerText} ${box.width}x${box.height}`)"""

# What the keyboard is on and the bar that sticks to the window hides, WCAG 2.2, 2.4.11 (AA).
UNDER = """() => {
  const on = document.activeElement, bar = document.querySelector('.beside');
  if (bar.contains(on)) return null;
  const one = on.getBoundingClientRect(), other = bar.getBoundingClientRect();
  return one.top < other.bottom - 2 && one.bottom > other.top + 2 ? on.outerHTML.slice(0, 90) : null;
}"""


@pytest.fixture
def phone(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    page = context.new_page()
    driving.open_page(page, url)
    yield page
    context.close()


def test_a_finger_gets_answers_and_moves_on(phone: Page) -> None:
    phone.locator('#examples [data-pick="0"]').tap()
    expect(phone.locator("#answer .truth")).to_be_visible()
    expect(phone.locator("#details .scan")).to_be_visible()  # from here on nothing moves under the finger
    phone.locator("#sure > button").tap()
    slider = phone.locator("#alpha input[type=range]")
    expect(slider).to_be_visible()
    driving.drawn(phone)
    box = slider.bounding_box()
    assert box is not None
    before = slider.input_value()
    slider.tap(position={"x": 0.9 * box["width"], "y": box["height"] / 2})  # once it stands still
    expect(slider).not_to_have_value(before)
    phone.locator("#tab-person-button").tap()
    phone.locator('#people [data-pick="0"]').tap()
    expect(phone.locator("#person-photos li img")).to_have_count(3)
    phone.locator("#person-photos li button").first.tap()
    expect(phone.locator("#person-photos li img")).to_have_count(2)


def test_everything_that_can_be_hit_is_large_enough(phone: Page) -> None:
    phone.locator('#examples [data-pick="0"]').tap()
    expect(phone.locator("#details .scan")).to_be_visible()
    for tab in ("photo", "person", "teach", "play", "how", "many"):
        phone.locator(f"#tab-{tab}-button").tap()
        expect(phone.locator(f"#tab-{tab}")).to_be_visible()
        assert phone.evaluate(SMALL, TARGET) == [], tab


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement?.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by key")


def test_a_person_is_audited_and_a_report_made_by_keys_alone(page: Page) -> None:
    page.locator("#tab-photo-button").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-person")).to_be_visible()
    tab_to(page, '#people [data-pick="0"]')
    page.keyboard.press("Enter")
    expect(page.locator("#person-photos li img")).to_have_count(3)
    page.locator("#tab-person-button").focus()
    tab_to(page, "#person-sure > button")
    page.keyboard.press("Enter")
    driving.drawn(page)
    tab_to(page, "#person-alpha input[type=range]")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#person-alpha input[type=range]")).to_have_value("0.009")
    tab_to(page, "#person-report > button")
    page.keyboard.press("Enter")
    tab_to(page, "#person-make")
    page.keyboard.press("Enter")
    expect(page.locator("#person-links a.download, #person-links .problem").first).to_be_visible()


def test_a_lesson_is_started_and_refused_without_consent_by_keys_alone(page: Page) -> None:
    driving.go(page, "teach")
    page.set_input_files("#teach-photo input[type=file]", str(FACE))
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    page.locator("#tab-teach-button").focus()
    tab_to(page, "#teach-start")
    page.keyboard.press("Enter")
    expect(page.locator('#teach-answer [data-visit="consent"]')).to_be_visible()
    page.locator("#tab-teach-button").focus()
    tab_to(page, "#teach-consent input")
    page.keyboard.press("Space")
    expect(page.locator("#teach-consent input")).to_be_checked()


def test_what_the_keyboard_reaches_is_never_below_the_bar_with_the_answer(phone: Page) -> None:
    phone.locator('#examples [data-pick="0"]').tap()
    expect(phone.locator("#details .scan")).to_be_visible()
    phone.locator("#details .whole > summary").tap()  # what is folded up is not reached
    expect(phone.locator("#details .stop:visible")).not_to_have_count(0)
    phone.locator("#report > button").focus()
    for _ in range(25):
        phone.keyboard.press("Tab")
        assert phone.evaluate(UNDER) is None
