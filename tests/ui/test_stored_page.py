"""The page of stored answers: one file, whole, true to what is stored, and with no way out but links."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mint.cli.main import app
from mint.cli.serve import register
from mint.errors import BundleMismatch, CannotWrite, WeightsMissing
from mint.i18n.translate import LANGUAGES
from mint.storage.paths import EXAMPLES
from mint.ui.stored_page import FACES, NAME, page, stored, write_stored_page
from tests.ui.reading import Elements, text


@pytest.fixture(scope="module")
def html() -> str:
    return page(stored(EXAMPLES / "faces"))


def part(html: str, language: str) -> str:
    found = re.search(rf'<section lang="{language}".*?</footer></section>', html, re.S)
    assert found
    return found[0]


def test_it_loads_nothing_and_its_policy_allows_nothing_else(html: str) -> None:
    elements = Elements(html)
    assert not [
        tag for tag, _ in elements.found if tag in ("link", "iframe", "object", "embed", "form", "input", "video")
    ]
    assert all(address.startswith("data:image/") for address in elements.values("src", "srcset", "poster"))
    assert not re.search(r"url\(|@import", html)
    (policy,) = [a["content"] for tag, a in elements.found if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in str(policy).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    for kind, tag in (("style-src", "style"), ("script-src", "script")):
        (source,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert rules[kind] == f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
    attributes = {name for _, found in elements.found for name in found}
    assert not [name for name in attributes if name.startswith("on") or name == "style"], "the policy would refuse them"
    out = [(tag, found) for tag, found in elements.found if str(found.get("href", "")).startswith("http")]
    assert out
    assert all(tag == "a" and "noreferrer" in str(found["rel"]) for tag, found in out)


def test_both_languages_are_whole_and_the_pictures_are_there_once(html: str) -> None:
    seen = {language: part(html, language) for language in LANGUAGES}
    for language, shown in seen.items():
        assert shown.count('class="trial"') == FACES
        assert len(re.findall(r"data-flip=", shown)) == FACES
        assert f'href="#{language}"' in shown
        assert 'class="ask"' not in shown, "there is nobody to ask"
        assert 'class="face you"' not in shown
    assert "Estas respuestas están guardadas" in text(seen["es"])
    assert not re.findall(
        r"\b(?:the|photo|used|answers?|pictures?|false|file)\b", text(re.sub(r"<code>.*?</code>", "", seen["es"]))
    )
    assert "data:image" not in seen["es"]
    assert [int(n) for n in re.findall(r'data-face="(\d+)"', seen["es"])] == [0, *range(FACES)]
    assert html.count("data:image/jpeg") == FACES + 1
    assert len(html) < 900_000


def test_what_it_says_is_what_is_stored(html: str) -> None:
    """Counted again from the two files themselves."""
    answers = json.loads((EXAMPLES / "faces" / "verdicts.json").read_text("utf-8"))
    with (EXAMPLES / "faces" / "faces.csv").open(newline="") as table:
        truth = {row["file"]: row for row in csv.DictReader(table)}
    told = text(part(html, "en"))
    for n, network in enumerate(("twin-a", "twin-b")):
        said = {file: found[n]["faces"][0]["verdict"] for file, found in answers.items()}
        counts = [
            (sum(said[f] == "evidence of use" for f in side), len(side))
            for side in ([f for f in said if truth[f][network] == member] for member in ("member", "non-member"))
        ]
        letter = network[-1].upper()
        (used, all_used), (unused, all_unused) = counts
        assert f"Twin {letter} {used} / {all_used} {unused} / {all_unused}" in told
        assert f"Twin {letter} {answers['01-openpeople.jpg'][n]['bundle_sha256'][:12]}" in told
    assert "This page is one file without a server." in told
    assert "python app.py" in told


def test_it_is_written_over_itself_only(tmp_path: Path) -> None:
    first = write_stored_page(tmp_path / "site")
    assert first == tmp_path / "site" / NAME
    again = first.read_bytes()
    assert write_stored_page(tmp_path / "site") == first
    assert first.read_bytes() == again
    first.write_text("<!doctype html>somebody's page")
    with pytest.raises(CannotWrite, match="is something else"):
        write_stored_page(tmp_path / "site")
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite):
        write_stored_page(tmp_path / "file")


def test_answers_of_another_bundle_are_not_shown(tmp_path: Path, weights: Path) -> None:
    shutil.copytree(EXAMPLES / "faces", tmp_path / "faces")
    with pytest.raises(BundleMismatch, match="holds answers of another bundle of twin-a"):
        stored(tmp_path / "faces", weights)
    assert stored(tmp_path / "faces", tmp_path / "nothing").bundles.keys() == {"twin-a", "twin-b"}
    answers = json.loads((tmp_path / "faces" / "verdicts.json").read_text("utf-8"))
    answers["05-gan.png"][1]["bundle_sha256"] = "0" * 64
    (tmp_path / "faces" / "verdicts.json").write_text(json.dumps(answers))
    with pytest.raises(BundleMismatch, match="twin-b"):
        stored(tmp_path / "faces", tmp_path / "nothing")
    (tmp_path / "faces" / "verdicts.json").unlink()
    with pytest.raises(WeightsMissing):
        stored(tmp_path / "faces")


def test_the_shell_writes_it_and_serves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mint.ui.serve

    monkeypatch.setattr(mint.ui.serve, "serve", lambda *given, **more: pytest.fail("nothing is served"))
    if "serve" not in {c.name for c in app.registered_commands}:
        register(app)
    done = CliRunner().invoke(app, ["serve", "--static", str(tmp_path / "site")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "site" / NAME).is_file()
