"""Peers, side by side: ``python -m tests.benchmarks.peers --pool POOL --venvs FOLDER``.

The same twin, people and features for everybody; one thread, one process at a time. Writes
``weights/cards/peers/TWIN.json`` and renders ``weights/cards/peers.md`` from it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch

from mint.bundles.files import load_bundle
from mint.lab.cards.peers import FOLDER, render_peers
from mint.lab.twin_bundles.same_pool import check_pools
from mint.lab.twins.pool import load_pool
from mint.storage.files import read_json, write_json
from mint.storage.paths import WEIGHTS
from tests.benchmarks.peers.collate import collate
from tests.benchmarks.peers.environments import RECIPES, python_of
from tests.benchmarks.peers.exchange import load_export, save_export
from tests.benchmarks.peers.export import export

ROOT = Path(__file__).resolve().parents[3]
TWINS = ("twin-a", "twin-b")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def run(python: Path, module: str, *arguments: object) -> None:
    """Run one adapter from the root of the repository."""
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)}
    command = [str(python), "-m", f"tests.benchmarks.peers.{module}", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def compare(network: str, options: argparse.Namespace) -> dict[str, Any]:
    """Export one twin's features, let every tool have them, and put the scores together."""
    started = time.perf_counter()

    def say(what: str) -> None:
        print(f"[{(time.perf_counter() - started) / 60:4.1f} min] {network}: {what}", flush=True)

    work = options.venvs / "scores" / network
    work.mkdir(parents=True, exist_ok=True)
    file = work / "export.npz"
    if not (options.keep and file.is_file()):
        say("features")
        reference = next(t for t in TWINS if t != network)
        pair = (load_bundle(options.weights / name).network for name in (network, reference))
        check_pools(options.weights, (network, reference), options.pool)
        save_export(file, export(*pair, load_pool(options.pool), options.seed))
    out = {name: work / f"{name}.json" for name in ("ours", *RECIPES)}
    say("our auditors")
    run(Path(sys.executable), "ours", file, out["ours"], "--weights", options.weights)
    for peer in RECIPES:
        say(peer)
        run(python_of(peer, options.venvs), peer, file, out[peer], "--check", out["ours"])
    say("figures")
    return collate(load_export(file), [read_json(path) for path in out.values()])


def main() -> None:
    """Compare, write, render."""
    parser = argparse.ArgumentParser(description="Other tools on the same twins, people and features.")
    parser.add_argument("--pool", type=Path, required=True, help="A folder made by `mint lab pool`.")
    parser.add_argument("--venvs", type=Path, required=True, help="Gets a virtual environment a peer, and the scores.")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--network", nargs="+", default=TWINS, choices=TWINS)
    parser.add_argument("--seed", type=int, default=1, help="As given to `mint lab train`.")
    parser.add_argument("--keep", action="store_true", help="Use the features of an earlier run.")
    options = parser.parse_args()
    for name in ("pool", "venvs", "weights"):
        setattr(options, name, getattr(options, name).resolve())
    torch.set_num_threads(1)
    folder = options.weights / "cards"
    for network in options.network:
        write_json(folder / FOLDER / f"{network}.json", compare(network, options))
    render_peers(folder)


if __name__ == "__main__":
    main()
