"""Of a watermarked photo nothing stays: on the disk, in what is written down, in what others get. As it ships: test_privacy."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.planted import plant, search
from tests.hostile.second import FACE, Second, shown
from tests.ui.guest import Guest
from tests.ui.served import Served

Visit = Callable[..., Guest]


def test_no_pixel_stays(
    served: Served,
    visit: Visit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.INFO)
    planted = plant(FACE.read_bytes(), 7)
    places = [served.uploads, tmp_path]
    first, other = visit(), visit()
    second = Second(other.visitor)

    def look_around(path: str) -> None:
        other.do(second.look_around(first.visitor, path, planted))
        assert not second.traces(planted)

    waiting = [Path(guest.upload(planted.data, planted.name)["path"]) for guest in (first, other)]
    assert search(planted, places), "the search looks where uploads lie"
    assert waiting[0].parent != waiting[1].parent, "the same photo, twice, at places of its own"
    for path in waiting:
        path.unlink()

    photo = first.upload(planted.data, planted.name)
    answer = first.ask("photo", "input", photo=photo)
    assert planted.traces(shown(answer)), "the visitor sees the photo"
    assert "data-network" in answer["answer"]
    assert not search(planted, places)
    look_around(photo["path"])

    report = first.ask("make", thumbnail=True)
    assert planted.traces(shown(report)), "the face is in the report, as was asked for"
    assert first.audit(planted.data)
    first.add(planted.data, "person-", planted.name)
    first.ask("person-make", **{"person-thumbnail": True})
    first.add(planted.data, "teach-", planted.name)
    taught = first.ask("teach-start", **{"teach-consent": True})
    assert 'data-visit="problem"' not in str(taught["teach-answer"])
    assert not search(planted, places)
    first.ask("teach-forget")
    first.leave()
    look_around(photo["path"])
    assert not search(planted, places)

    written = capfd.readouterr()
    ours = [record for record in caplog.records if record.name != "httpx"]  # which tells what these visitors ask for
    records = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in ours)
    assert not planted.traces("\n".join((written.out, written.err, records)).encode())
