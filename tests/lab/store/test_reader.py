import errno
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from mint.auditors.base import read
from mint.auditors.features import read_features
from mint.errors import BadInput, BadPhoto, DiskFull, StoreBusy, StoreIncomplete, StoreMismatch, TooFew
from mint.evidence.near_duplicates import thumbnails
from mint.lab.controls.pixel_statistics import pixel_statistics
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource
from mint.lab.inputs.splits import SHARES, split_of
from mint.lab.store import folder
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.folder import Folder
from mint.lab.store.network_key import network_key
from mint.lab.store.reader import open_store
from mint.lab.store.run import Progress, extract
from mint.lab.store.shards import encoded
from mint.storage.files import part_of
from tests.lab.few_views import few_views
from tests.lab.photos import crop, people, png, tiny_network, tree
from tests.shell import mint

ROOT = Path(__file__).parents[3]
SIZE = 5


@pytest.fixture(scope="module", autouse=True)
def hasty():
    with pytest.MonkeyPatch.context() as patch:
        few_views(patch)
        yield


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    # Persons 2 and 3 are on both sides: their other photos are siblings.
    members = people(folder / "members", 4, 3, 0)
    return {"members": members, "non-members": people(folder / "non-members", 4, 3, 2, bad=False)}


def recipe(**changes):
    return ExtractionRecipe(tiny_network(), aligned=True, **{"recall": False, **changes})


def make(sides, out, size=SIZE, **changes):
    return extract(recipe(**changes), sides, out, size=size)


@pytest.fixture(scope="module")
def store(sides, tmp_path_factory):
    return make(sides, tmp_path_factory.mktemp("store") / "s", maps=True)


def test_every_photo_is_kept_or_rejected_with_a_reason(store, sides):
    place = Path(store.folder.place)
    lines = (place / "rejected.csv").read_text().splitlines()
    assert lines[0] == "side,id,reason"
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["members", "person-000/broken.jpg"], ["members", "person-000/wide.png"],
    ]  # fmt: skip
    assert "not a JPEG" in lines[1]
    assert "square" in lines[2]
    assert store.manifest["sides"] == {
        "members": {"photos": 14, "rejected": 2}, "non-members": {"photos": 12, "rejected": 0},
    }  # fmt: skip
    rows = store.rows
    assert len(rows) == 24
    for name, side in sides.items():
        kept = [p for p in sorted(side.rglob("*.png")) if p.name != "wide.png"]
        assert list(rows.id[rows.side == name]) == [p.relative_to(side).as_posix() for p in kept]
        assert list(rows.identity[rows.side == name]) == [p.parent.name for p in kept]
    assert rows.sha256[0] != rows.sha256[1]


def test_non_members_of_trained_people_are_siblings(store):
    rows = store.rows
    told = dict(zip(rows.identity[rows.side == "non-members"], rows.source[rows.side == "non-members"], strict=True))
    assert told == {
        "person-002": "siblings",
        "person-003": "siblings",
        "person-004": "outsiders",
        "person-005": "outsiders",
    }
    assert set(rows.source[rows.side == "members"]) == {"members"}
    assert all(split == split_of(person) for split, person in zip(rows.split, rows.identity, strict=True))


def test_numbers_are_those_of_the_network_and_of_its_controls(store, sides):
    network = tiny_network()
    rows = store.rows
    member = rows.side == "members"
    crops = np.stack([crop(1000 * int(name[7:10]) + int(name[11])) for name in rows.id[member]])
    assert store.parts == ("network", "pixels", "untrained")
    for part, shown in (("network", network), ("pixels", PixelNetwork(32))):
        expected = read_features(read(shown, crops, True), True)
        more = {"thumbnail"} if part == "network" else {"statistics"}
        assert set(store.shapes(part)) == {*expected, *more}
        for name, values in expected.items():
            found = store.read([name], part, member)[name]
            assert found.dtype == (np.float16 if name.startswith("maps/") else np.float32)
            # Batches of other sizes round differently.
            np.testing.assert_allclose(
                found, values.numpy(), rtol=2e-3, atol=2e-3 if name.startswith("maps/") else 2e-4
            )
    found = store.read(["thumbnail"], "network", member)["thumbnail"]
    np.testing.assert_allclose(found, thumbnails(crops), atol=0.1)
    statistics = store.read(["statistics"], "pixels", member)["statistics"]
    np.testing.assert_allclose(statistics, pixel_statistics(crops), rtol=1e-4, atol=1e-4)
    untrained = store.read(["embedding"], "untrained")["embedding"]
    assert np.isfinite(untrained).all()
    assert untrained.std(0).min() > 0
    norms = np.linalg.norm(store.read(["embedding"])["embedding"], axis=1)
    np.testing.assert_allclose(rows.qualities["embedding norm"], norms, rtol=1e-5)
    np.testing.assert_allclose(rows.qualities["brightness"][member], crops.mean((1, 2, 3)), rtol=1e-5)


def test_rows_can_be_read_in_any_order_and_in_batches(store):
    names = ["embedding", "maps/stage4"]
    everything = store.read(names)
    order = np.array([17, 0, 5, 4, 23, 0])
    some = store.read(names, where=order)
    for name in names:
        assert np.array_equal(some[name], everything[name][order])
        joined = np.concatenate([batch[name] for batch in store.batches(names, size=7)])
        assert np.array_equal(joined, everything[name])
    assert store.read(["embedding"], where=np.zeros(24, bool))["embedding"].shape == (0, 16)
    store.verify()


def test_what_is_not_asked_for_is_not_there(sides, tmp_path):
    store = make(sides, tmp_path / "s", controls=False, views=False)
    assert store.parts == ("network",)
    assert set(store.shapes()) == {"embedding", "thumbnail", *(f"maxima/stage{k}" for k in (1, 2, 3, 4))}
    assert store.manifest["made_of"]["untrained"] is None


def test_with_non_members_only_and_without_them(sides, tmp_path):
    alone = make({"non-members": sides["non-members"]}, tmp_path / "s")
    assert set(alone.rows.source) == {"outsiders"}
    with pytest.raises(BadInput, match="the members may be missing"):
        make({"members": sides["members"]}, tmp_path / "t")


def test_the_same_photo_on_both_sides_is_told(tmp_path):
    for side, seeds in (("m", (1, 2)), ("n", (2, 3))):
        for seed in seeds:
            (tmp_path / side / str(seed)).mkdir(parents=True)
            (tmp_path / side / str(seed) / "x.png").write_bytes(png(crop(seed)))
    store = make({"members": tmp_path / "m", "non-members": tmp_path / "n"}, tmp_path / "s", controls=False)
    assert list(store.rows.on_both_sides) == [False, True, True, False]


def test_a_shard_without_a_face_and_a_side_without_one(tmp_path, sides):
    bad = tmp_path / "bad"
    people(bad, 1, 1, 0)
    for number in range(7):
        (bad / "person-000" / f"a{number}.jpg").write_bytes(b"nothing")
    alone = PhotoSource(bad, person_level=1)
    store = make({"members": alone, "non-members": sides["non-members"]}, tmp_path / "s")
    assert store.manifest["sides"]["members"] == {"photos": 10, "rejected": 9}
    assert list(store.rows.id[:2]) == ["person-000/0.png", "person-002/0.png"]
    assert len(store.read(["embedding"])["embedding"]) == len(store.rows) == 13
    (bad / "person-000" / "0.png").unlink()
    with pytest.raises(TooFew, match="shows a face"):
        make({"non-members": alone}, tmp_path / "t")


# Killed, full, shared: what happens to a store while it is written.


def interrupted(sides, out, limit):
    """Extract in a child that kills itself at the given file operation; how many there were if it got through."""
    code = 0
    child = os.fork()
    if child == 0:
        seen = 0

        def hook(event, arguments):
            nonlocal seen
            if event in ("open", "os.rename", "os.remove", "os.mkdir") and str(out) in str(arguments[0]):
                seen += 1
                if seen == limit:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            make(sides, out, controls=False)
            out.with_suffix(".count").write_text(str(seen))
        except BaseException:
            code = 1
        os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.full  # one kill at a step is in tests/hostile/test_killed.py
@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)  # of os.fork, from Python 3.12
def test_killed_at_any_moment_it_ends_with_the_identical_store(sides, tmp_path):
    make(sides, tmp_path / "whole", controls=False)
    assert interrupted(sides, tmp_path / "s", 0) == 0
    steps = int((tmp_path / "s.count").read_text())
    assert tree(tmp_path / "s") == tree(tmp_path / "whole")
    assert steps > 30
    random = np.random.default_rng(4)
    for number, first in enumerate([1, 2, *random.choice(np.arange(3, steps + 1), 10, replace=False).tolist()]):
        out = tmp_path / f"killed-{number}"
        assert interrupted(sides, out, first) == -signal.SIGKILL
        with pytest.raises(StoreIncomplete):  # what is half there is not read
            open_store(out)
        for more in random.integers(1, steps // 2, 2):
            interrupted(sides, out, int(more))
        make(sides, out, controls=False)
        assert tree(out) == tree(tmp_path / "whole"), first


@pytest.mark.full
def test_the_shell_killed_at_some_moment_goes_on(sides, tmp_path):
    bundle = tmp_path / "twin-x"
    from tests.tiny_bundles import tiny_bundle

    tiny_bundle(bundle, "twin-x")
    command = [
        sys.executable, "-m", "mint", "lab", "extract", "--network", str(bundle), "--aligned", "--shard", "2",
        "--members", str(sides["members"]), "--non-members", str(sides["non-members"]), "--out",
    ]  # fmt: skip
    first = subprocess.Popen(
        [*command, str(tmp_path / "s")], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not list((tmp_path / "s").glob("members/000001.parquet")):
        assert first.poll() is None
        time.sleep(0.01)
    first.kill()
    first.wait()
    for name in ("s", "whole"):
        done = mint(*command[3:], tmp_path / name)
        assert done.returncode == 0, done.stderr
        assert "26 photos" in done.stdout
    assert tree(tmp_path / "s") == tree(tmp_path / "whole")


def test_nothing_is_done_again(sides, tmp_path, monkeypatch):
    made = make(sides, tmp_path / "s", controls=False)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "s").rglob("*") if p.is_file() and p.name != ".lock"}
    done = []
    extract(recipe(controls=False), sides, tmp_path / "s", size=SIZE, report=done.append)
    assert done == [Progress(26)]
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert set(tree(tmp_path / "s")) == {p.relative_to(tmp_path / "s").as_posix() for p in before} | {".lock"}
    assert open_store(tmp_path / "s").key == made.key


def test_sample_ids_decide_what_is_done_not_their_number(tmp_path):
    side = people(tmp_path / "n", 4, 3, 0, bad=False)
    make({"non-members": side}, tmp_path / "s", controls=False)
    (side / "person-002" / "1.png").unlink()
    (side / "person-002" / "1a.png").write_bytes(png(crop(77)))  # as many as before, but others
    again = []
    store = extract(recipe(controls=False), {"non-members": side}, tmp_path / "s", size=SIZE, report=again.append)
    assert again == [Progress(12), Progress(12, there=5, made=5)]  # the second of three shards
    make({"non-members": side}, tmp_path / "fresh", controls=False)
    assert tree(tmp_path / "s") == tree(tmp_path / "fresh")
    assert "person-002/1a.png" in store.rows.id
    for number in (0, 1, 2):
        (side / "person-003" / f"{number}.png").unlink()  # fewer: the shards that are left over go
    make({"non-members": side}, tmp_path / "s", controls=False)
    make({"non-members": side}, tmp_path / "fresh2", controls=False)
    assert tree(tmp_path / "s") == tree(tmp_path / "fresh2")


def again(sides, out):
    """Extract once more; what is told of photos of the run before."""
    told = []
    extract(recipe(controls=False, views=False), sides, out, size=SIZE, resumed=told.extend)
    return told


def test_photos_that_changed_since_are_extracted_anew_and_copies_taken_over(tmp_path):
    sides = {side: people(tmp_path / side, 2, 1, 0) for side in ("members", "non-members")}
    for number in (0, 1):
        (sides["non-members"] / f"person-00{number}" / "0.png").write_bytes(png(crop(50 + number)))
    out = tmp_path / "s"
    assert again(sides, out) == []
    first, mended = (sides["members"] / "person-000" / name for name in ("0.png", "broken.jpg"))
    was = first.stat()
    first.write_bytes(png(crop(99)).ljust(was.st_size, b"\0"))  # another photo, dated as the one before
    os.utime(first, ns=(was.st_atime_ns, was.st_mtime_ns))
    mended.write_bytes(png(crop(98)))
    assert again(sides, out) == [
        "2 photos changed since an earlier run, or rejected then and not now, such as members/person-000/0.png: extracted anew"
    ]
    assert open_store(out).manifest["sides"]["members"] == {"photos": 4, "rejected": 1}
    for file in (tmp_path / "members").rglob("*.*"):
        os.utime(file, (1, 1))  # as a copy may have it
    told = "4 photos of an earlier run read again, as the times of the files are others or were not kept: the same bytes, taken over"
    assert again(sides, out) == [told]
    exchanged = {"members": sides["non-members"], "non-members": sides["members"]}
    # The damaged one was mended on one side alone; what is not square is the same picture on both.
    assert again(exchanged, out)[0].startswith("6 photos changed since an earlier run")
    again(exchanged, tmp_path / "fresh")
    assert tree(out) == tree(tmp_path / "fresh")


def test_a_store_that_kept_no_times_is_compared_with_its_photos_once(tmp_path):
    sides = {"non-members": people(tmp_path / "n", 2, 1, 0, bad=False)}
    out = tmp_path / "s"
    again(sides, out)
    whole, manifest = tree(out), json.loads((out / "manifest.json").read_text())
    for file in (out / "non-members").glob("*.parquet"):  # as they were written before
        table = pq.read_table(file)
        about = json.loads(table.schema.metadata[b"mint"])
        del about["stamps"]
        file.write_bytes(encoded(table, about))
        entry = manifest["files"][f"non-members/{file.name}"]
        entry.update(bytes=file.stat().st_size, sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    (out / "manifest.json").write_text(json.dumps(manifest))
    open_store(out).verify()
    told = again(sides, out)
    assert "2 photos of an earlier run read again" in told[0]
    assert tree(out) == whole
    assert again(sides, out) == []


def test_what_could_not_be_read_is_tried_again(tmp_path, monkeypatch):
    sides = {"non-members": people(tmp_path / "n", 2, 1, 0, bad=False)}
    read = Photos.read

    def shut(photos, sample):
        if sample.id.startswith("person-001"):
            raise BadPhoto("The file cannot be read: Permission denied.")
        return read(photos, sample)

    monkeypatch.setattr(Photos, "read", shut)
    again(sides, tmp_path / "s")
    monkeypatch.undo()
    assert "1 photo changed since an earlier run, or rejected then" in again(sides, tmp_path / "s")[0]
    assert len(open_store(tmp_path / "s").rows) == 2


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        ("cut", "non-members/000001.safetensors"),
        ("gone", "non-members/000000.parquet"),
        pytest.param("flip", "non-members/000001.safetensors", marks=pytest.mark.full),
        pytest.param("gone", "non-members/000001.safetensors", marks=pytest.mark.full),
        pytest.param("cut", "non-members/000000.parquet", marks=pytest.mark.full),
        pytest.param("flip", "non-members/000000.parquet", marks=pytest.mark.full),
    ],
)
def test_damage_is_noticed_and_mended(sides, tmp_path, name, harm):
    store = make(sides, tmp_path / "s", controls=False)
    before = tree(tmp_path / "s")
    file = tmp_path / "s" / name
    data = bytearray(file.read_bytes())
    if harm == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif harm == "gone":
        file.unlink()
    else:
        data[len(data) // 3] ^= 1
        file.write_bytes(data)
    with pytest.raises(StoreIncomplete, match="damaged or gone"):
        store.verify()
    if name.endswith("safetensors"):
        with pytest.raises(StoreIncomplete, match="damaged or gone"):
            open_store(tmp_path / "s").read(["embedding"])
    make(sides, tmp_path / "s", controls=False)
    assert tree(tmp_path / "s") == before


def test_a_full_disk_stops_cleanly_and_the_store_goes_on(sides, tmp_path, monkeypatch):
    whole = make(sides, tmp_path / "whole", controls=False)
    replace = os.replace
    left = 6

    def full(source, target):
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(folder.os, "replace", full)
    with pytest.raises(DiskFull, match="make room and start again, it goes on"):
        make(sides, tmp_path / "s", controls=False)
    assert not [name for name in tree(tmp_path / "s") if name.endswith(".part")]
    left = 10**6
    assert make(sides, tmp_path / "s", controls=False).key == whole.key
    assert tree(tmp_path / "s") == tree(tmp_path / "whole")


def test_a_device_without_room_is_a_full_disk(tmp_path):
    folder = Folder(tmp_path)
    part = tmp_path / part_of("x")
    os.symlink("/dev/full", part)
    with pytest.raises(DiskFull):
        folder.write("x", b"x" * 100_000)
    assert not list(tmp_path.iterdir())


def test_two_processes_do_not_write_one_store(sides, tmp_path):
    code = "import sys; from mint.lab.store.folder import Folder\nwith Folder(sys.argv[1]).alone(): print('in', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "s")], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(StoreBusy, match="Another process is writing"):
            make(sides, tmp_path / "s", controls=False)
    finally:
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
    make(sides, tmp_path / "s", controls=False)  # the lock went with its holder


# One store, one network.


def other_weights():
    network = tiny_network()
    network.fingerprint = "e" * 64
    return network


def fewer_taps():
    network = tiny_network()
    network.taps = network.taps[:3]
    return network


def other_preprocessing():
    network = tiny_network()
    network.preprocess = lambda crops: type(network).preprocess(network, crops.flip(1))  # BGR
    return network


@pytest.mark.parametrize(
    ("change", "what"),
    [(other_weights, "network"), (fewer_taps, "taps"), (other_preprocessing, "preprocessing")],
)
def test_a_store_of_another_network_is_refused(store, sides, change, what):
    place = store.folder.place
    open_store(place, tiny_network())
    with pytest.raises(StoreMismatch, match=rf"does not fit: [^;]*{what}[^;]*$"):
        open_store(place, change())
    with pytest.raises(StoreMismatch, match=rf"does not fit: .*{what}"):
        extract(ExtractionRecipe(change(), aligned=True, maps=True, recall=False), sides, place, size=SIZE)


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"maps": False}, "it was made with whole activation maps (--maps)"),
     ({"maps": True, "views": False}, "it was made with altered views (--no-views)"),
     ({"maps": True, "seed": 2}, "its untrained control has the seed 1, not 2"),
     ({"maps": True, "size": 6}, "it has 5 photos a shard, not 6 (--shard)")],
)  # fmt: skip
def test_a_store_is_not_gone_on_with_in_another_way(store, sides, changes, what):
    with pytest.raises(StoreMismatch, match=rf"does not fit: {re.escape(what)}\. Mend that"):
        make(sides, store.folder.place, **changes)
    store.verify()


def test_photos_may_be_added_before_those_that_set_the_untrained_control(tmp_path):
    side, out = people(tmp_path / "n", 2, 1, 0, bad=False), tmp_path / "s"
    made = make({"non-members": side}, out, views=False)
    (side / "AAA first").mkdir()
    (side / "AAA first" / "1.png").write_bytes(png(crop(7)))
    more = make({"non-members": side}, out, views=False)
    assert (more.key, more.rows.id[0], len(more.rows)) == (made.key, "AAA first/1.png", 3)
    assert more.manifest["settled"] == ["person-000/0.png", "person-001/0.png"]
    for changed in (png(crop(8)), b"no photo"):
        (side / "person-001" / "0.png").write_bytes(changed)
        with pytest.raises(StoreMismatch, match="the first that show a face, are others than when it was begun"):
            make({"non-members": side}, out, views=False)


def test_shards_of_another_store_do_not_count(sides, tmp_path):
    make(sides, tmp_path / "s", controls=False)
    before = tree(tmp_path / "s")
    extract(
        ExtractionRecipe(other_weights(), aligned=True, controls=False, recall=False), sides, tmp_path / "t", size=SIZE
    )
    for file in (tmp_path / "t" / "members").iterdir():
        (tmp_path / "s" / "members" / file.name).write_bytes(file.read_bytes())
    make(sides, tmp_path / "s", controls=False)
    assert tree(tmp_path / "s") == before


def test_a_folder_that_is_no_store_is_left_alone(sides, tmp_path):
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(BadInput, match=r"thesis\.txt"):
        make(sides, tmp_path, controls=False)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(StoreMismatch, match="not that of a store"):
        make(sides, tmp_path, controls=False)
    with pytest.raises(StoreIncomplete, match="no store in"):
        open_store(tmp_path / "nowhere")


def test_the_key_is_the_hash_of_what_the_numbers_depend_on(store):
    made_of = store.manifest["made_of"]
    assert {name: made_of[name] for name in ("network", "taps", "finder", "preprocessing")} == network_key(
        tiny_network()
    )
    tensors = Path(store.folder.place) / "members" / "000000.safetensors"
    assert f'"store":"{store.key}"'.encode() in tensors.read_bytes()[:5000]
    about = json.loads(pq.read_schema(tensors.with_suffix(".parquet")).metadata[b"mint"])
    assert about["store"] == store.key


def test_a_store_behind_a_url_is_the_same(sides, tmp_path):
    from fsspec.implementations.memory import MemoryFileSystem

    here = make(sides, tmp_path / "s", controls=False)
    try:
        there = make(sides, "memory://stores/s", controls=False)
        memory = {name.removeprefix("/stores/s/"): data.getvalue() for name, data in MemoryFileSystem.store.items()}
        files = {name: (tmp_path / "s" / name).read_bytes() for name in tree(tmp_path / "s") if name != ".lock"}
        assert memory == files
        assert np.array_equal(there.read(["embedding"])["embedding"], here.read(["embedding"])["embedding"])
        assert list(there.rows.id) == list(here.rows.id)
        MemoryFileSystem.store["/stores/s/.lock"] = type(next(iter(MemoryFileSystem.store.values())))(
            None, "x", b"process 1"
        )
        with pytest.raises(StoreBusy, match=r"process 1 is writing .* remove \.lock"):
            make(sides, "memory://stores/s", controls=False)
    finally:
        MemoryFileSystem.store.clear()


def test_the_coin_falls_as_the_shares_say():
    names = [f"person {number}" for number in range(20_000)]
    found = [split_of(name) for name in names]
    for split, share in SHARES.items():
        assert abs(found.count(split) / len(names) - share) < 0.015
    assert torch.tensor(list(SHARES.values())).sum().item() == pytest.approx(1)
