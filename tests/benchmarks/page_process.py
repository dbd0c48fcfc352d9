"""A page of some version of MINT as a process: when it answers, and what memory it takes. Linux only, as it reads ``/proc``.

The page is asked as programs ask it (``/gradio_api/call/audit``), so that no browser takes its part of the machine. Seconds of
the processor are counted beside those of the clock: they hardly depend on what else runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.ports import free_port

API = "/gradio_api"
LATEST = 1800.0  # seconds: a busy machine takes long
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a page is.

    Attributes:
        wall: seconds since its process began.
        processor: seconds that the process has computed.
    """

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class PageRun:
    """What one run of the page took.

    Attributes:
        first: when the first part of its page had come: of this version a screen with faces and answers, of older ones the page.
        served: when its first page was sent whole.
        answered: when the networks were ready and a first photo was answered.
        memory: MB that were resident once all photos were answered.
    """

    first: Moment
    served: Moment
    answered: Moment
    memory: float


class PageProcess:
    """A page that runs in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], started: float, url: str) -> None:
        self._process, self._started = process, started
        self._client = httpx.Client(base_url=url, timeout=LATEST, trust_env=False)

    def now(self) -> Moment:
        """Return how far it is."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return Moment(time.perf_counter() - self._started, (int(fields[11]) + int(fields[12])) / TICKS)

    def memory(self) -> float:
        """Return the MB that are resident."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]

    def get(self) -> tuple[Moment, Moment]:
        """Take the page; return when the first part of it had come, and when all of it had."""
        with self._client.stream("GET", "/") as answer:
            answer.raise_for_status()
            parts = answer.iter_bytes()
            next(parts)
            first = self.now()
            for _ in parts:
                pass
        return first, self.now()

    def audit(self, photo: Path) -> str:
        """Ask about a photo, and return the answer.

        Raises:
            RuntimeError: the page says that something is wrong.
        """
        (path,) = self._client.post(f"{API}/upload", files={"files": (photo.name, photo.read_bytes())}).json()
        data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, 0.01, 0.5]
        asked = self._client.post(f"{API}/call/audit", json={"data": data}).raise_for_status().json()
        said = self._client.get(f"{API}/call/audit/{asked['event_id']}").text.strip()
        if "event: complete" not in said:
            raise RuntimeError(f"the page did not answer: {said[-500:]}")
        return said

    def close(self) -> None:
        """End the conversation; the process is somebody else's to end."""
        self._client.close()


@contextmanager
def page_of(tree: Path, environment: Mapping[str, str]) -> Iterator[PageProcess]:
    """Start ``python app.py`` in a tree, and yield the page as soon as it says where it is.

    Raises:
        RuntimeError: it never does.
    """
    told = {**environment, "PYTHONUNBUFFERED": "1", "GRADIO_SERVER_PORT": str(free_port())}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=tree, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"MINT is at (http://\S+)", line):
                break
        else:
            raise RuntimeError(f"the page of {tree} did not start:\n{''.join(said)}")
        page = PageProcess(process, started, found[1])
        try:
            yield page
        finally:
            page.close()
    finally:
        process.terminate()
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def run_page(tree: Path, environment: Mapping[str, str], photos: int) -> PageRun:
    """Start a page, and ask it about so many photos, one after the other."""
    examples = sorted((tree / "examples" / "faces").glob("*.*g"))
    with page_of(tree, environment) as page:
        first, served = page.get()
        page.audit(examples[0])
        answered = page.now()
        for number in range(1, photos):
            page.audit(examples[number % len(examples)])
        return PageRun(first, served, answered, page.memory())
