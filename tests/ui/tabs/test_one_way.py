"""One way for a photo: page, shell, Python and programs look once, judge once, and say the same to the last digit."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from typer.testing import CliRunner

from mint.auditors.panel import Panel
from mint.cli.main import app
from mint.i18n.figures import p_value
from mint.i18n.labels import DEFAULT_PAIR
from mint.i18n.translate import Say
from mint.membership import MembershipTest
from mint.networks.torch_network import TorchNetwork
from mint.types import Look
from mint.ui.page import Page
from mint.ui.server.uploads import Upload
from mint.ui.sessions.photo import PhotoSession
from mint.ui.tabs.one_photo import OnePhoto

ALPHA, PRIOR = 0.05, 0.2


@pytest.fixture(scope="module")
def test(weights: Path) -> MembershipTest:
    return MembershipTest.load(weights=weights)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each network ran, faces were found, and a look was judged."""
    count: Counter[str] = Counter()

    def counted(kind: type, method: str, name: str = "") -> None:
        real = getattr(kind, method)

        def spy(self: Any, *given: Any, **named: Any) -> Any:
            count[name or self.name] += 1
            return real(self, *given, **named)

        monkeypatch.setattr(kind, method, spy)

    counted(TorchNetwork, "forward")
    for method in ("judge", "find", "look_at"):
        counted(MembershipTest, method, method)
    return count


def tab(test: MembershipTest) -> Any:
    """All of the page that a photo's run takes."""
    loading = SimpleNamespace(get=lambda: test, waiting=False)
    shared = SimpleNamespace(loading=loading, of=lambda pair: loading, examples=(), known=())
    found = SimpleNamespace(shared=shared, over_time=SimpleNamespace(cut=lambda now, *_: now))  # no versions
    found._forget = lambda program: None
    for name in ("_run", "_settle", "_details", "_choose", "_judge"):
        setattr(found, name, getattr(OnePhoto, name).__get__(found))
    return found


def steps(page: Any, photo: bytes) -> tuple[PhotoSession, str]:
    """The photo's own value, and the verdict; its details have been drawn as well."""
    (_, *_), (now, _, faces, answer, *_) = page._run(photo, ALPHA, PRIOR, Say(), DEFAULT_PAIR)
    assert 'class="box' in faces
    assert "<img" in faces
    page._settle(now, ALPHA, PRIOR, "en")
    assert "scan" in page._details(now, ALPHA, PRIOR, "en")
    return now, answer


def test_the_page_runs_each_network_once_and_judges_once(
    test: MembershipTest, face_path: Path, ran: Counter[str]
) -> None:
    """Without the search for the cut that a network remembers best, which tries more crops than the photo's own."""
    bundles = {
        name: replace(bundle, specs=tuple(spec for spec in bundle.specs if spec.kind != "recall"))
        for name, bundle in test.bundles.items()
    }
    page = tab(MembershipTest(bundles))
    now, _ = steps(page, face_path.read_bytes())
    assert ran == {"twin-a": 1, "twin-b": 1, "find": 1, "look_at": 1, "judge": 1}
    page._settle(now, ALPHA, PRIOR, "es")
    page._choose(now, ALPHA, PRIOR, "en", SimpleNamespace(_data={"pick": 0}))
    assert ran["judge"] == 1, "another language, or another face, is no other question"
    page._judge(now, 2 * ALPHA, PRIOR, "en")
    assert ran == {"twin-a": 1, "twin-b": 1, "find": 1, "look_at": 1, "judge": 2}


def test_the_page_runs_the_networks_as_often_as_everybody(
    test: MembershipTest, face_path: Path, ran: Counter[str]
) -> None:
    test.audit(face_path, "photo", ALPHA, PRIOR)
    alone = dict(ran)
    ran.clear()
    steps(tab(test), face_path.read_bytes())
    assert ran == alone


def test_page_shell_python_and_programs_say_the_same(test: MembershipTest, weights: Path, face_path: Path) -> None:
    photo = face_path.read_bytes()
    now, answer = steps(tab(test), photo)
    page = [audit.to_dict() for audit in now.audits]
    python = [audit.to_dict() for audit in test.judge(test.look(face_path), ALPHA, PRIOR)]
    programs = Page.audit(tab(test), Upload(photo), ALPHA, PRIOR, gr.Request())
    networks = [f"--network={weights / name}" for name in ("twin-a", "twin-b")]
    command = ["audit", str(face_path), "--json", f"--alpha={ALPHA}", f"--prior={PRIOR}", *networks]
    done = CliRunner().invoke(app, command)
    shell = [{**json.loads(line), "photo": "photo"} for line in done.stdout.splitlines()]
    assert page == python == programs == shell
    assert [len(audit["faces"][0]["layers"]) for audit in page] == [16, 16]
    for audit in page:
        assert p_value(audit["faces"][0]["combined"]["p_value"]) in answer
    assert now.sha256 == hashlib.sha256(photo).hexdigest()


def test_whoever_does_not_draw_maps_does_not_compute_them(
    test: MembershipTest, face_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    show = Panel.show

    def spy(self: Panel, network: Any, crops: Any, saliency: bool = False) -> Any:
        asked.append(saliency)
        return show(self, network, crops, saliency)

    monkeypatch.setattr(Panel, "show", spy)
    look: Look = test.look(face_path)
    test.audit(face_path, "photo")
    test.look_person([face_path], ["photo"])
    assert look.saliency == {}
    assert asked == [False] * 6
    now, _ = steps(tab(test), face_path.read_bytes())
    assert asked[6:] == [True, True]
    assert {name: list(maps) for name, maps in now.look.saliency.items()} == {
        name: [tap.name for tap in bundle.network.taps] for name, bundle in test.bundles.items()
    }


def test_a_photo_in_a_session_is_small(test: MembershipTest, face_path: Path) -> None:
    """The photo itself is not kept with the answer: its faces, a small picture, and a few kilobytes of maps are."""
    now, _ = steps(tab(test), face_path.read_bytes())
    arrays = [array for maps in now.look.saliency.values() for array in maps.values()]
    arrays += [face.crop for face in now.look.faces]
    arrays += [array for scores in (now.look.embeddings, *now.look.scores.values()) for array in scores.values()]
    assert sum(array.nbytes for array in arrays) < 60_000
    assert {name for name in Look.__slots__ if name not in ("photo", "skipped")} == {
        "faces", "scores", "embeddings", "own", "saliency"
    }  # fmt: skip
