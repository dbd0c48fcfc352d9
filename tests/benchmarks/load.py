"""Many visitors at once against the page as it ships: ``python -m tests.benchmarks.load [--visitors 50] [--minutes 5]``.

Everything stays on this machine. Each visitor has a watermarked photo of its own, comes through the page or
through the door for programs, waits for the answer, holds it against what the networks say here, and comes again.
At the end the server is told to stop while all of them are still asking.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from mint.storage.files import write_bytes
from mint.storage.paths import EXAMPLES
from tests.hostile.crowd import Crowd, expect
from tests.hostile.planted import plant
from tests.hostile.visitor import Server, running, visiting

WARM_SHARE = 0.2  # of the time; memory is held to be flat after it
ROOT = Path(__file__).parents[2]


def prepare(visitors: int) -> Crowd:
    """A photo for each, half of them of faces that a twin was trained on, and what must be answered."""
    from mint import MembershipTest

    test = MembershipTest.load()
    photos = [path.read_bytes() for path in sorted((EXAMPLES / "faces").glob("*.*g"))]
    planted = (plant(photo, 1000 + i, strength=0.15) for i, photo in enumerate(cycle(photos)))
    shown = (one for one in planted if test.audit(one.data, "photo")[0].faces)  # the watermark hides some faces
    return Crowd([expect(test, one) for one in islice(shown, visitors)])


def figures(crowd: Crowd, seconds: float) -> dict[str, Any]:
    """What was measured."""
    answers = sum(map(len, crowd.seconds.values()))
    warm = [mb for at, mb in crowd.memory if at >= WARM_SHARE * seconds]
    third = max(1, len(warm) // 3)
    return {
        "visitors": len(crowd.expected),
        "seconds": seconds,
        "machine": {"cpus": os.cpu_count(), "load_average": os.getloadavg(), "system": platform.platform()},
        "answers": answers,
        "answers_per_second": round(answers / seconds, 3),
        "latency_seconds": {door: _percentiles(found) for door, found in crowd.seconds.items()},
        "line_full": crowd.full,
        "wrong": crowd.wrong,
        "errors": crowd.errors,
        "resident_mb": {
            "first third after warm-up": round(float(np.mean(warm[:third])), 1),
            "last third": round(float(np.mean(warm[-third:])), 1),
            "most": max(warm),
            "series": crowd.memory[:: max(1, len(crowd.memory) // 60)],
        },
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {"n": 0}
    found = np.percentile(seconds, [50, 95, 99])
    return {"n": len(seconds)} | {f"p{p}": round(float(v), 3) for p, v in zip((50, 95, 99), found, strict=True)}


async def stop_under_load(crowd: Crowd, server: Server) -> dict[str, Any]:
    """SIGTERM while everybody asks: how long it takes to end, and what is left."""
    async with visiting(server.url) as visitor:
        folder = Path(await visitor.upload(crowd.expected[0].planted.data)).parents[1]
    again = Crowd(crowd.expected)
    everybody = asyncio.create_task(again.come(server, 120))
    await asyncio.sleep(10)
    waiting = sum(path.is_file() for path in folder.rglob("*"))
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    status = await asyncio.to_thread(server.process.wait, 60)
    ended = time.monotonic() - begun
    everybody.cancel()
    return {
        "seconds": round(ended, 2),
        "status": status,
        "files_before": waiting,
        "folder_left": folder.exists(),
        "wrong": again.wrong,
    }


def main() -> None:
    """Run, write the figures, and fail if anything went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--out", type=Path, default=Path("load.json"))
    options = parser.parse_args()
    seconds = 60 * options.minutes
    crowd = prepare(options.visitors)
    with running([str(ROOT / "app.py")]) as server:
        asyncio.run(crowd.come(server, seconds))
        found = figures(crowd, seconds) | {"stop": asyncio.run(stop_under_load(crowd, server))}
    found["log"] = [line for line in server.said if "MINT is at" not in line][:40]
    write_bytes(options.out, (json.dumps(found, indent=1) + "\n").encode())
    print(json.dumps({name: value for name, value in found.items() if name != "log"}, indent=1))
    if crowd.wrong or crowd.errors or found["stop"]["folder_left"]:
        raise SystemExit("something went wrong: see above")


if __name__ == "__main__":
    main()
