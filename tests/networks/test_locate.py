import hashlib
import os
from pathlib import Path

import pytest

from mint.errors import HubRefused, HubUnreachable, LicenceNotAccepted, WeightsCorrupt, WeightsMissing
from mint.networks.catalog import CATALOG, Entry, RemoteFile
from mint.networks.locate import ABSENT, CACHED, LOCAL, SHIPPED, VARIABLE, find_file, state
from mint.storage.licences import Licence, accept
from tests.hub_stand_in import Hub

NET, DETECTOR = b"network" * 400, b"detector" * 300
TERMS = Licence("terms", "https://example.org", "Research only.", asks=True, shares=False)


def remote(path: str, data: bytes) -> RemoteFile:
    return RemoteFile(path, hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture
def entry(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Entry:
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"):
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", 120)  # seconds: nothing here is silent
    commit = hub.add("owner/pack", {"pack/net.onnx": NET, "pack/det.onnx": DETECTOR})
    net, detector = remote("pack/net.onnx", NET), remote("pack/det.onnx", DETECTOR)
    return Entry("pack", "a set", TERMS, "owner/pack", commit, net, detector)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    return folder


def test_nothing_is_downloaded_before_the_licence_is_accepted(hub: Hub, entry: Entry, weights: Path) -> None:
    with pytest.raises(LicenceNotAccepted, match="mint weights get pack"):
        find_file(entry, entry.files[0], weights=weights)
    with pytest.raises(WeightsMissing, match="mint weights get pack"):
        find_file(entry, entry.files[0], download=False, weights=weights)
    assert hub.log == []
    accept(TERMS)
    assert find_file(entry, entry.files[0], weights=weights).read_bytes() == NET


def test_the_nearest_place_wins(
    hub: Hub, entry: Entry, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(TERMS)
    net, detector = entry.files
    assert state(entry, weights) == ABSENT
    fetched = [find_file(entry, file, weights=weights) for file in entry.files]
    assert state(entry, weights) == CACHED
    asked = len(hub.log)
    own = tmp_path / "own"
    (own / "pack").mkdir(parents=True)
    (own / "pack" / "net.onnx").write_bytes(NET)
    (own / "det.onnx").write_bytes(DETECTOR)
    monkeypatch.setenv(VARIABLE, str(own))
    assert find_file(entry, net, weights=weights) == own / "pack" / "net.onnx"
    assert find_file(entry, detector, weights=weights) == own / "det.onnx"
    assert state(entry, weights) == LOCAL
    (weights / "pack").mkdir()
    (weights / "pack" / "net.onnx").write_bytes(NET)
    assert find_file(entry, net, weights=weights) == weights / "pack" / "net.onnx"
    assert state(entry, weights) == LOCAL
    monkeypatch.delenv(VARIABLE)
    assert find_file(entry, detector, download=False, weights=weights) == fetched[1]
    assert len(hub.log) == asked


def test_a_copy_with_other_bytes_is_named_not_passed_over(
    hub: Hub, entry: Entry, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.onnx").write_bytes(NET + b"!")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(WeightsCorrupt, match=r"net\.onnx"):
        find_file(entry, entry.files[0], weights=weights)
    assert hub.log == []


def test_a_hub_that_lost_it_is_no_dead_end(hub: Hub, entry: Entry, weights: Path) -> None:
    accept(TERMS)
    hub.repositories.clear()
    with pytest.raises(HubRefused, match=f"{entry.files[0].sha256}.*{VARIABLE}"):
        find_file(entry, entry.files[0], weights=weights)


def test_without_a_network(hub: Hub, entry: Entry, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(TERMS)
    find_file(entry, entry.files[0], weights=weights)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert find_file(entry, entry.files[0], weights=weights).read_bytes() == NET
    with pytest.raises(HubUnreachable, match="HF_HUB_OFFLINE"):
        find_file(entry, entry.files[1], weights=weights)


def test_without_a_revision_the_hash_alone_pins(hub: Hub, entry: Entry, weights: Path) -> None:
    loose = Entry("pack", "a set", CATALOG["sface"].licence, "owner/pack", None, entry.recogniser)
    assert find_file(loose, loose.files[0], weights=weights).read_bytes() == NET
    hub.add("owner/pack", {"pack/net.onnx": NET + b"!"})
    assert find_file(loose, loose.files[0], weights=weights).read_bytes() == NET
    newer = Entry("pack", "a set", CATALOG["sface"].licence, "owner/pack", None, remote("pack/net.onnx", NET + b"?"))
    with pytest.raises(WeightsCorrupt):
        find_file(newer, newer.files[0], weights=weights)


@pytest.mark.parametrize("network", ["twin-a", "augmented-a"])
def test_networks_of_a_pair_ship(weights: Path, network: str) -> None:
    assert state(CATALOG[network], weights) == ABSENT
    (weights / network).mkdir()
    (weights / network / "bundle.json").write_text("{}")
    assert state(CATALOG[network], weights) == SHIPPED


REAL = {
    "sface": ("MINT_TEST_SFACE", 0),
    "buffalo_s": ("MINT_TEST_SCRFD_500M", 1),
}


@pytest.mark.parametrize("name", REAL)
def test_the_real_file_is_the_one_in_the_catalog(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variable, number = REAL[name]
    if not os.environ.get(variable):
        pytest.skip(f"set {variable} to a copy of {CATALOG[name].files[number].name}")
    file = CATALOG[name].files[number]
    (tmp_path / file.name).symlink_to(os.environ[variable])
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    found = find_file(CATALOG[name], file, download=False, weights=tmp_path / "none")
    assert found.stat().st_size == file.bytes


@pytest.mark.parametrize("place", ["pack/pack", "models/pack", "models/pack/pack", "somewhere"])
def test_a_pack_that_unpacked_into_a_folder_of_its_own_is_found(
    place: str, entry: Entry, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    (own / place).mkdir(parents=True)
    (own / "another").mkdir()
    (own / "another" / "net.onnx").write_bytes(b"another network of that name")
    (own / place / "net.onnx").write_bytes(NET)
    monkeypatch.setenv(VARIABLE, str(own))
    assert find_file(entry, entry.files[0], download=False, weights=weights) == own / place / "net.onnx"


def test_a_folder_that_is_not_there_is_said(
    entry: Entry, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(WeightsMissing, match=rf"{VARIABLE} is '.*gone', and there is no such folder"):
        find_file(entry, entry.files[0], download=False, weights=weights)
