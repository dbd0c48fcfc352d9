"""A cold start, seen by a visitor: ``python -m tests.benchmarks.start``.

From the start of the process to the page's address, to the first thing that a waiting browser paints, to its five
tabs, and to the networks being ready. Seconds depend on the machine and on what else runs on it: both are printed.
``python -m tests.benchmarks.app`` compares the start with that of a bare Gradio page.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from playwright.sync_api import expect, sync_playwright

from tests.browser.driving import WAIT_MS, chromium, serving

STEPS = ("page answers", "first paint", "tabs there", "networks ready")
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  if (list.getEntriesByName('first-contentful-paint').length) done(true);
}).observe({ type: 'paint', buffered: true }))"""


def main() -> None:
    """Start several times; the first start also fills the disk's cache."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    expect.set_options(timeout=WAIT_MS)
    rounds: list[list[float]] = []
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for _ in range(options.rounds):
            started = time.perf_counter()
            with serving("app.py") as url:
                at = [time.perf_counter() - started]
                page = browser.new_context().new_page()
                page.goto(url, wait_until="commit")
                page.evaluate(PAINTED)
                at.append(time.perf_counter() - started)
                expect(page.locator("#tab-photo-button")).to_be_visible()
                at.append(time.perf_counter() - started)
                expect(page.locator("#status .ready")).to_be_visible()
                at.append(time.perf_counter() - started)
                page.context.close()
            rounds.append(at)
        browser.close()
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.rounds} starts, seconds since the process began"
    )
    for name, first, later in zip(STEPS, rounds[0], zip(*(rounds[1:] or rounds), strict=True), strict=True):
        low, high = min(later), max(later)
        print(f"{name:15s} first {first:5.1f} | then median {statistics.median(later):5.1f} ({low:.1f} to {high:.1f})")


if __name__ == "__main__":
    main()
