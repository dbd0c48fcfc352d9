"""What every test shares: no network, a face, and a network small enough to run in milliseconds."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hub_stand_in import TOKEN, Hub
from tests.ports import free_port
from tests.ui.served import (  # noqa: F401  # for several folders
    pytest_itemcollected,
    served,
    served_once,
    visit,
    written_examples,
)

if TYPE_CHECKING:  # every worker reads this file before its first test: what takes long is imported by what needs it
    import numpy as np

    from mint.networks.torch_network import TorchNetwork

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before anything imports the Hub's client
os.environ["GRADIO_SERVER_PORT"] = str(free_port())  # where a page that is given no port begins to look for one
if "PYTEST_XDIST_WORKER" in os.environ:
    # As many workers as cores: their threads, and their children's, would fight.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
gc.disable()  # see pytest_collection_finish

FACE = Path(__file__).parent / "data" / "face.jpg"
HUB_SECONDS = 120
SHAPE = {"architecture": "iresnet", "layers": [1, 1, 1, 1], "width": 4, "input_size": 32, "embedding_size": 16}


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """In each of the gate's workers, import gradio as a start of the page does: in half of the time."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        from mint.ui.gradio_import import lean_import

        with lean_import():
            import gradio  # noqa: F401


def pytest_collection_finish() -> None:
    """Collect garbage from here on, and none of what the imports made: it stays, and looking at it again costs time."""
    gc.freeze()
    gc.enable()


def _number(host: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(str(host))
    except ValueError:
        return None


def _is_local(host: object) -> bool:
    number = _number(host)
    return host in (None, "", "localhost", b"localhost") or (number is not None and number.is_loopback)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and name look-up that would leave this machine."""

    def guarded(real: Callable[..., object]) -> Callable[..., object]:
        def connect(self: socket.socket, address: object) -> object:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):  # type: ignore[index]
                raise AssertionError(f"a test reached for the network: {address}")
            return real(self, address)

        return connect

    look_up = socket.getaddrinfo

    def getaddrinfo(host: object, *args: object, **kwargs: object) -> object:
        if not _is_local(host) and _number(host) is None:  # a number is looked up nowhere
            raise AssertionError(f"a test looked up {host!r}")
        return look_up(host, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(scope="session")
def face_path() -> Path:
    """A photo with one face, of a person who does not exist."""
    return FACE


@pytest.fixture(scope="session")
def face_rgb() -> np.ndarray:
    """The same, decoded: (400, 400, 3) uint8, read-only."""
    from mint.vision.images import open_photo

    rgb = open_photo(FACE)
    rgb.setflags(write=False)
    return rgb


@pytest.fixture(scope="session")
def crops() -> np.ndarray:
    """(6, 112, 112, 3) uint8 pictures that differ: smooth colours with noise on top."""
    import numpy as np
    import torch

    random = np.random.default_rng(7)
    low = torch.from_numpy(random.uniform(0, 255, (6, 3, 7, 7)))
    smooth = torch.nn.functional.interpolate(low, (112, 112), mode="bicubic").permute(0, 2, 3, 1).numpy()
    return (smooth + random.normal(0, 10, smooth.shape)).clip(0, 255).astype(np.uint8)


@pytest.fixture
def network() -> TorchNetwork:
    """A small IResNet with random weights and a random head of five classes."""
    import torch

    from mint.networks.architectures import build_network
    from mint.networks.torch_network import TorchNetwork

    torch.manual_seed(0)
    model = build_network(SHAPE, "tiny")
    return TorchNetwork("tiny", model.model, model.taps, model.input_size, torch.randn(5, 16), "f" * 64)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two tiny bundles, twin-a and twin-b; read only."""
    from tests.tiny_bundles import tiny_bundle

    folder = tmp_path_factory.mktemp("weights")
    for seed, name in enumerate(("twin-a", "twin-b")):
        tiny_bundle(folder / name, name, seed)
    return folder


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub on the loopback that this process and its children ask; cache and settings are empty folders.

    Nobody gives it up before ``HUB_SECONDS``, also on a machine that stalls: a test of silence says so itself.
    """
    import huggingface_hub
    from huggingface_hub import constants

    from mint.storage import hub as door

    with Hub() as server:
        for name, value in {
            "HF_ENDPOINT": server.url,
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_HUB_DISABLE_XET": "1",  # the stand-in stores as git-lfs does
            "HF_HUB_ETAG_TIMEOUT": str(HUB_SECONDS),
            "HF_HUB_DOWNLOAD_TIMEOUT": str(HUB_SECONDS),
            "HF_TOKEN": TOKEN,
            "MINT_HUB_SECONDS": str(HUB_SECONDS),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("HF_HUB_OFFLINE", "MINT_MODELS", "MINT_ACCEPT_LICENCE"):
            monkeypatch.delenv(name, raising=False)
        for name, found in {
            "HF_HUB_OFFLINE": False,
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_ETAG_TIMEOUT": HUB_SECONDS,
            "HF_HUB_DOWNLOAD_TIMEOUT": HUB_SECONDS,
        }.items():
            monkeypatch.setattr(constants, name, found)
        monkeypatch.setattr(door, "SILENCE", float(HUB_SECONDS))
        yield server
        huggingface_hub.close_session()
