"""Nothing of a visitor's photo stays on the disk, in the log, or within anybody else's reach: a watermark is searched for."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mint.storage.paths import EXAMPLES, WEIGHTS
from mint.ui.server.private_folder import PrivateFolder
from tests.hostile.planted import Planted, plant, search
from tests.hostile.second import Second, shown
from tests.hostile.visitor import API, ROOT, Failed, Server, running, visiting

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
REAL = (WEIGHTS / "twin-a" / "bundle.json").is_file() and (EXAMPLES / "faces" / "faces.csv").is_file()
FOLDERS = ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "GRADIO_TEMP_DIR", "work")

pytestmark = pytest.mark.full


@dataclass(frozen=True)
class Places:
    """Where a server that was started here could write.

    Attributes:
        root: of fresh folders, one an environment variable, and the one it is started in.
        shared: where uploads lie for a moment.
    """

    root: Path
    shared: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {name: str(self.root / name) for name in FOLDERS if name.isupper()}

    def traces(self, planted: Planted) -> dict[str, list[str]]:
        return search(planted, [self.root, *([self.shared] if self.shared.is_dir() else [])])


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    probe = PrivateFolder()
    shared = probe.path.parent
    probe.wipe()
    return Places(tmp_path, shared)


@contextmanager
def page(places: Places, *command: str) -> Iterator[Server]:
    """The page as it ships, or another command, started from an empty folder."""
    with running(command or [str(ROOT / "app.py")], places.environment, places.root / "work") as server:
        yield server


async def visit(url: str, places: Places, planted: Planted) -> None:
    """Everything that a visitor can do; after each step, nothing lies anywhere."""
    async with visiting(url) as first, visiting(url) as second_visit:
        second = Second(second_visit)
        waiting = await first.upload(planted.data, planted.name)
        assert places.traces(planted), "the search looks where uploads lie"
        again = await second_visit.upload(planted.data, planted.name)
        assert Path(again).parent != Path(waiting).parent, "the same photo, twice, at places of its own"
        for path in (waiting, again):
            Path(path).unlink()

        path = await first.upload(planted.data, planted.name)
        answer = await first.ask("photo", "input", {"photo": {"path": path, "meta": {"_type": "gradio.FileData"}}})
        assert planted.traces(shown(answer)), "the visitor sees the photo"
        assert "data-network" in str(answer["answer"])
        assert not places.traces(planted)
        await second.look_around(first, path, planted)
        assert not second.traces(planted)

        stated = {"case-number": planted.mark, "case-auditor": planted.mark}
        report = await first.ask("make", "click", {"thumbnail": True, **stated})
        assert planted.traces(shown(report)), "the face is in the report, as was asked for"
        assert not places.traces(planted)

        assert await first.audit(planted.data)
        await first.add(planted.data, "person-", planted.name)
        await first.ask("person-make", "click", {"person-thumbnail": True})
        assert not places.traces(planted)

        path = await first.upload(planted.data, planted.name)
        sent = [{"path": path, "orig_name": planted.name, "meta": {"_type": "gradio.FileData"}}]
        many = await first.ask("many-files", "upload", {"many-files": sent})
        assert "data-visit" in str(many["many-answer"])
        assert not places.traces(planted)
        table = await first.ask("many-make", "click")
        assert "base64," in str(table["many-links"])
        assert not places.traces(planted)

        await first.add(planted.data, "teach-", planted.name)
        taught = await first.ask("teach-start", "click", {"teach-consent": True})
        assert 'data-visit="problem"' not in str(taught["teach-answer"])
        assert not places.traces(planted)
        await first.ask("teach-forget", "click")
        assert not places.traces(planted)

        await first.leave()
        await second.look_around(first, path, planted)
        assert not second.traces(planted)
    assert not places.traces(planted)


async def leave_uploads(url: str, planted: Planted) -> None:
    """Photos that nobody audited, one of them half sent."""
    async with visiting(url) as visitor:
        await visitor.upload(planted.data, planted.name)

        async def half() -> object:
            yield (
                b'--x\r\nContent-Disposition: form-data; name="files"; filename="half.png"\r\n\r\n' + planted.data[:-99]
            )
            raise httpx.WriteError("the visitor's line broke")

        sent = {"Content-Type": "multipart/form-data; boundary=x"}
        with pytest.raises(httpx.HTTPError):
            await visitor.client.post(f"{API}/upload", content=half(), headers=sent)


@pytest.mark.skipif(not REAL, reason="the bundled twins or their examples are not in this checkout")
def test_no_pixel_stays(places: Places) -> None:
    planted = plant(FACE.read_bytes(), 7)
    with page(places) as server:
        asyncio.run(visit(server.url, places, planted))
        asyncio.run(leave_uploads(server.url, planted))
        assert places.traces(planted)
        assert server.stop(signal.SIGTERM) == 128 + signal.SIGTERM
        assert not places.traces(planted)
    assert not planted.traces("".join(server.said).encode())


WITHOUT_NETWORKS = "from mint.ui.loading import Loading; from mint.ui.serve import serve; serve(Loading(lambda: ()[0]))"


def test_a_crash_leaves_nothing_beyond_the_next_start(places: Places) -> None:
    planted = plant(FACE.read_bytes(), 11)
    for how in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
        with page(places, "-c", WITHOUT_NETWORKS) as server:
            assert not places.traces(planted), "what the crash before left is gone"
            asyncio.run(leave_uploads(server.url, planted))
            server.stop(how)
        left = places.traces(planted)
        assert all(Path(path).is_relative_to(places.shared) for path in left), "only where the next start looks"
    assert not left
    assert not [path for path in places.root.rglob("*") if path.name.startswith("core")]
    assert not planted.traces("".join(server.said).encode())


async def killed_at_work(server: Server, places: Places, planted: Planted, what: str, how: signal.Signals) -> None:
    """The networks look at a photo, or are taught it, when the process dies."""
    async with visiting(server.url) as visitor:
        await visitor.audit(FACE.read_bytes())  # the networks are loaded

        async def work() -> None:
            if what == "teach":
                await visitor.add(planted.data, "teach-", planted.name)
                began.set()
                await visitor.ask("teach-start", "click", {"teach-consent": True})
            else:
                began.set()
                while True:
                    await visitor.add(planted.data, name=planted.name)

        began = asyncio.Event()
        working = asyncio.create_task(work())
        await began.wait()
        await asyncio.sleep(1.0)
        assert not working.done(), "it was at work"
        await asyncio.to_thread(server.stop, how)
        with pytest.raises((httpx.HTTPError, Failed)):
            await working


@pytest.mark.skipif(not REAL, reason="the bundled twins or their examples are not in this checkout")
@pytest.mark.parametrize(("what", "how"), [("audit", signal.SIGSEGV), ("teach", signal.SIGKILL)])
def test_a_crash_at_work_leaves_nothing_beyond_the_next_start(places: Places, what: str, how: signal.Signals) -> None:
    planted = plant(FACE.read_bytes(), 13)
    with page(places) as server:
        asyncio.run(killed_at_work(server, places, planted, what, how))
    left = places.traces(planted)
    assert all(Path(path).is_relative_to(places.shared) for path in left), "only where the next start looks"
    assert not [path for path in places.root.rglob("*") if path.name.startswith("core")]
    assert not planted.traces("".join(server.said).encode())
    with page(places, "-c", WITHOUT_NETWORKS):
        assert not places.traces(planted)
