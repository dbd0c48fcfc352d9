"""What the browser tests and the screenshots share: a server process, a browser, and the page's controls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

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
WAIT_MS = 60_000


@contextmanager
def serving(*command: str) -> Iterator[str]:
    """Start the page with ``python *command`` and give its address."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            found = re.search(r"MINT is at (http://\S+)", line)
            if found:
                yield found.group(1)
                break
        else:
            raise AssertionError("the page did not start:\n" + "".join(said))
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def full_queue(url: str, photo: Path) -> Iterator[None]:
    """So many programs ask for an audit that nobody else can; the server must be one that takes its time."""
    import gradio_client

    from mint.ui.page import QUEUE

    client = gradio_client.Client(url, verbose=False, analytics_enabled=False)
    file = gradio_client.handle_file(str(photo))
    jobs = [client.submit(file, 0.01, 0.5, api_name="/audit") for _ in range(QUEUE + 2)]
    deadline = time.monotonic() + WAIT_MS / 1000
    while not any(job.done() for job in jobs):  # refused, for the queue is full
        assert time.monotonic() < deadline, "the queue is not full"
        time.sleep(0.1)
    yield
    for job in jobs:
        job.cancel()


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
    """Wait some frames: one frame after gradio first shows a control, it sets the control to its start value again."""
    page.evaluate(
        "() => new Promise((done) => { let left = 3;"
        " const next = () => (left-- ? requestAnimationFrame(next) : done()); next(); })"
    )


def set_slider(page: Page, name: str, value: str) -> None:
    field = page.locator(f"#{name} input[type=number]")
    field.fill(value)
    field.press("Enter")
    field.blur()
    expect(field).to_have_value(value)


def go(page: Page, tab: str) -> None:
    """Change to a tab by its name: photo, person, teach, play or how."""
    page.locator(f"#tab-{tab}-button").click()
    expect(page.locator(f"#tab-{tab}")).to_be_visible()
    drawn(page)
