from __future__ import annotations

import re
from pathlib import Path

import pytest

import mint.ui

HERE = Path(mint.ui.__file__).parent
STATIC = HERE / "static"
TOKENS = (STATIC / "tokens.css").read_text("utf-8")
SHEETS = sorted(STATIC.glob("*.css"))


def variables(selector: str) -> dict[str, str]:
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", TOKENS, re.S | re.M)
    assert block
    return dict(re.findall(r"--([a-z-]+):\s*([^;]+);", block.group(1)))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_dark_has_every_colour_that_light_has() -> None:
    assert set(variables(":root")) - {"sans"} == set(variables(".dark"))


@pytest.mark.parametrize("theme", [":root", ".dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "mint", "evidence", "unclear", "nosign", "cannot"])
def test_every_text_colour_can_be_read_on_every_ground(theme: str, ink: str) -> None:
    colours = variables(theme)
    for ground in ("card", "paper"):
        assert contrast(colours[ink], colours[ground]) >= 4.5, ground


def test_a_colour_that_is_used_is_defined() -> None:
    used = {name for sheet in SHEETS for name in re.findall(r"var\(--([a-z-]+)\)", sheet.read_text("utf-8"))}
    defined = {name for sheet in SHEETS for name in re.findall(r"--([a-z0-9-]+):", sheet.read_text("utf-8"))}
    views = HERE / "views"  # they give a value to one element
    given = {n for view in views.rglob("*.py") for n in re.findall(r'style="--([a-z-]+):', view.read_text("utf-8"))}
    assert not used - defined - given


@pytest.mark.parametrize(
    "file", sorted(p for p in HERE.rglob("*") if p.is_file() and p.suffix != ".pyc"), ids=lambda p: p.name
)
def test_nothing_is_fetched_from_elsewhere(file: Path) -> None:
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    text = text.replace("frame-ancestors 'self' https://huggingface.co", "")  # who may show it, not what it fetches
    assert not re.search(r"https?://(?!\S*local)|@import|url\(", text)


@pytest.mark.parametrize("view", sorted((HERE / "views").rglob("*.py")), ids=lambda p: p.name)
def test_no_value_without_quotes_stands_before_a_slash(view: Path) -> None:
    """HTML takes the slash for a part of the value; the element then stays open and swallows what follows."""
    assert not re.search(r"<[^<>]*\s[a-z-]+=[^\s\"'<>{}]+(\"[^<>]*\})?/>", view.read_text("utf-8"))


def test_a_table_that_scrolls_sideways_shows_that_more_of_it_lies_there() -> None:
    """The shades are in the ground of ``.scroll``, so no later sheet may paint over them."""
    rules = [
        rule
        for sheet in SHEETS
        for rule in re.findall(r"^([^{}@/]*\.scroll[^{}]*)\{([^{}]*)\}", sheet.read_text("utf-8"), re.M)
        if re.search(r"\.scroll\s*$", rule[0])
    ]
    painted = [words for _, words in rules if re.search(r"(?<!-)background(-\w+)?:", words)]
    assert len(painted) == 1
    assert painted[0].count("local") == 2
    assert any("overflow" in words for _, words in rules)


def test_what_another_language_costs_is_shown_where_there_is_something_to_lose() -> None:
    """An answer is a ``.result``, that of the game a ``.score``; the sheet is nested in what holds them and the head."""
    rules = re.findall(
        r"^(\S[^{}\n]*\.languages \.cost) \{ ?([^{}]*)\}", (STATIC / "style.css").read_text("utf-8"), re.M
    )
    (hidden, how), (shown, then) = rules
    assert "display: none" in how
    assert "display: block" in then
    assert shown == f"&:has(.result, .score) {hidden}"


def test_a_button_that_is_no_head_of_a_fold_is_not_as_wide_as_its_box() -> None:
    """Gradio's folds begin with a button over their whole width; that of the table stands in a box like theirs."""
    wide = re.findall(r"^(\.[^{}#\n]*\.sure > button) \{ width: 100%", (STATIC / "gradio.css").read_text("utf-8"), re.M)
    assert wide, "no identifier in it: a rule with one outweighs it"
    assert re.search(r"^#many-report > \.plain \{[^}]*width: auto;", (STATIC / "work.css").read_text("utf-8"), re.M)
