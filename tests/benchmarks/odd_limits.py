"""Measure when shipped bundles ask whether a photo shows somebody else, and store it in them.

``python -m tests.benchmarks.odd_limits --pool POOL --strangers STRANGERS --real FACES weights/twin-a weights/twin-b``, with the
pools and real photos that the bundles were made of (``docs/make-again.md``). It prints what is noticed and what is doubted
wrongly; ``--write`` puts the limits in ``bundle.json``. Nothing else of a bundle changes, and its answers stay what they were
(``core_sha256``), but the sha256 of ``bundle.json`` does: then make examples, cards and manifest again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from mint.bundles.files import load_bundle
from mint.errors import BadPool
from mint.evidence.odd_photo import OddCheck
from mint.lab.inputs.real_faces import real_crops
from mint.lab.persons.odd_checks import odd_checks
from mint.lab.twin_bundles.gallery import Gallery, Real
from mint.lab.twin_bundles.persons import people_of_twin
from mint.lab.twin_bundles.same_pool import check_pools
from mint.lab.twins.pool import Pool, load_pool
from mint.storage.bundle_index import INDEX
from mint.storage.files import json_bytes, read_json, write_files


def main() -> None:
    """Measure each bundle, and store the limits where that is asked for."""
    parser = argparse.ArgumentParser(description="Limits of asking whether all photos show one person.")
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--strangers", type=Path, required=True)
    parser.add_argument("--real", type=Path, required=True, help="Real photos, one folder a person.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="Change bundle.json.")
    options = parser.parse_args()
    pool, strangers = load_pool(options.pool), load_pool(options.strangers)
    for folder in options.bundles:
        check_pools(folder.parent, (folder.name,), options.pool)
        real = real_crops(options.real, load_bundle(folder).network.finder)
        checks = checks_of(folder, pool, strangers, real, options.seed)
        for n, check in checks.items():
            for kind in check.noticed:
                wrong, noticed = (f"{hits} of {of}" for hits, of in (check.wrong[kind], check.noticed[kind]))
                print(f"{folder.name}, {n}, {kind}: noticed {noticed}, doubted wrongly {wrong}")
        if options.write:
            store(folder, checks)


def checks_of(folder: Path, pool: Pool, strangers: Pool, real: Real, seed: int) -> dict[str, OddCheck]:
    """Return a bundle's checks. Raises BadPool where its people are of another pool."""
    bundle = load_bundle(folder)
    ledger = bundle.facts.get("pool", {}).get("crops")
    if ledger is not None and ledger != len(pool.rows):
        raise BadPool(f"{folder.name} was made of a pool of {ledger} crops, and this one holds {len(pool.rows)}.")
    with TemporaryDirectory() as work:
        known, _ = people_of_twin(bundle, Gallery(pool, real), strangers, seed, Path(work))
    return odd_checks(known)


def store(folder: Path, checks: dict[str, OddCheck]) -> None:
    """Write the checks to a bundle's list, in place of older limits."""
    index = read_json(folder / INDEX)
    people = {key: value for key, value in index["people"].items() if key != "odd_least"}
    people["odd"] = {n: check.to_dict() for n, check in checks.items()}
    write_files(folder, {INDEX: json_bytes({**index, "people": people})})


if __name__ == "__main__":
    main()
