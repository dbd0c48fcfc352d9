"""A small crowd; the large one is ``python -m tests.benchmarks.load``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.crowd import Crowd, expect
from tests.hostile.planted import plant
from tests.hostile.visitor import QueueFull, running, visiting
from tests.ui.fakes import FakeTest

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
# Networks whose answer depends on the pixels; each look takes a while.
SERVER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background switched it off
from mint.ui.loading import Loading
from mint.ui.serve import serve
from tests.ui.fakes import FakeTest
serve(Loading(lambda: FakeTest(seconds=float(sys.argv[1]))))
"""

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return Crowd([expect(FakeTest(), plant(FACE.read_bytes(), 20 + i)) for i in range(6)])  # type: ignore[arg-type]


def test_everybody_gets_the_own_answer_also_when_the_server_stops(crowd: Crowd) -> None:
    assert len({expected.crop for expected in crowd.expected}) == 6
    assert len({expected.answer for expected in crowd.expected}) > 1
    with running(["-c", SERVER, "0.05"]) as server:
        for _ in range(5):  # a busy machine takes longer
            asyncio.run(crowd.come(server, 6))
            if len(crowd.seconds["page"]) > 6 and crowd.seconds["programs"]:
                break
        assert not crowd.errors
        assert not crowd.wrong
        assert len(crowd.seconds["page"]) > 6
        assert crowd.seconds["programs"]

        async def stop() -> Path:
            async with visiting(server.url) as visitor:
                folder = Path(await visitor.upload(crowd.expected[0].planted.data)).parents[1]
            everybody = asyncio.create_task(crowd.come(server, 3))
            await asyncio.sleep(1)
            assert folder.is_dir()
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.process.wait, 300)
            everybody.cancel()
            return folder

        folder = asyncio.run(stop())
    assert server.process.returncode == 128 + signal.SIGTERM
    assert not crowd.wrong
    assert not folder.exists()


def test_a_full_line_says_so_and_takes_whoever_comes_again(crowd: Crowd, tmp_path: Path) -> None:
    async def one(url: str, config: Mapping[str, Any]) -> object:
        async with visiting(url, config) as visitor:
            return await visitor.audit(crowd.expected[0].planted.data)

    async def come(url: str) -> list[object]:
        async with visiting(url) as first:
            folder = Path(await first.upload(b"x")).parents[1]
            before = [asyncio.create_task(one(url, first.config)) for _ in range(24)]
            while sum(task.done() for task in before) < 24 - 17:  # sixteen wait, and one is looked at
                await asyncio.sleep(0.02)
            (tmp_path / "go").touch()
            found = await asyncio.gather(*before, return_exceptions=True)
            assert sum(path.is_file() for path in folder.glob("*/*")) == 1, "who is turned away leaves no photo"
            return [*found, await first.audit(crowd.expected[0].planted.data)]

    with running(["-m", "tests.hostile.held", str(tmp_path), "5"]) as server:
        found = asyncio.run(come(server.url))
        server.stop()
    turned_away = [answer for answer in found if isinstance(answer, BaseException)]
    assert {type(error) for error in turned_away} == {QueueFull}
    assert all("Wait a little" in str(error) for error in turned_away)
    assert all(answer == crowd.expected[0].audits for answer in found if not isinstance(answer, BaseException))
