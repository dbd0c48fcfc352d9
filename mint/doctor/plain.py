"""What the shell still says where a package that it is built from cannot be loaded: by ``print`` alone."""

from __future__ import annotations

import io
import json
import sys
from typing import NoReturn

from mint.doctor.checkup import examine, summary, verdict
from mint.doctor.finding import State
from mint.errors import unloadable


def in_place_of_the_shell(error: ImportError) -> NoReturn:
    """Say which package cannot be loaded; asked for the doctor, be the doctor. An error of MINT's own is raised again."""
    told = unloadable(error)
    if told is None:
        raise error
    if sys.argv[1:2] == ["doctor"]:
        sys.exit(tell(as_json="--json" in sys.argv))
    print(f"mint: {told}", file=sys.stderr)
    sys.exit(1)


def tell(as_json: bool) -> int:
    """Print what ``mint doctor`` finds, and return its exit code.

    Args:
        as_json: one JSON object, as ``mint doctor --json`` prints.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    found = []
    for finding in examine():
        found.append(finding)
        if not as_json:
            print(f"{finding.state:6} {finding.name}: {finding.says}")
            if finding.advice:
                print(f"       -> {finding.advice}")
    if as_json:
        print(json.dumps(summary(found)))
    else:
        print(verdict(found))
    return int(any(finding.state is State.BROKEN for finding in found))
