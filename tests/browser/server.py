"""The page without networks, in a process of its own: ``python -m tests.browser.server EXAMPLES [SECONDS]``.

For ``shots``, whose pictures show states that last. ``--loading SECONDS`` lets the networks take so long to load,
``--absent`` lets them fail to. ``--third`` asks a third network beside the twins, ``--pairs`` offers another pair, ``--versions`` has a series. Tests serve a page in their own process:
see tests/ui/served.py.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import mint.teaching.experiment
from mint.errors import WeightsMissing
from mint.i18n.labels import PAIRS
from mint.ui.loading import Loading, Versions
from mint.ui.serve import serve
from tests.lab.versions.made_up_series import planted
from tests.ui.fake_lesson import fake_teach
from tests.ui.fake_versions import FATES, Planted
from tests.ui.fakes import NETWORKS, THIRD, FakeTest, who_by_table


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("seconds", type=float, nargs="?", default=0.0)
    parser.add_argument("--loading", type=float, default=0.0)
    for flag in ("--absent", "--third", "--pairs", "--versions"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()

    def load() -> FakeTest:
        time.sleep(options.loading)
        if options.absent:
            raise WeightsMissing("weights/twin-a is missing. Restore it from the repository.")
        networks = (*NETWORKS, THIRD) if options.third else NETWORKS
        return FakeTest(who_by_table(options.folder), options.seconds, networks=networks)

    def load_others() -> FakeTest:
        return FakeTest(who_by_table(options.folder), options.seconds, networks=PAIRS["augmented"].networks)

    mint.teaching.experiment.teach = fake_teach(1.0)
    first: Loading = Loading(load)  # type: ignore[arg-type]
    others = {"augmented": Loading(load_others, first)} if options.pairs else {}  # type: ignore[arg-type]
    versions = None
    if options.versions:
        bundles, series = planted(options.folder)
        asked = Planted(bundles, FATES, turning=True)
        versions = Versions(series, Loading(lambda: asked, first))  # type: ignore[arg-type,return-value]
    serve(first, options.folder, others=others, versions=versions, ahead=False)


if __name__ == "__main__":
    main()
