"""What the browser tests and the screenshots share: a server process, a browser, and the page's controls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.ports import free_port

if TYPE_CHECKING or find_spec("playwright"):  # without it all that needs a browser is skipped
    from playwright.sync_api import Browser, Page, Playwright, expect

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WAIT_MS = 120_000  # a machine that stalls takes long, and a wait ends as soon as its condition holds
API = "/gradio_api"


@contextmanager
def serving(*command: str, tree: Path = ROOT) -> Iterator[str]:
    """Start the page with ``python *command`` in a tree and give its address."""
    environment = {"PYTHONPATH": str(tree), "PYTHONUNBUFFERED": "1", "GRADIO_SERVER_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=tree,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    late = threading.Timer(WAIT_MS / 1000, process.kill)  # if it never says where it is
    late.start()
    try:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            found = re.search(r"MINT is at (http://\S+)", line)
            if found:
                late.cancel()
                yield found.group(1)
                break
        else:
            raise AssertionError("the page did not start:\n" + "".join(said))
    finally:
        late.cancel()
        process.terminate()
        try:
            process.communicate(timeout=WAIT_MS / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


@contextmanager
def full_queue(url: str, photo: Path) -> Iterator[None]:
    """So many programs ask for an audit that nobody else can; the look of the first one must not end meanwhile."""
    from mint.ui.page import QUEUE

    with httpx.Client(base_url=url, timeout=WAIT_MS / 1000, trust_env=False) as client:
        ask(client, photo, "first").raise_for_status()
        with client.stream("GET", f"{API}/queue/data", params={"session_hash": "first"}) as events:
            lines = events.iter_lines()
            next(line for line in lines if "process_starts" in line)  # it stands no longer in the line
            for number in range(QUEUE):
                ask(client, photo, f"next{number}").raise_for_status()
            assert ask(client, photo, "last").status_code == 429, "the line is not full"
            yield


def ask(client: httpx.Client, photo: Path, session: str) -> httpx.Response:
    """Ask for a place in the line, as programs do."""
    sent = client.post(f"{API}/upload", files={"files": ("photo.png", photo.read_bytes(), "image/png")})
    (path,) = sent.raise_for_status().json()
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, 0.01, 0.5]
    return client.post(f"{API}/call/audit", json={"data": data, "session_hash": session})


def chromium(playwright: Playwright, extra: Sequence[str] = ()) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS, *extra])


def has_chromium() -> bool:
    return shutil.which(CHROMIUM) is not None


def open_page(page: Page, url: str) -> None:
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    page.goto(url)
    expect(page.locator("#photo input[type=file]")).to_be_attached()
    expect(page.locator("#status .ready, #status .absent")).to_be_visible()  # the networks are there, or never will be


def upload(page: Page, path: Path) -> None:
    """Add a photo and wait for its answer, or for words on why there is none."""
    note(page)
    page.set_input_files("#photo input[type=file]", str(path))
    settled(page)


def note(page: Page) -> None:
    """Remember the outcome that the page shows, for ``settled``, and mark it as old."""
    page.evaluate(
        "() => { const now = document.querySelector('#answer [data-visit]'); window.noted = now?.dataset.visit;"
        " if (now) now.dataset.visit = 'old'; }"
    )


def settled(page: Page) -> None:
    """Wait until the page shows another outcome than the one noted: details that come late draw the old one again."""
    page.wait_for_function(
        "() => { const now = document.querySelector('#answer [data-visit]')?.dataset.visit;"
        " return now && !['working', 'old', window.noted === 'problem' ? '' : window.noted].includes(now); }"
    )


def choose_example(page: Page, index: int) -> None:
    note(page)
    page.locator(f'#examples [data-pick="{index}"]').click()
    settled(page)
    expect(page.locator("#answer .truth")).to_be_visible()


def open_sliders(page: Page) -> None:
    unfold(page, "sure")


def unfold(page: Page, name: str) -> None:
    """Open the sliders of a tab: sure, person-sure or teach-sure."""
    page.locator(f"#{name} > button").click()
    expect(page.locator(f"#{name} input[type=number]").first).to_be_visible()
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until every control keeps its value: one frame after gradio first shows one, it sets its start value again."""
    page.evaluate(
        """() => new Promise((done) => {
          const values = () => [...document.querySelectorAll('input')].map((e) => `${e.type}${e.value}${e.checked}`).join();
          let last = null, same = 0;
          const next = () => {
            const now = values();
            same = now === last ? same + 1 : 0;
            last = now;
            if (same > 3) done(); else requestAnimationFrame(next);
          };
          next();
        })"""
    )


def set_slider(page: Page, name: str, value: str) -> None:
    field = page.locator(f"#{name} input[type=number]")
    field.fill(value)
    field.press("Enter")
    field.blur()
    expect(field).to_have_value(value)


def go(page: Page, tab: str) -> None:
    """Change to a tab by its name: photo, person, teach, play or how."""
    if page.locator("html.attract").count():  # a kiosk that nobody has touched shows its wall alone
        page.keyboard.press("Escape")
    page.locator(f"#tab-{tab}-button").click()
    expect(page.locator(f"#tab-{tab}")).to_be_visible()
    drawn(page)
