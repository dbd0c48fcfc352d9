"""Write ``.github/LICENCES.md``: the licence of every locked package, as its own metadata say.

    python -m tests.supply.licences

pip reads the metadata of what the locks name, without installing anything, and checks on the way that PyPI still has
files with those hashes. Markers are dropped, so that packages for other systems are listed as well.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.supply.lock import LOCKS, ROOT, blocks

LIST = ROOT / ".github" / "LICENCES.md"
ELSEWHERE = ("--target", "elsewhere", "--only-binary", ":all:", "--python-version", "3.13")  # with --dry-run
WINDOWS = ("pywin32", "pywinpty")
# What the metadata leave out.
READ_BY_HAND = {
    "insightface": "MIT (its code; its models are for non-commercial research)",
    "cuda-toolkit": "none stated; a list of NVIDIA's packages without code of its own",
}


def licence_of(metadata: Mapping[str, Any]) -> str:
    """SPDX expression, else the classifiers, else a short licence field, else ``unknown``."""
    if metadata.get("license_expression"):
        return str(metadata["license_expression"])
    field = str(metadata.get("license", "")).strip()
    classifiers = [c for c in metadata.get("classifier", ()) if c.startswith("License ::")]
    named = [c.split(" :: ")[-1] for c in classifiers if c.count(" :: ") > 1 or "Other" in c]
    named = [n for n in named if n != "OSI Approved"]
    if named:
        return ", ".join(sorted(set(named)))
    if field and field.upper() != "UNKNOWN":
        return field.splitlines()[0][:80]
    return READ_BY_HAND.get(name_of(str(metadata["name"])), "unknown")


def name_of(package: str) -> str:
    """As package indexes write it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def metadata(lines: list[str], *options: str) -> list[dict[str, Any]]:
    """What pip reads of locked requirements, installing none of them."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, report = Path(folder) / "wanted.txt", Path(folder) / "report.json"
        wanted.write_text("".join(lines), encoding="utf-8")
        command = [
            sys.executable, "-m", "pip", "install", "--isolated", "--quiet", "--dry-run", "--ignore-installed", "--no-deps",
            "--require-hashes", "--report", str(report), "-r", str(wanted), *options,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        return [entry["metadata"] for entry in json.loads(report.read_text(encoding="utf-8"))["install"]]


def main() -> None:
    """Write the list."""
    rows = {}
    for lock in sorted(LOCKS.glob("*.lock")):
        wanted = blocks(lock.read_text(encoding="utf-8").split("\n", 1)[1])
        there = metadata(wanted)
        seen = {(name_of(found["name"]), found["version"]) for found in there}
        for block in wanted:
            name, version = re.split(r"(?:\[.*?\])?==", block.split()[0])
            if (name_of(name), version) not in seen:  # a marker says that it is not for this machine
                system = ("--platform", "win_amd64") if block.startswith(WINDOWS) else ()
                there += metadata([re.sub(r" ; [^\\\n]*", " ", block, count=1)], *ELSEWHERE, *system)
        for found in there:
            rows[name_of(found["name"]), found["version"]] = licence_of(found)
    lines = [
        "# Licences of what MINT is built on", "",
        "Written by `python -m tests.supply.licences` from the metadata of the locked packages; do not edit.", "",
        "| package | version | licence |", "|---|---|---|",
        *(f"| {name} | {version} | {licence} |" for (name, version), licence in sorted(rows.items())),
    ]  # fmt: skip
    LIST.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(rows)} packages, {sum(licence == 'unknown' for licence in rows.values())} of an unknown licence")


if __name__ == "__main__":
    main()
