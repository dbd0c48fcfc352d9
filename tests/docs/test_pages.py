"""The documents hang together: links lead somewhere, README is short, and what they say in figures is what the code has."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import mint
from mint.lab.inputs.splits import SHARES
from mint.storage.connect import PATIENCE, SECONDS
from mint.vision.images import MAX_BYTES
from tests.docs.blocks import CONTRIBUTING, FENCED, GUIDES, INDEX, PAGES, README, ROOT, blocks, prose

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LANGUAGES = {"bash", "python", "json", "text", "nginx", "diff"}
TEST = "python -m pytest -n 2 --dist loadfile --no-loadscope-reorder"
PINS = "openpeople==0.1.2 gan-face-generate==1.1.1"
MOST_LINES = 140  # of the README, with what a Space reads
LONGEST = 160  # characters of a line of the changelog


def anchors(page: Path) -> set[str]:
    """What GitHub makes of a document's headings."""
    found = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / ".github" / "SECURITY.md", ROOT / "CHANGELOG.md"], ids=lambda p: p.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(ROOT), f"{page.name}: {link} leaves the repository"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_the_index_lists_every_page_and_the_readme_leads_to_it() -> None:
    listed = set(LINK.findall(INDEX.read_text("utf-8")))
    assert {page.name for page in GUIDES} - {INDEX.name} <= listed
    linked = set(LINK.findall(README.read_text("utf-8")))
    assert {f"docs/{page.name}" for page in GUIDES} <= linked


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize(
    ("command", "card"),
    [
        ("mint lab bound", "private"),
        ("--versions SERIES", "versions"),
        ("mint lab active", "active"),
        ("--gradients", "gradients"),
        ("mint folder", "folder-share"),
        ("mint lab objects", "objects"),
        ("mint lab factors", "factors"),
        ("--report report.pdf", None),
    ],
)
def test_a_system_beside_this_one_has_a_row_a_card_and_a_line_of_the_readme(command: str, card: str | None) -> None:
    table = prose(ROOT / "docs" / "method.md").split("## Systems beside this one")[1].split("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ") and f"{command}" in row.split(" | ")[1]]
    assert rows, f"no row of the table of systems runs {command}"
    assert all(row.count(" | ") == 3 for row in rows), "system, command, published, here and the control"
    assert command in README.read_text("utf-8")
    if card is not None:
        assert any(f"../weights/cards/{card}.md" in row for row in rows)
        assert f"weights/cards/{card}.md" in README.read_text("utf-8")
        assert (ROOT / "weights" / "cards" / f"{card}.md").is_file()


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    assert {block.language for block in blocks()} <= LANGUAGES


def test_the_readme_tests_as_the_gate_does() -> None:
    (line,) = [line for line in README.read_text("utf-8").splitlines() if TEST in line]
    assert line == f'pip install -e ".[test]" && pip install --no-deps {PINS} && {TEST}'
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / ".ci").iterdir())
    assert TEST in scripts
    assert PINS in scripts
    assert TEST in CONTRIBUTING.read_text("utf-8")


def test_the_changelog_keeps_its_form() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    versions = [line for line in lines if line.startswith("## ")]
    assert versions[0] == "## [Unreleased]"
    dated = [re.fullmatch(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", line) for line in versions[1:]]
    assert all(dated)
    assert dated[0] is not None
    assert dated[0][1] == mint.__version__
    days = [date.fromisoformat(found[2]) for found in dated if found]
    assert days == sorted(days, reverse=True)
    kinds = {line for line in lines if line.startswith("### ")}
    assert kinds <= {f"### {kind}" for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")}
    assert max(map(len, lines)) <= LONGEST, "one short line a change"


# ---- figures in the text that are constants in the code


def number(file: str, name: str) -> str:
    """A constant's value as it is written in a module that is too heavy to import here."""
    found = re.search(rf"^\s*(?:const )?{name} = ([\d. *]+)", (ROOT / file).read_text("utf-8"), re.M)
    assert found, f"{file} has no {name}"
    return found[1].strip()


def text(page: str) -> str:
    return " ".join(prose(ROOT / "docs" / f"{page}.md").split())


def test_the_page_s_limits_are_the_code_s() -> None:
    from mint.ui.server.limits import MOST_UPLOADED

    said, megabytes = text("page"), MOST_UPLOADED / 2**20
    assert f"Let bodies of {megabytes:.0f} MiB through" in said
    assert f"up to {MAX_BYTES >> 20} MiB each" in said
    (nginx,) = blocks("nginx")
    assert f"client_max_body_size {megabytes:.0f}m;" in nginx.text
    assert f"Up to {number('mint/ui/page.py', 'QUEUE')} audits wait" in said
    assert f"have {number('mint/ui/page.py', 'CLOSING_SECONDS')} seconds to end" in said
    assert f"after {number('mint/ui/static/kiosk.js', 'idle')} seconds without a touch" in said
    assert "15 minutes after" in text("privacy")
    assert number("mint/ui/context.py", "FORGET_SECONDS") == "15 * 60"
    assert f"if {number('mint/ui/context.py', 'VISITS')} others come" in text("privacy")


def test_the_shares_and_limits_of_the_lab_are_the_code_s() -> None:
    from mint.evidence.conformal import ENOUGH_PEOPLE

    said = text("own-network")
    shares = [
        f"({SHARES[split]:.0%})".replace("%", " %") for split in ("training", "validation", "calibration", "test")
    ]
    found = re.findall(r"\(\d+ %\)", said)
    assert found == shares
    assert (
        f"{ENOUGH_PEOPLE} people in calibration, so about {ENOUGH_PEOPLE / SHARES['calibration']:,.0f} in all" in said
    )


def test_the_settings_are_the_code_s() -> None:
    from mint.networks.locate import VARIABLE as MODELS
    from mint.storage.licences import VARIABLE as LICENCE

    said = (ROOT / "docs" / "networks.md").read_text("utf-8")
    assert f"`{MODELS}`" in said
    assert f"`{LICENCE}=insightface-non-commercial`" in said
    assert f"`{PATIENCE}=10`" in said
    assert f"({SECONDS:g} s otherwise)" in said
