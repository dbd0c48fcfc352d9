"""From process start to a served page, against a bare Gradio + torch page: ``python -m tests.benchmarks.app``."""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BARE = """
import gradio as gr, torch
with gr.Blocks(analytics_enabled=False) as page:
    photo, answer = gr.Image(), gr.HTML()
    photo.change(lambda p: str(torch.zeros(1)), photo, answer)
page.launch(run_history=False)
"""


def seconds_to_page(command: list[str]) -> float:
    """Start a server, wait until its page answers, stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    started = time.perf_counter()
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - started < 120:
            if server.poll() is not None:
                raise RuntimeError(f"{command} stopped with {server.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                    if page.status == 200:
                        return time.perf_counter() - started
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise TimeoutError(f"{command} served no page within two minutes")
    finally:
        server.terminate()
        server.wait(20)


def main() -> None:
    """Time both in turn and print the median of the paired ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        ratios, ours, theirs = [], [], []
        for number in range(options.rounds + 1):
            pair = (seconds_to_page([sys.executable, "app.py"]), seconds_to_page([sys.executable, str(bare)]))
            if number:  # the first warms the disk
                ours.append(pair[0])
                theirs.append(pair[1])
                ratios.append(pair[0] / pair[1])
    print(f"app.py {statistics.median(ours):.2f} s | bare Gradio + torch {statistics.median(theirs):.2f} s | "
          f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} pairs, goal 1.30)")  # fmt: skip


if __name__ == "__main__":
    main()
