"""The catalog: networks known by name, their source, preprocessing and licence.

A new network is one value in ``ENTRIES``. ``locate.py`` finds the files, ``mint weights get`` fetches them.

Revisions and hashes of the networks of others were not fetched while this was written: they are those that public
code pins for these files, many times over, and every file is checked against its sha256 before it is opened, so a
wrong one here can only refuse. The hashes of ``det_500m.onnx`` and of SFace were recomputed from the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mint.errors import UnknownNetwork
from mint.storage.licences import Licence

if TYPE_CHECKING:  # a list of names should not cost an import of torch
    from mint.networks.base import Tap


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a Hub repository.

    Attributes:
        path: inside the repository.
        sha256: of its bytes; without it a file cannot be in the catalog.
        bytes: its length.
    """

    path: str
    sha256: str
    bytes: int

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True, slots=True)
class Entry:
    """A network of the catalog.

    Attributes:
        name: what ``--network`` takes.
        training_set: what it was trained on, as far as its makers say.
        licence: of its weights.
        repository: on the Hub; empty for twins and augmented, which ship in ``weights/`` as bundles that hold their hashes.
        revision: commit of the repository, 40 hexadecimal digits; None where none could be established, and the
            newest one is asked for files that the sha256 alone then pins.
        recogniser: the ONNX file under audit, or None for those that ship.
        detector: the SCRFD that its makers detect with, or None where YuNet does it.
        mean: subtracted from pixels in [0, 255].
        scale: multiplied with the difference.
        channels: their order in the input.
        alignment: of the crop; ``arcface-112`` is the only one so far (``mint.vision.faces.TEMPLATE``).
        taps: where to look; None finds the stages by topology.
    """

    name: str
    training_set: str
    licence: Licence
    repository: str = ""
    revision: str | None = None
    recogniser: RemoteFile | None = None
    detector: RemoteFile | None = None
    mean: float = 0.0
    scale: float = 1.0
    channels: str = "RGB"
    alignment: str = "arcface-112"
    taps: tuple[Tap, ...] | None = None

    @property
    def files(self) -> tuple[RemoteFile, ...]:
        """All files that have to be fetched."""
        return tuple(file for file in (self.recogniser, self.detector) if file is not None)


MIT = Licence("MIT", "https://spdx.org/licenses/MIT.html", "Use, change and share freely; keep the notice.")
APACHE = Licence(
    "Apache-2.0", "https://spdx.org/licenses/Apache-2.0.html", "Use, change and share freely; keep the notices."
)
INSIGHTFACE = Licence(
    "insightface-non-commercial",
    "https://github.com/deepinsight/insightface#license",
    "InsightFace's models, downloaded by hand or by a program, are for non-commercial research only. "
    "Ask its authors for anything else. MINT never uploads them again.",
    asks=True,
    shares=False,
)


def _insightface(
    name: str, training_set: str, repository: str, revision: str, recogniser: RemoteFile, detector: RemoteFile
) -> Entry:
    """Make the entry of an InsightFace pack.

    RGB is scaled to [-1, 1], as ``ArcFaceONNX`` of insightface 2.1 does for models without a Sub node.
    """
    return Entry(
        name, training_set, INSIGHTFACE, repository, revision, recogniser, detector, mean=127.5, scale=1 / 127.5
    )


SCRFD_10G = "5838f7fe053675b1c7a08b633df49e7af5495cee0493c7dcf6697200b85b5b91"  # two names, the same bytes
DEEPGHS = ("deepghs/insightface", "4e1f33d3fe0e50a0945f3a53ab94ae8977ae7ddb")

ENTRIES = (
    Entry("twin-a", "half of MINT's fictional people; weights/ledger.csv names every picture", MIT),
    Entry("twin-b", "the other half; weights/ledger.csv names every picture", MIT),
    Entry("augmented-a", "the pictures of twin-a, with augmentation and early stopping", MIT),
    Entry("augmented-b", "the pictures of twin-b, with augmentation and early stopping", MIT),
    _insightface(
        "antelopev2",
        "Glint360K (ResNet-100, glintr100)",
        "DIAMONIK7777/antelopev2",
        "ba0c3e10f4548361eb9a63265d87ce1140ab5a05",
        RemoteFile("glintr100.onnx", "4ab1d6435d639628a6f3e5008dd4f929edf4c4124b1a7169e1048f9fef534cdf", 260_665_334),
        RemoteFile("scrfd_10g_bnkps.onnx", SCRFD_10G, 16_923_827),
    ),
    _insightface(
        "buffalo_l",
        "WebFace600K (ResNet-50, w600k_r50)",
        *DEEPGHS,
        RemoteFile(
            "buffalo_l/w600k_r50.onnx",
            "4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43",
            174_383_860,
        ),
        RemoteFile("buffalo_l/det_10g.onnx", SCRFD_10G, 16_923_827),
    ),
    _insightface(
        "buffalo_s",
        "WebFace600K (MobileFaceNet, w600k_mbf)",
        *DEEPGHS,
        RemoteFile(
            "buffalo_s/w600k_mbf.onnx", "9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f", 13_616_099
        ),
        RemoteFile(
            "buffalo_s/det_500m.onnx", "5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a", 2_524_817
        ),
    ),
    Entry(
        "sface",
        "not documented by its makers (MobileFaceNet, SFace loss)",
        APACHE,
        "opencv/face_recognition_sface",
        "3d7082438a6e4551e840c9b2bb60b71e8da4b524",
        # The graph subtracts and scales by itself: OpenCV feeds it RGB in [0, 255].
        RemoteFile(
            "face_recognition_sface_2021dec.onnx",
            "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
            38_696_353,
        ),
    ),
)
CATALOG = {entry.name: entry for entry in ENTRIES}


def entry_of(name: str) -> Entry:
    """Return the entry of a name.

    Raises:
        UnknownNetwork: there is none; the names that there are stand in the message.
    """
    if name not in CATALOG:
        raise UnknownNetwork(f"The catalog has no {name!r}. It has {', '.join(CATALOG)}.")
    return CATALOG[name]
