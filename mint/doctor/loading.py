"""Check that packages can really be loaded: one that is listed as installed may be torn all the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

from mint.doctor.finding import Finding, State
from mint.errors import brief

# Pinned package to what is imported of it, those first that others need. Torch, ONNX Runtime, OpenCV and InsightFace have
# checks of their own.
LOADED = {
    "numpy": "numpy",
    "pydantic": "pydantic",
    "filelock": "filelock",
    "pillow": "PIL.Image",
    "safetensors": "safetensors.numpy",
    "scipy": "scipy.special",
    "onnx": "onnx",
    "rich": "rich.table",
    "typer": "typer",
    "jinja2": "jinja2",
    "markdown-it-py": "markdown_it",
    "reportlab": "reportlab.platypus",
    "huggingface-hub": "huggingface_hub.file_download",
    "starlette": "starlette.applications",
    "uvicorn": "uvicorn",
    "gradio": "gradio",
}
PATIENCE = 300  # seconds for all of them
# What they print as they are imported goes elsewhere: stdout is for the answers.
PROGRAM = """
import importlib, json, os, sys
told = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
sys.path[:] = json.loads(sys.argv[1])
for module in sys.argv[2:]:
    try:
        importlib.import_module(module)
        said = ""
    except BaseException as error:
        said = str(error) or type(error).__name__
    print(json.dumps([module, said]), file=told, flush=True)
"""


def loading(there: Mapping[str, str]) -> Finding:
    """Import what MINT imports of its pinned packages, in a process that may die of it."""
    asked = {package: module for package, module in LOADED.items() if package in there}
    said = _said([*asked.values()])
    wrong: dict[str, list[str]] = {}
    for package, module in asked.items():
        if said[module]:
            wrong.setdefault(said[module], []).append(package)
    if not wrong:
        return Finding("loading", State.OK, f"{len(asked)} packages can be loaded")
    told = [
        f"{first} cannot be loaded ({why})" + (f", nor for the same reason {', '.join(others)}" if others else "")
        for why, (first, *others) in wrong.items()
    ]
    torn = " ".join(first for first, *_ in wrong.values())
    return Finding(
        "loading", State.BROKEN, "; ".join(told), f"pip install --force-reinstall -c requirements.txt {torn}"
    )


def _said(modules: Sequence[str]) -> dict[str, str]:
    """Return module to what went wrong when it was imported; nothing where all went well."""
    found: dict[str, str] = {}
    while left := [module for module in modules if module not in found]:
        command = [sys.executable, "-c", PROGRAM, json.dumps(sys.path), *left]
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=PATIENCE
            )
            lines, end = done.stdout, f"it ends Python with exit code {done.returncode}"
        except subprocess.TimeoutExpired as error:
            lines, end = error.stdout or b"", f"no end after {PATIENCE} s"
        found |= {module: said and brief(ImportError(said)) for module, said in map(json.loads, lines.splitlines())}
        if died := [module for module in left if module not in found]:  # the first of them took Python with it
            found[died[0]] = end
    return found
