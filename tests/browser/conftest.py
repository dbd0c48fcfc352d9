"""A browser, the page without networks, and pages that nobody complained about."""

from __future__ import annotations

import gc
import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from mint.storage.paths import EXAMPLES, WEIGHTS
from mint.vision.images import open_photo
from tests.browser import driving
from tests.browser.driving import open_page
from tests.ui.served import Served

if TYPE_CHECKING or find_spec("playwright"):  # without it all that needs a browser is skipped
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
REAL = (WEIGHTS / "twin-a" / "bundle.json").is_file() and (EXAMPLES / "faces" / "faces.csv").is_file()
Open = Callable[..., "Page"]
WALK = "test_walk.py"  # the one module that every run of the tests takes


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without playwright none but the walk can be imported, and in the gate none but the walk is wanted."""
    others = collection_path.suffix == ".py" and collection_path.name != WALK
    return True if others and (config.option.markexpr == "not full" or not find_spec("playwright")) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if item.path.name != WALK:
                item.add_marker(pytest.mark.full)
            if not driving.has_chromium():
                item.add_marker(pytest.mark.skip(reason=f"there is no browser at {driving.CHROMIUM}"))
            # The sockets and loops are playwright's own; it closes them when the garbage collector comes by.
            for ignored in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{ignored}"))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started
    gc.collect()  # what playwright left open is complained of here, not in the next test of another folder


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the webcam sees: the face in the left half only, so that a mirrored picture can be told."""
    rgb = np.full((480, 640, 3), 120, np.uint8)
    face = open_photo(FACE)
    step = max(face.shape[0] // 460, 1) + 1
    small = face[::step, ::step][:470, :320]
    rgb[5 : 5 + small.shape[0], : small.shape[1]] = small
    file = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    file.write_bytes(jpeg(rgb) * 30)
    return file


def jpeg(rgb: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def browser(playwright: Playwright, camera: Path) -> Iterator[Browser]:
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    browser = driving.chromium(playwright, (*fake, f"--use-file-for-fake-video-capture={camera}"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def examples(written_examples: Path) -> Path:
    return written_examples


@pytest.fixture
def url(served: Served) -> str:
    """The page that this worker serves itself, as new."""
    return served.url


class Profiles:
    """Profiles of a browser that are lent one at a time, and come back empty: a new one compiles gradio's scripts again."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = defaultdict(list)

    @contextmanager
    def lent(self, **options: Any) -> Iterator[BrowserContext]:
        free = self._free[repr(options)]
        context = free.pop() if free else self._browser.new_context(**options)
        try:
            yield context
            for page in context.pages:
                page.evaluate("localStorage.clear()")
                page.close()
            context.clear_cookies()
        except BaseException:
            context.close()
            raise
        free.append(context)


@pytest.fixture(scope="module")
def profiles(browser: Browser) -> Profiles:
    return Profiles(browser)


@pytest.fixture
def opened(profiles: Profiles, served: Served) -> Iterator[Open]:
    """Open pages, each of its own visitor, and hold at the end that none complained and none reached out.

    All are closed before ``served`` is made as new.
    """
    complaints, strangers = [], []
    with ExitStack() as stack:

        def open_(url: str, width: int = 1280, height: int = 900, scheme: str = "light", locale: str = "en-GB") -> Page:
            viewport = {"width": width, "height": height}
            page = stack.enter_context(profiles.lent(viewport=viewport, color_scheme=scheme, locale=locale)).new_page()
            page.on("console", lambda m: complaints.append(m.text) if complains(m) else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: strangers.append(request.url) if outside(request.url) else None)
            open_page(page, url)
            return page

        yield open_
    assert not strangers
    assert not complaints


def complains(said: ConsoleMessage) -> bool:
    """Whether it is an error; a stream that is broken off when the page is left is none, nor is a full line."""
    return said.type == "error" and not said.text.startswith("AbortError") and "status of 429" not in said.text


def outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost")


@pytest.fixture
def page(opened: Open, url: str) -> Page:
    return opened(url)


@pytest.fixture(scope="session")
def real() -> Iterator[str]:
    if not REAL:
        pytest.skip("the bundled twins or their examples are not in this checkout")
    with driving.serving("app.py") as url:
        yield url
