"""Which bundle is meant by what a user says: a folder, a name in ``weights/``, or a network that has none yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mint.audited.catalog import CATALOG
from mint.errors import NoBundle
from mint.paths import WEIGHTS

INDEX = "bundle.json"
DEFAULT_NETWORKS = ("twin-a", "twin-b")


def bundle_folder(network: str, weights: Path = WEIGHTS) -> Path:
    """The folder of a network's bundle: ``network`` itself, or that name in ``weights``; it may not exist.

    Raises:
        NoBundle: this is a network, but nobody has made auditors for it; the message says how.
    """
    own = Path(network).expanduser()
    for folder in (own, weights / network):
        if (folder / INDEX).is_file():
            return folder
    if network in CATALOG or own.suffix == ".onnx" or (own.is_dir() and any(own.glob("*.onnx"))):
        raise NoBundle(
            f"{network} is a network without a bundle: nobody has trained and calibrated auditors for it here, and "
            "without them there is no verdict. Make a bundle from photos of which you know whether they trained it:\n"
            f"  mint lab extract --network {network} --members USED --non-members UNUSED --out STORE\n"
            "  mint lab train --store STORE --out BUNDLE\n"
            "  mint lab calibrate BUNDLE --store STORE\n"
            "Then audit with it: mint audit PHOTO --bundle BUNDLE"
        )
    return own if own.is_dir() else weights / network


def asked(networks: Sequence[str] | None, bundles: Sequence[Path] | None) -> list[str]:
    """What ``--network`` and ``--bundle`` ask for together: the twins if neither is given.

    A network without a bundle of its own stands beside ``--bundle`` for the one that is named there.
    """
    folders = [str(folder) for folder in bundles or ()]
    if networks is None:
        return folders or list(DEFAULT_NETWORKS)
    found = []
    for network in networks:
        try:
            bundle_folder(network)
        except NoBundle:
            if not folders:
                raise
        else:
            found.append(network)
    return [*found, *folders]
