"""Run all checks. A check that crashes is a finding, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from mint import __version__
from mint.doctor import loading, machine, packages, weights
from mint.doctor.finding import Finding, State
from mint.errors import MintError

Check = Callable[[], Finding | list[Finding]]


def checks() -> dict[str, Check]:
    """Return all checks by name, in the order in which they depend on each other."""
    there, wanted = packages.installed(), packages.pinned()
    return {
        "python": packages.python,
        "packages": lambda: packages.packages(there, wanted),
        "loading": lambda: loading.loading(there),
        "opencv": lambda: packages.opencv(there, wanted),
        "onnx runtime": lambda: packages.runtimes(there, wanted),
        "insightface": lambda: packages.insightface(there),
        "processors": machine.processor,
        "torch": machine.torch_device,
        "onnx networks": machine.runtime_device,
        "memory": machine.memory,
        "disk": lambda: machine.disk(weights.folder_of_cache()),
        "hub cache": weights.cache,
        "weights": weights.shipped,
        "networks": weights.networks,
    }


def examine(asked: dict[str, Check] | None = None) -> Iterator[Finding]:
    """Run the checks and yield what they find."""
    for name, check in (asked or checks()).items():
        try:
            found = check()
        except MintError as error:
            found = Finding(name, State.BROKEN, f"cannot be checked: {error}")
        except Exception as error:  # the doctor is asked when things are broken, in whatever way
            words = " ".join(str(error).split()) or type(error).__name__
            found = Finding(name, State.BROKEN, f"cannot be checked: {type(error).__name__}: {words}")
        yield from found if isinstance(found, list) else [found]


def summary(found: Sequence[Finding]) -> dict[str, Any]:
    """Return all findings as JSON values, and how many are broken."""
    return {"mint": __version__, "broken": _broken(found), "findings": [asdict(finding) for finding in found]}


def verdict(found: Sequence[Finding]) -> str:
    """Return the last line: how much is to mend."""
    broken = _broken(found)
    return f"mint {__version__}: " + (f"{broken} to mend" if broken else "nothing is broken")


def _broken(found: Sequence[Finding]) -> int:
    return sum(finding.state is State.BROKEN for finding in found)
