"""Open networks: a name of the catalog, an ONNX file, or an InsightFace pack."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mint.errors import BadInput, BundleMismatch, DoubtfulNetwork, MintError, UnknownNetwork, WeightsCorrupt, brief
from mint.networks.architectures import load_network
from mint.networks.base import AuditedNetwork, GraphReading, Tap, Values
from mint.networks.catalog import CATALOG, Entry
from mint.networks.describe import colour_line
from mint.networks.locate import find_file
from mint.networks.onnx.checks import check_size
from mint.networks.onnx.file import read_onnx
from mint.networks.onnx.insightface_pack import read_pack
from mint.networks.onnx.limits import check_versions, explained
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.onnx.scaling import blue_first_hint, choose_scaling, graph_scaling
from mint.networks.onnx.stages import picture_input
from mint.networks.tap_search import with_taps
from mint.storage.bundle_index import INDEX, read_index
from mint.storage.paths import WEIGHTS
from mint.vision.detectors import finder_named, realigned, recorded_finder

# A folder with these two holds a network that this project trained.
NETWORK = "network.safetensors"


def open_network(
    what: str | Path,
    taps: Sequence[Tap] | None = None,
    threads: int = 1,
    device: str = "cpu",
    download: bool = True,
    weights: Path = WEIGHTS,
    fingerprint: str | None = None,
    scaling: tuple[Values, Values] | None = None,
    bgr: bool | None = None,
    output: str | None = None,
    alignment: str | None = None,
) -> AuditedNetwork:
    """Open a network for an audit.

    A bare word is a name of the catalog; a file or folder of that name is meant by ``./NAME``.

    Args:
        what: a name of the catalog, the path of an ONNX file or of an InsightFace pack's folder, or a
            folder with a network that this project trained, such as ``weights/twin-a``.
        taps: where to look; the catalog's, or the stages found by topology, if not given.
        threads: of ONNX Runtime; torch's are set by ``torch.set_num_threads``.
        device: ``cpu``, ``cuda``, or ``auto``: CUDA where it works.
        download: whether files that are not on this machine may be fetched.
        weights: the folder that ships.
        fingerprint: that a file must have, or it is not run.
        scaling: mean and scale of a graph: what to subtract from RGB in [0, 255], and to multiply the difference with,
            one value or one each for red, green and blue. Found by what the graph does itself, if not given.
        bgr: whether a graph takes blue first; the catalog's, or no, if not given.
        output: the tensor of a graph that is the embedding; chosen by shape if not given.
        alignment: of the faces for a file or pack, a name of ``mint.vision.detectors.ALIGNMENTS``; the landmarks that
            they are found by count, if not given (``yunet``). Bundles bring theirs.

    Warns:
        DoubtfulNetwork: it gives quite different pictures one embedding.

    Raises:
        BadInput: there is no such alignment.
        UnknownNetwork: neither a name nor a path.
        BundleMismatch: it has another fingerprint.
        MintError: how a graph wants its pictures cannot be told, or scaling, bgr or output were given for a network that
            is no graph.
        WeightsMissing, WeightsCorrupt, TapSilent, DeviceMissing: as the network's class says.
        LicenceNotAccepted, HubUnreachable, HubRefused, CannotWrite: as ``locate.find_file``.
    """
    if alignment is not None:
        finder_named(alignment)
    reading = GraphReading(scaling, bgr, output)
    network = _opened(what, OpenOptions(taps, threads, device, reading), download, weights, fingerprint)
    if alignment is not None and isinstance(network, OnnxNetwork):
        network.finder = realigned(network.finder, alignment)
    network.source = str(what) if str(what) in CATALOG else str(Path(what).expanduser())
    for concern in network.concerns:
        warnings.warn(concern, DoubtfulNetwork, stacklevel=2)
    return network


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """How a network is opened, whatever it is: arguments of ``open_network``."""

    taps: Sequence[Tap] | None
    threads: int
    device: str
    reading: GraphReading


def _opened(
    what: str | Path, how: OpenOptions, download: bool, weights: Path, fingerprint: str | None
) -> AuditedNetwork:
    path = Path(what).expanduser()
    entry = CATALOG.get(str(what))
    if (entry is not None and not entry.files) or (entry is None and (path / INDEX).is_file()):
        if how.reading != GraphReading():
            raise MintError(f"{what} is no graph: how its pictures are scaled and what it puts out is its own to say.")
        return _ours(path if entry is None else weights / entry.name, how.taps, how.device)
    if entry is not None:
        return _by_name(entry, how, download, weights)
    if path.is_dir():
        pack = read_pack(path)
        return _file(pack.recogniser, path.resolve().name, pack.detector, how, fingerprint)
    if path.suffix == ".onnx" or path.is_file():
        return _file(path, path.stem, None, how, fingerprint)
    raise UnknownNetwork(
        f"There is no network {str(what)!r}. Give a name ({', '.join(CATALOG)}), the path of an ONNX file, "
        "or the folder of an InsightFace pack."
    )


def _by_name(entry: Entry, how: OpenOptions, download: bool, weights: Path) -> OnnxNetwork:
    assert entry.recogniser is not None
    recogniser = find_file(entry, entry.recogniser, download, weights)
    detector = None if entry.detector is None else find_file(entry, entry.detector, download, weights)
    known = GraphReading((entry.mean, entry.scale), entry.channels == "BGR")
    told = replace(how, taps=how.taps or entry.taps, reading=how.reading.over(known))
    return _file(recogniser, entry.name, detector, told)


def _file(path: Path, name: str, detector: Path | None, how: OpenOptions, promised: str | None = None) -> OnnxNetwork:
    """Open an ONNX file with its detector, read as told, and as found where nothing is told."""
    reading = how.reading
    with _names_are_text(path):
        model, fingerprint = read_onnx(path)
        if promised not in (None, fingerprint):
            raise BundleMismatch(f"{path.name} is another network: its fingerprint is {fingerprint}. Not run.")
        check_versions(model, name)
        check_size(model, name, picture_input(model).side)
        with explained(model, name, how.device):
            found = graph_scaling(model, name)
        if reading.scaling is None:
            mean, scale, why = choose_scaling(found, name)
        else:
            (mean, scale), why = reading.scaling, "MINT scales as it is told"
        hint = blue_first_hint(found) if reading.bgr is None else ""
        network = OnnxNetwork(
            name, model, how.taps, fingerprint, mean, scale, how.threads, how.device, bool(reading.bgr), reading.output
        )
        network.file = path
        network.reading = (f"scaling: {found.says}; {why}{hint}", colour_line(network), *network.reading)
        if detector is not None:
            from mint.networks.onnx.scrfd import Scrfd  # insightface takes 2 s to import

            network.finder = Scrfd(detector, how.threads, network.device)
    return network


@contextmanager
def _names_are_text(path: Path) -> Iterator[None]:
    """Tell that a file is damaged where a name in it cannot be read."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise WeightsCorrupt(f"{path.name} is damaged: a name in it is no text. Get it again.") from error


def _ours(folder: Path, taps: Sequence[Tap] | None, device: str) -> AuditedNetwork:
    """Open the network in a bundle, without its other files."""
    if not (folder / INDEX).is_file():
        raise UnknownNetwork(f"There is no {folder.name} in {folder.parent}. Restore it from the repository.")
    try:
        index = read_index(folder / INDEX, folder.name)
        stored = index.network
        if stored.shape is None:
            name = (stored.about or {}).get("name", "another network")
            raise UnknownNetwork(
                f"{folder} is a bundle for {name}, whose weights it does not hold. Give the network itself."
            )
        network = load_network(folder / NETWORK, stored.shape, index.name, device)
        network.finder = recorded_finder(stored.finder)
        if network.fingerprint != stored.fingerprint:
            raise WeightsCorrupt(f"{folder / NETWORK} is not the network that {INDEX} names. Restore the folder.")
    except (BadInput, KeyError, OSError, TypeError, ValueError) as error:
        raise WeightsCorrupt(
            f"{folder / INDEX} does not describe a network: {brief(error)}. Restore the folder."
        ) from error
    return network if taps is None else with_taps(network, taps)
