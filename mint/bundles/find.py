"""Resolve what a user asks for to a bundle: a folder, or a name in ``weights/``."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from mint.errors import AskedOnce, BundleMismatch, NoBundle
from mint.i18n.labels import DEFAULT_PAIR, PAIRS
from mint.networks.catalog import CATALOG
from mint.storage.paths import WEIGHTS

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle

INDEX = "bundle.json"
DEFAULT_NETWORKS = PAIRS[DEFAULT_PAIR].networks


def asked_for(networks: str | Path | Iterable[str | Path]) -> list[str]:
    """Return names and folders of bundles as a list; one alone may be given as it is.

    Raises:
        NoBundle: there is none.
    """
    found = [str(one) for one in ([networks] if isinstance(networks, (str, Path)) else networks)]
    if not found:
        raise NoBundle("No network was named. Name one at least, such as twin-a, or the folder of a bundle.")
    return found


def find_bundle(network: str, weights: str | Path = WEIGHTS) -> Path:
    """Return the folder of a network's bundle: ``network`` itself, or that name in ``weights``.

    Raises:
        NoBundle: this is a network, but nobody has made auditors for it; the message says how. Or its bundle would ship
            with MINT, and is not there.
    """
    own, weights = Path(network).expanduser(), Path(weights)
    for folder in (own, weights / network):
        if (folder / INDEX).is_file():
            return folder
    if network in CATALOG and not CATALOG[network].files:
        raise NoBundle(
            f"{network} ships with MINT, and there is no {weights / network} here. Restore that folder from the repository; "
            "mint weights list says what is here."
        )
    if (
        network in CATALOG
        or own.suffix == ".onnx"
        or (own.is_dir() and any((*own.glob("*.onnx"), *own.glob("*/*.onnx"))))
    ):
        raise NoBundle(
            f"{network} is a network without a bundle: nobody has trained and calibrated auditors for it here, and "
            "without them there is no verdict. Make a bundle from photos of which you know whether they trained it:\n"
            f"  mint lab extract --network {network} --members USED --non-members UNUSED --out STORE\n"
            "  mint lab train STORE --out BUNDLE\n"
            "  mint lab evaluate BUNDLE\n"
            "Then audit with it: mint audit PHOTO --bundle BUNDLE"
        )
    return own if own.is_dir() else weights / network


def installed_pairs(weights: Path = WEIGHTS) -> tuple[str, ...]:
    """Return the keys of ``PAIRS`` of which both networks have their bundles in ``weights``."""
    return tuple(
        name for name, pair in PAIRS.items() if all((weights / network / INDEX).is_file() for network in pair.networks)
    )


@dataclass(frozen=True, slots=True)
class BundleRef:
    """A bundle that the user asked for.

    Attributes:
        bundle: a folder, or a name in ``weights/``.
        network: what the user says that it audits, or None: it knows itself.
    """

    bundle: str
    network: str | None = None


def find_bundles(networks: Sequence[str] | None, bundles: Sequence[Path] | None) -> list[BundleRef]:
    """Combine ``--network`` and ``--bundle`` into bundles; the twins if neither is given.

    Networks that have no bundle of their own are those of the ``--bundle``s, in the same order.

    Raises:
        NoBundle: there are more such networks than bundles.
    """
    folders = [str(folder) for folder in bundles or ()]
    if networks is None:
        return [BundleRef(name) for name in folders or DEFAULT_NETWORKS]
    own: list[BundleRef] = []
    without: list[str] = []
    for network in networks:
        try:
            find_bundle(network)
        except NoBundle:
            if len(without) == len(folders):
                raise
            without.append(network)
        else:
            own.append(BundleRef(network))
    return [*own, *(BundleRef(folder, network) for folder, network in zip_longest(folders, without))]


def by_name(asked: Sequence[str], folders: Sequence[Path], bundles: Sequence[Bundle]) -> dict[str, Bundle]:
    """Return bundles by their names; one that was asked for twice is there once.

    Args:
        asked: the name or folder that each was asked for by.
        folders: where each lies.
        bundles: as read from there.

    Raises:
        BundleMismatch: two that differ have one name, so that nobody could tell which of them an answer is of; or what lies
            under a name is the bundle of another network.

    Warns:
        AskedOnce: two folders hold one bundle.
    """
    for network, folder, bundle in zip(asked, folders, bundles, strict=True):
        is_name = Path(network).name == network and folder != Path(network)
        if is_name and bundle.name != network:
            raise BundleMismatch(
                f"{folder} holds the bundle of {bundle.name}, not of {network}. Put the bundle of {network} there, or name the "
                "folder itself to ask what is in it."
            )
    found: dict[str, tuple[Path, Bundle]] = {}
    for folder, bundle in zip(folders, bundles, strict=True):
        other, first = found.setdefault(bundle.name, (folder, bundle))
        if first.sha256 != bundle.sha256:
            raise BundleMismatch(
                f"{other} and {folder} are two bundles of one name, {bundle.name}. Ask one after the other, or make one of them "
                "anew in a folder of another name."
            )
        if other.resolve() != folder.resolve():
            warnings.warn(
                f"{other} and {folder} hold one bundle, {bundle.name}: it is asked once.", AskedOnce, stacklevel=3
            )
    return {name: bundle for name, (_, bundle) in found.items()}
