"""Which modules a fresh ``pip install .`` does not bring, worked out from the metadata of what is installed."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOOSE = ("openpeople", "gan-face-generate")  # in no extra; README installs them with --no-deps


def closure(requirements: Iterable[str]) -> set[str]:
    """Names of all distributions that pip would install for these; what one needs that is not here cannot be told."""
    todo, seen, found = [Requirement(line) for line in requirements], set(), set()
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        if (name, tuple(wanted.extras)) in seen or name == canonicalize_name(PROJECT["name"]):
            continue
        seen.add((name, tuple(wanted.extras)))
        found.add(name)
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        for line in map(Requirement, needs):
            if line.marker is None or any(line.marker.evaluate({"extra": e}) for e in ("", *wanted.extras)):
                todo.append(line)
    return found


@cache
def runtime() -> frozenset[str]:
    """What ``pip install .`` brings."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    return frozenset(closure(line for line in lines if line and not line.startswith("#")))


@cache
def beyond_runtime() -> frozenset[str]:
    """Top-level modules that only an extra brings, or a line of README of its own."""
    wanted = closure(line for lines in EXTRAS.values() for line in lines)
    return modules_of((wanted | set(LOOSE)) - runtime())


def modules_of(distributions: Collection[str]) -> frozenset[str]:
    """Top-level modules that nothing but these brings."""
    wanted = {canonicalize_name(name) for name in distributions}
    owners = metadata.packages_distributions().items()
    return frozenset(module for module, names in owners if {canonicalize_name(name) for name in names} <= wanted)
