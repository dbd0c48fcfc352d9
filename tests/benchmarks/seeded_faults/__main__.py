"""Which seeded faults the gate notices: ``python -m tests.benchmarks.seeded_faults [--only NAME …] [--quick]``.

Each of ``faults.py`` is put into a copy of the tree, never into the tree itself, and tests of the gate are run there until
one fails: first those that mirror the file, then, unless ``--quick``, the whole gate. The test that failed is run once
more without the fault and once more with it, so that one which always fails, or now and then, catches nothing. The exit
code is 0 only if all were caught.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.gate.command import ROOT, gate_command
from tests.benchmarks.seeded_faults.fault import Fault
from tests.benchmarks.seeded_faults.faults import FAULTS
from tests.benchmarks.seeded_faults.trial import copied, mirror, trial

INTERRUPTED = 128 + signal.SIGINT


def main(arguments: Sequence[str], root: Path = ROOT, faults: Sequence[Fault] = FAULTS) -> int:
    """Try faults, print a line each, and a last one; the exit code."""
    options = _options(arguments, [fault.name for fault in faults])
    signal.signal(signal.SIGTERM, _leave)
    wanted = [fault for fault in faults if options.only is None or fault.name in options.only]
    missed = []
    try:
        with copied(root) as copy:
            copy.check(Path(wanted[0].file).parts[0])
            for fault in wanted:
                steps = [[sys.executable, "-m", "pytest", *tests] for tests in mirror(copy.root, fault.file)]
                if not options.quick:
                    steps.append(gate_command(root))
                try:
                    found = trial(copy, fault, steps, options.limit)
                except ValueError as error:
                    missed.append(fault)
                    print(f"NOT TRIED   {fault.name}: {error}", flush=True)
                    continue
                for name in found.unsteady:
                    print(f"            ({name} fails for another reason than {fault.name})")
                if found.by is None:
                    missed.append(fault)
                    where = "the tests that mirror it" if options.quick else "the gate"
                    print(f"NOT CAUGHT  {fault.name}: by {where}, in {found.seconds:.0f} s. {fault.why}", flush=True)
                else:
                    print(f"caught      {fault.name}: by {found.by}, in {found.seconds:.0f} s", flush=True)
    except ValueError as error:
        print(f"seeded_faults: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    print(f"{len(wanted) - len(missed)} of {len(wanted)} caught")
    return 1 if missed else 0


def _options(arguments: Sequence[str], names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.seeded_faults")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="run only the tests that mirror the file")
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds that a run of tests may take")
    return parser.parse_args(arguments)


def _leave(number: int, frame: object) -> None:
    """Told to end: as if by Ctrl-C, so that tests are ended and the copy is removed."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
