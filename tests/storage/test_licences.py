import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mint.errors import LicenceNotAccepted
from mint.storage.licences import VARIABLE, Licence, accept, accepted, require

ASKS = Licence("some-terms", "https://example.org", "Research only.", asks=True, shares=False)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "mint" / "licences.json"


def test_what_asks_nothing_is_accepted_and_leaves_no_trace(settings: Path) -> None:
    require(Licence("MIT", "https://example.org", "Free."), "a network")
    assert not settings.exists()


def test_accepted_once_with_the_date_and_the_words(settings: Path) -> None:
    with pytest.raises(LicenceNotAccepted, match="Research only"):
        require(ASKS, "a network")
    assert accept(ASKS) == settings
    require(ASKS, "a network")
    found = json.loads(settings.read_text())["some-terms"]
    assert found["sha256"] == ASKS.sha256
    assert "Research only." in found["text"]
    age = datetime.now(UTC) - datetime.fromisoformat(found["accepted"])
    assert 0 <= age.total_seconds() < 3600


def test_other_words_are_asked_about_again_and_other_licences_stay(settings: Path) -> None:
    accept(ASKS)
    other = Licence("other-terms", "https://example.org", "Ask first.", asks=True)
    accept(other)
    assert accepted(ASKS)
    assert accepted(other)
    assert not accepted(Licence("some-terms", "https://example.org", "Research only, and on Sundays.", asks=True))


def test_a_server_names_the_licences_that_it_accepts(monkeypatch: pytest.MonkeyPatch, settings: Path) -> None:
    for value, expected in (("1", False), ("yes", False), ("other-terms", False), ("other-terms, some-terms", True)):
        monkeypatch.setenv(VARIABLE, value)
        assert accepted(ASKS) is expected
    assert not settings.exists()


def test_settings_that_cannot_be_read_accept_nothing(settings: Path) -> None:
    settings.parent.mkdir()
    settings.write_text("{")
    with pytest.raises(LicenceNotAccepted, match="Remove it"):
        accepted(ASKS)
    assert os.path.exists(settings)
