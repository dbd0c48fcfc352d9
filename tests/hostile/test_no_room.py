"""The page where there is no room: full folders of uploads, none at all, and networks that cannot be written."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from mint.storage.paths import WEIGHTS
from tests.hostile.test_load import FACE
from tests.hostile.visitor import API, ROOT, Server, file_data, running, visiting

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount"),
]
SMALL = 4 * 2**20
# Its memory is too small for uploads, so they lie where temporary files do; nobody else sees these mounts.
SERVER = f"""
import os, sys
from tests.hostile.faults import mount_small
mount_small({{"/dev/shm": 2**16, os.environ["TMPDIR"]: {SMALL}}})
from mint.ui.loading import Loading
from mint.ui.serve import serve
from tests.ui.fakes import FakeTest
serve(Loading(FakeTest))
"""
NO_PLACE = """
import os, sys, tempfile
from tests.hostile.faults import mount_small
mount_small({"/dev/shm": 2**16})
tempfile._candidate_tempdir_list = lambda: [os.environ["TMPDIR"]]
sys.argv = ["app.py"]
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
"""
READ_ONLY = f"""
import runpy, sys
from tests.hostile.faults import mount_read_only
mount_read_only([{str(ROOT)!r}])
sys.argv = ["app.py"]
runpy.run_path("app.py", run_name="__main__")
"""
WORDS = "there is no room for more"
PHOTO = FACE.read_bytes()


async def refused(client: httpx.AsyncClient, data: bytes, whole: bool = True) -> None:
    """A photo that finds no room, told in words."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="large.png"\r\n\r\n'
        for start in range(0, len(data), 2**16):
            yield data[start : start + 2**16]
        yield b"\r\n--x--\r\n"

    if whole:
        answer = await client.post(f"{API}/upload", files={"files": ("large.png", data, "image/png")})
    else:  # its length is not told before
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await client.post(f"{API}/upload", content=pieces(), headers=headers)
    assert answer.status_code == 503
    assert WORDS in answer.text


def left(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def visits(server: Server, folder: Path) -> None:
    async with visiting(server.url) as visitor:
        assert await visitor.audit(PHOTO)
        filler = folder / "filler"
        filler.write_bytes(bytes(SMALL - 2**16))
        await asyncio.sleep(0.6)  # the page looks twice a second
        await refused(visitor.client, PHOTO)
        assert left(folder) == filler.stat().st_size
        filler.unlink()
        await asyncio.sleep(0.6)
        assert await visitor.audit(PHOTO)
        await refused(visitor.client, bytes(2 * SMALL), whole=False)
        assert left(folder) < 2**16
        await asyncio.sleep(0.6)
        shown = await visitor.ask("photo", "input", {"photo": file_data(await visitor.upload(PHOTO))})
        assert "data-network" in shown["answer"]


def test_a_full_folder_of_uploads_says_so_and_serves_the_next(tmp_path: Path) -> None:
    with running(["-c", SERVER], {"TMPDIR": str(tmp_path)}) as server:
        asyncio.run(visits(server, Path(f"/proc/{server.process.pid}/root{tmp_path}")))
        server.stop()
    assert "Traceback" not in "".join(server.said), "".join(server.said)


def test_without_any_place_for_uploads_the_page_does_not_start() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_PLACE],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (told,) = done.stderr.strip().splitlines()
    assert told.startswith("mint: There is no place for uploads")
    assert "set TMPDIR" in told


@pytest.mark.skipif(not (WEIGHTS / "twin-a" / "bundle.json").is_file(), reason="the bundled twins are not here")
def test_the_page_runs_from_a_read_only_checkout() -> None:
    async def visit(url: str) -> list[str]:
        async with visiting(url) as visitor:
            return [found["network"] for found in await visitor.audit(PHOTO)]

    with running(["-c", READ_ONLY]) as server:
        place = Path(f"/proc/{server.process.pid}/root{ROOT}")
        with pytest.raises(OSError, match="Read-only"):
            (place / "weights" / "new").write_bytes(b"")
        assert asyncio.run(visit(server.url)) == ["twin-a", "twin-b"]
        assert server.stop() == 128 + signal.SIGTERM
    assert "Traceback" not in "".join(server.said)
