from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mint.ui.loading import Loading
from mint.ui.page import CLOSING_SECONDS
from mint.ui.server.queue import QUIET_SECONDS
from mint.ui.server.uploads import receive
from mint.vision.images import MAX_BYTES
from tests.ui.latch import wait_until
from tests.ui.served import Served


@pytest.fixture
def page(served: Served) -> Any:
    return served.page


def test_one_door_for_programs_and_all_others_closed(page: Any) -> None:
    doors = {fn.api_name: fn.api_visibility for fn in page.blocks.fns.values()}
    assert [name for name, visibility in doors.items() if visibility == "public"] == ["audit"]
    assert set(doors.values()) <= {"public", "private"}


def test_everything_that_runs_a_network_waits_in_one_line(page: Any) -> None:
    lines: dict[str, set[str]] = {}
    for fn in page.blocks.fns.values():
        if fn.fn is not None:  # gradio's own, which ends other events
            lines.setdefault(fn.concurrency_id, set()).add(fn.fn.__name__)
    assert lines["model"] == {"_audit", "_example", "_photo", "_files", "audit"}
    assert lines["teach"] == {"_teach", "_witnesses"}
    assert page.blocks._queue.max_size == 16


def test_what_ends_a_run_has_the_last_word(page: Any) -> None:
    """A step of the ended run may be on its way to the page, and be drawn over what was said: it is said after that."""
    fns = page.blocks.fns
    said = set()
    for ender in (fn for fn in fns.values() if fn.cancels):  # gradio's own, with the same trigger
        fn = next(fn for fn in fns.values() if fn.targets == ender.targets and fn.fn is not None)
        after = {block for later in fns.values() if later.trigger_after == fn._id for block in later.outputs}
        answers = {b for n in ender.cancels for b in fns[n].outputs if str(b.elem_id).endswith("answer")}
        assert answers, fn.fn
        assert answers <= after, fn.fn
        said.add(fn.fn.__name__)
    assert said == {"_photo", "_example", "_forget", "_clear"}


def test_the_last_position_of_a_slider_has_the_last_word(page: Any) -> None:
    """Of two moves on their way at once the earlier may be answered last: what was moved is judged again after its answer."""
    fns, sliders = page.blocks.fns, {b._id for b in page.blocks.blocks.values() if b.get_block_name() == "slider"}
    moves = [fn for fn in fns.values() if fn.trigger_mode == "always_last" and {t for t, _ in fn.targets} & sliders]
    assert len(sliders) == 10
    drawn = ["_moved"] * 2 + ["_details"] + ["_moved"] * 2 + ["_judge"] * 2 + ["_moved"] * 2 + ["_judge"] * 2
    assert [move.fn.__name__ for move in moves] == drawn
    for move in moves:
        (again,) = [fn for fn in fns.values() if fn.trigger_after == move._id]
        assert (again.fn, again.inputs, again.outputs) == (move.fn, move.inputs, move.outputs)
        assert again.trigger_mode == "multiple", "however many moves are on their way"


def test_no_list_of_files_is_kept(page: Any) -> None:
    """Gradio's own lists hold the names of visitors' photos for as long as the page runs."""
    import gradio.routes
    from gradio.data_classes import FileData

    from mint.ui.server.gradio_patches import PassingProgress

    assert isinstance(gradio.routes.file_upload_statuses, PassingProgress)
    assert page.blocks.delete_cache is None
    (uploads, *made) = page.blocks.temp_file_sets
    assert uploads is page.blocks.upload_file_set
    assert len(made) == len(page.blocks.blocks)
    uploads.update(["/tmp/me-at-the-beach.jpg"])
    photo = next(block for block in page.blocks.blocks.values() if block.elem_id == "photo")
    photo.temp_files.add(FileData(path="/tmp/me-at-the-beach.jpg").path)
    assert not any(map(len, page.blocks.temp_file_sets))


def test_no_template_evaluates_a_value(page: Any) -> None:
    import gradio as gr

    panels = [block for block in page.blocks.blocks.values() if isinstance(block, gr.HTML)]
    assert panels
    assert {panel.html_template for panel in panels} == {"${value}"}, "inserted, never evaluated"


def test_the_webcam_is_not_mirrored(page: Any) -> None:
    photos = [block for block in page.blocks.blocks.values() if "photo-input" in (block.elem_classes or ())]
    assert len(photos) == 3
    assert all(photo.webcam_options.mirror is False for photo in photos)


def test_whoever_leaves_is_forgotten_at_once(page: Any) -> None:
    visitors = page.blocks.state_holder
    visitors["somebody"], visitors["somebody else"]
    (forget,) = (fn for fn in page.blocks.fns.values() if any(event == "unload" for _, event in fn.targets))
    forget.fn(SimpleNamespace(session_hash="somebody"))
    assert list(visitors.session_data) == ["somebody else"]
    forget.fn(SimpleNamespace(session_hash="somebody"))


def test_what_runs_is_answered_before_the_page_is_closed(
    page: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def told_to_stop() -> None:
        done.append("served")
        raise SystemExit(143)

    monkeypatch.setattr(page, "_launch", lambda uploads, **more: done.append(f"launched with {more}"))
    monkeypatch.setattr(page.blocks, "block_thread", told_to_stop)
    monkeypatch.setattr(page.shutdown, "drain", lambda queue, seconds: done.append(f"answered in {seconds} s"))
    monkeypatch.setattr(page, "_close", lambda: done.append("closed"))
    listening = SimpleNamespace(host="127.0.0.1", release=lambda: done.append("who waited is let in"))
    with pytest.raises(SystemExit):
        page.launch(listening, lambda: done.append("loading"), lambda: done.append("wiped"), mcp_server=True)
    assert done == [
        "launched with {'mcp_server': True}", "who waited is let in", "loading", "served",
        f"answered in {CLOSING_SECONDS} s", "wiped", "closed",
    ]  # fmt: skip
    assert capsys.readouterr().out.startswith("MINT is closing"), "where it is was said before, see test_serve"


def test_examples_are_looked_at_once_a_browser_has_the_page_and_everybody_is_served(
    served: Served, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, begun = served.page, []
    page.visitors.painted.clear()
    monkeypatch.setattr(page.tabs[0].looks, "begin", lambda *given: begun.append(given))
    page.look_ahead()
    ((loading, painted, idle, ended),) = begun
    assert (loading, painted.is_set(), ended()) == (served.networks, False, False)
    visit(loads=False)
    assert not painted.is_set(), "files were sent; nobody knows whether they are drawn"
    visit()
    assert painted.is_set()
    wait_until(lambda: not page.visitors.requests, "all is answered")
    now = page.visitors._last
    monkeypatch.setattr(page.visitors, "_clock", lambda: now + QUIET_SECONDS / 2)
    assert not idle()
    monkeypatch.setattr(page.visitors, "_clock", lambda: now + QUIET_SECONDS)
    assert idle(), "streams that stay open keep nobody waiting"
    page.visitors.came()
    assert not idle()
    page.visitors.went()
    monkeypatch.setattr(page.shutdown, "begun", True)
    assert ended()


def test_an_unforeseen_error_in_loading_is_told_to_whoever_waits() -> None:
    def broken() -> Any:
        raise MemoryError("too small")

    loading = Loading(broken).start()
    with pytest.raises(MemoryError):
        loading.get()
    assert not loading.waiting


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One upload's, as gradio makes them."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    (tmp_path / "uploads" / "a1b2").mkdir(parents=True)
    return tmp_path / "uploads" / "a1b2"


def sent(path: Path | None = None, url: str | None = None) -> Any:
    return SimpleNamespace(path=None if path is None else str(path), url=url)


def test_an_upload_is_read_without_being_opened_as_a_picture(folder: Path) -> None:
    file = folder / "x.png"
    file.write_bytes(b"no picture")
    upload = receive(sent(file))
    assert upload is not None
    assert upload.data == b"no picture"
    upload.forget()
    assert not file.exists()
    upload.forget()


def test_at_most_one_byte_too_many_is_read(folder: Path) -> None:
    file = folder / "x.png"
    file.write_bytes(b"0" * (MAX_BYTES + 10))
    upload = receive(sent(file))
    assert upload is not None
    assert len(upload.data) == MAX_BYTES + 1


@pytest.mark.parametrize(
    ("url", "data"),
    [("data:image/png;base64," + base64.b64encode(b"ab").decode(), b"ab"), ("data:x", b"")],
)
def test_pictures_sent_inside_the_request(url: str, data: bytes) -> None:
    upload = receive(sent(url=url))
    assert upload is not None
    assert upload.data == data
    upload.forget()


def test_what_was_cut_off_inside_the_request_is_no_empty_file() -> None:
    with pytest.raises(ValueError, match=r"base64|padding"):
        receive(sent(url="data:image/png;base64,abcde"))


def test_an_emptied_field_and_a_vanished_file(folder: Path) -> None:
    assert receive(None) is None
    gone = receive(sent(folder / "gone.png"))
    assert gone is not None
    assert gone.data == b""


@pytest.mark.parametrize("where", ["../../victim.jpg", "../victim.jpg", "../a1b2", "..", "link.jpg", "deep/victim.jpg"])
def test_what_is_no_upload_is_neither_read_nor_removed(folder: Path, where: str) -> None:
    victim = folder.parents[1] / "victim.jpg"
    for copy in (victim, folder.parent / "victim.jpg", folder / "deep" / "victim.jpg"):
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(b"keep me")
    (folder / "link.jpg").symlink_to(victim)
    for named in (folder / where, (folder / where).resolve()):
        with pytest.raises(ValueError, match="no upload"):
            receive(sent(named))
    assert [p.read_bytes() for p in (victim, folder.parent / "victim.jpg", folder / "deep" / "victim.jpg")] == [
        b"keep me"
    ] * 3
