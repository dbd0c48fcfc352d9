"""Example faces for the page and the shell: pictures of test people, with the truth beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from mint.errors import BadPool
from mint.faces import find, fingerprint
from mint.files import read_json, write_bytes, write_json
from mint.images import open_photo, to_png
from mint.lab.ledger import Row, read_ledger
from mint.lab.sources import GAN, OPENPEOPLE, gan_person, load_generator, openpeople_pictures
from mint.membership import MembershipTest

SHOW = 448  # longest side of an example
PER_GROUP = {OPENPEOPLE: 4, GAN: 8}  # used by A, used by B, and used by neither alike


@dataclass(frozen=True, slots=True)
class Example:
    """One line of ``examples/faces/faces.csv``; ``twin_a`` and ``twin_b`` say member or non-member."""

    file: str
    person: str
    twin_a: str
    twin_b: str
    source: str


def write_examples(pool_dir: Path, folder: Path, weights: Path, seed: int) -> int:
    """Write pictures, ``faces.csv``, ``verdicts.json``; return how many.

    Every picture gives, through detection and alignment, a crop of the ledger (openpeople's are
    cut around the face first, so theirs is a fresh crop of the same photograph).

    Raises:
        BadPool: the pool was made with other packages, so its pictures cannot be made again.
    """
    rows = read_ledger(pool_dir / "ledger.csv")
    pool_seed = int(read_json(pool_dir / "pool.json")["seed"])
    chosen = choose(rows, seed)
    pictures = _pictures(chosen, pool_seed, int(read_json(pool_dir / "pool.json")["drawn"]["pictures of each"]))
    faces = folder / "faces"
    test = MembershipTest.load(weights=weights)
    examples, verdicts = [], {}
    for number, row in enumerate(chosen):
        data = to_png(pictures[row.picture])
        if fingerprint(find(open_photo(data))[0].crop) != row.sha256:
            raise BadPool(f"{row.picture} does not give its crop of the ledger any more. Make the pool again.")
        file = f"{number + 1:02d}-{row.source}.png"
        write_bytes(faces / file, data)
        twin_a, twin_b = ("member" if row.member(n) else "non-member" for n in ("twin-a", "twin-b"))
        examples.append(Example(file, row.identity, twin_a, twin_b, row.source))
        verdicts[file] = [audit.to_dict() for audit in test.audit(data, file)]
    for stale in set(faces.glob("*.png")) - {faces / e.file for e in examples}:
        stale.unlink()
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([f.name.replace("_", "-") for f in fields(Example)])
    writer.writerows(list(asdict(e).values()) for e in examples)
    write_bytes(faces / "faces.csv", buffer.getvalue().encode())
    write_json(faces / "verdicts.json", verdicts)
    return len(examples)


def choose(rows: Sequence[Row], seed: int) -> list[Row]:
    """Test rows: used by A, used by B, used by neither, the same number of each and each person once.

    Of the generated people in "neither" half are held-out pictures of people whom a twin knows, the
    hardest non-members.
    """
    random = np.random.default_rng(seed)
    shuffled = [rows[i] for i in random.permutation(len(rows)) if rows[i].purpose == "test"]
    groups = {"a": (True, False), "b": (False, True), "neither": (False, False)}
    known = {r.identity for r in rows if r.member("twin-a") or r.member("twin-b")}
    chosen: list[Row] = []
    for truth in groups.values():
        for source, count in PER_GROUP.items():
            here = [r for r in shuffled if r.source == source and (r.member("twin-a"), r.member("twin-b")) == truth]
            if truth == (False, False) and source == GAN:
                halves = [r for r in here if r.identity in known], [r for r in here if r.identity not in known]
                for half in halves:
                    chosen += _spread(half, count // 2, chosen)
            else:
                chosen += _spread(here, count, chosen)
    return chosen


def _spread(rows: Sequence[Row], count: int, taken: Sequence[Row]) -> list[Row]:
    """``count`` rows, going round the people so that each comes as seldom as possible."""
    seen: dict[str, int] = {}
    for row in taken:
        seen[row.identity] = seen.get(row.identity, 0) + 1
    left, found = list(rows), list[Row]()
    while left and len(found) < count:
        row = min(left, key=lambda r: seen.get(r.identity, 0))
        left.remove(row)
        seen[row.identity] = seen.get(row.identity, 0) + 1
        found.append(row)
    return found


def _pictures(rows: Sequence[Row], seed: int, per_identity: int) -> dict[str, np.ndarray]:
    """Make the pictures again, from the packages and the seed."""
    wanted = {row.picture for row in rows}
    found = {p.name: p.rgb for p in openpeople_pictures() if p.name in wanted}
    generator = load_generator()
    for name in wanted - set(found):
        _, number, index = name.split("/")
        found[name] = gan_person(generator, seed, int(number), per_identity)[int(index)]
    return found
