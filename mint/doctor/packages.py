"""Check Python, the pinned packages, and packages that exclude each other."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from mint.doctor.finding import Finding, State
from mint.errors import LibraryMissing
from mint.storage.paths import PACKAGE

OLDEST = (3, 11)
RUNTIME, RUNTIME_CUDA = "onnxruntime", "onnxruntime-gpu"
OPENCVS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
INSTALL = "pip install -r requirements.txt"
PIN = re.compile(r"^([\w.-]+)==([\w.]+)")


def installed() -> dict[str, str]:
    """Return every installed package: name, in lower case with hyphens, to version."""
    return {_plain(d.metadata["Name"]): d.version for d in metadata.distributions() if d.metadata["Name"]}


def pinned(root: Path = PACKAGE.parent) -> dict[str, str]:
    """Return MINT's pins: from ``requirements.txt``, else from the installed package."""
    path = root / "requirements.txt"
    if path.is_file() and (root / "pyproject.toml").is_file():
        lines = path.read_text(encoding="utf-8").splitlines()
    else:
        try:
            lines = [line for line in metadata.requires("mint-audit") or () if "extra" not in line]
        except metadata.PackageNotFoundError:
            lines = []
    return {_plain(pin[1]): pin[2] for line in lines if (pin := PIN.match(line))}


def python() -> Finding:
    """Check the version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST:
        return Finding("python", State.BROKEN, version, f"MINT needs {OLDEST[0]}.{OLDEST[1]} or newer.")
    return Finding("python", State.OK, version)


def packages(there: Mapping[str, str], wanted: Mapping[str, str]) -> Finding:
    """Check that every pinned package has its version; ``runtimes`` checks the runtimes."""
    wanted = {name: version for name, version in wanted.items() if name not in (RUNTIME, *OPENCVS)}
    missing = [name for name in wanted if name not in there]
    if missing:
        return Finding("packages", State.BROKEN, f"{', '.join(missing)} missing", INSTALL)
    # A build for one device, such as 2.13.0+cpu, is that version.
    other = [f"{n} {there[n]} (not {v})" for n, v in wanted.items() if there[n].partition("+")[0] != v]
    if other:
        return Finding("packages", State.NOTE, f"not the versions MINT was tested with: {', '.join(other)}", INSTALL)
    return Finding("packages", State.OK, f"{len(wanted)} in the versions MINT was tested with")


def runtimes(there: Mapping[str, str], wanted: Mapping[str, str]) -> Finding:
    """Check that one ONNX Runtime is installed, not both builds in one folder."""
    name = "onnx runtime"
    swap = "pip install --force-reinstall --no-deps -r requirements-gpu.txt"
    pin = f"{RUNTIME}=={wanted[RUNTIME]}" if RUNTIME in wanted else RUNTIME
    plain = f"pip install --force-reinstall --no-deps {pin}"
    both = [f"{n} {there[n]}" for n in (RUNTIME, RUNTIME_CUDA) if n in there]
    if len(both) == 2:
        return Finding(
            name,
            State.BROKEN,
            f"{' and '.join(both)} are both installed and overwrite each other",
            f"pip uninstall -y {RUNTIME} {RUNTIME_CUDA}, then, with a GPU: {swap}; without: {plain}",
        )
    if not both:
        return Finding(name, State.BROKEN, "none is installed", plain)
    loaded = _loaded_runtime()
    if loaded is None or loaded != both[0].split()[1]:
        says = f"{both[0]} is installed, but " + ("cannot be loaded" if loaded is None else f"{loaded} is loaded")
        return Finding(name, State.BROKEN, says, swap if RUNTIME_CUDA in there else plain)
    if loaded != wanted.get(RUNTIME, loaded):  # both builds are pinned at one version
        says = f"{both[0]}, and MINT was tested with {wanted[RUNTIME]}"
        return Finding(name, State.NOTE, says, swap if RUNTIME_CUDA in there else plain)
    return Finding(name, State.OK, both[0])


def opencv(there: Mapping[str, str], wanted: Mapping[str, str]) -> Finding:
    """Check that exactly one OpenCV is installed and can be loaded."""
    pin = next((f"{n}=={wanted[n]}" for n in OPENCVS if n in wanted), OPENCVS[0])
    found = [f"{n} {there[n]}" for n in OPENCVS if n in there]
    if len(found) > 1:
        names = " ".join(n for n in OPENCVS if n in there)
        return Finding(
            "opencv",
            State.BROKEN,
            f"{' and '.join(found)} are installed together and overwrite each other",
            f"pip uninstall -y {names}, then pip install --no-deps {pin}",
        )
    try:
        import mint.vision.opencv  # noqa: F401  # what matters is whether it can be
    except LibraryMissing as error:
        said = error.sentence.values
        return Finding("opencv", State.BROKEN, said["problem"], said["advice"])
    return Finding("opencv", State.OK, ", ".join(found) or "not from a package")


def insightface(there: Mapping[str, str]) -> Finding:
    """Check the detector of InsightFace's networks, which the twins do not need."""
    if "insightface" not in there:
        return Finding("insightface", State.NOTE, "not installed: packs cannot be opened", INSTALL)
    try:
        import mint.networks.onnx.scrfd  # noqa: F401
    except LibraryMissing as error:
        return Finding("insightface", State.BROKEN, str(error))
    return Finding("insightface", State.OK, there["insightface"])


def _loaded_runtime() -> str | None:
    """Return the version that is really loaded, or None where the folder is broken."""
    try:
        from mint.networks.onnx.session import RUNTIME_VERSION
    except (AttributeError, ImportError):
        return None
    return RUNTIME_VERSION


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
