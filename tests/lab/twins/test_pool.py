"""The pool: who is in which training set, decided once by a seed, and nobody in both."""

from __future__ import annotations

import hashlib
import shutil
import weakref
from collections import Counter, defaultdict
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.numpy import load_file, save_file
from scipy.fft import dct

from mint.errors import BadPool
from mint.lab.twins import pool
from mint.lab.twins.fictional_people import Picture, openpeople_pictures
from mint.lab.twins.ledger import HELD_OUT, PURPOSES, TRAINED
from mint.lab.twins.pool import GROUPS, deal_roles, load_pool, make_pool, perceptual_hash
from mint.lab.twins.pool_recipe import FIRST, NOW, RECIPE, PoolRecipe
from mint.storage.files import read_json
from mint.vision.faces import fingerprint

EMPTY = np.zeros((0, 0, 3), np.uint8)


def people(identities: int, pictures: int, openpeople: int = 0) -> list[Picture]:
    names = [f"openpeople/P{p:03d}/{n}" for p in range(openpeople) for n in range(5)]
    names += [f"gan/{i:04d}/{n:02d}" for i in range(identities) for n in range(pictures)]
    return [Picture(name, EMPTY) for name in names]


def dealt(identities: int, pictures: int, openpeople: int = 0, seed: int = 1, recipe: PoolRecipe = NOW):
    every = people(identities, pictures, openpeople)
    return deal_roles(every, [p.name for p in every], seed, recipe)


# ---- roles


@given(st.integers(0, 80), st.integers(1, 12), st.integers(0, 10), st.integers(0, 1000))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_whatever_is_drawn_the_ledger_is_fair(identities, pictures, openpeople, seed):
    rows = dealt(identities, pictures, openpeople, seed)
    assert [r.picture for r in rows] == [p.name for p in people(identities, pictures, openpeople)]
    purposes = defaultdict(set)
    users = defaultdict(set)
    for row in rows:
        assert {row.role_a, row.role_b} <= {TRAINED, HELD_OUT}
        assert not (row.member("twin-a") and row.member("twin-b"))
        assert row.exposure == int(row.member("twin-a") or row.member("twin-b"))
        assert row.purpose in PURPOSES
        assert row.identity == row.picture.rsplit("/", 1)[0]
        purposes[row.identity].add(row.purpose)
        users[row.identity] |= {t for t in ("twin-a", "twin-b") if row.member(t)}
    assert all(len(p) == 1 for p in purposes.values())
    assert all(len(u) <= 1 for u in users.values())  # a person is known to one twin at most


@pytest.mark.parametrize("recipe", [FIRST, NOW], ids=["first", "now"])
def test_shares_come_out_as_declared(recipe):
    rows = dealt(360, 40, recipe=recipe)
    used = Counter(t for r in rows for t in ("twin-a", "twin-b") if r.member(t))
    by_person = defaultdict(list)
    for row in rows:
        by_person[row.identity].append(row)
    group = Counter(
        next((t for t in ("twin-a", "twin-b") if any(r.member(t) for r in person)), "neither")
        for person in by_person.values()
    )
    assert group == {"twin-a": round(GROUPS["a"] * 360), "twin-b": round(GROUPS["b"] * 360), "neither": 58}
    assert used["twin-a"] == used["twin-b"] == group["twin-a"] * round(recipe.used_share * 40)
    for person in by_person.values():
        members = sum(r.exposure for r in person)
        assert members in (0, round(recipe.used_share * 40))
    # Every purpose gets its share of each group, so that each split has members, siblings and outsiders.
    for twin in ("twin-a", "twin-b"):
        counts = Counter(p[0].purpose for p in by_person.values() if any(r.member(twin) for r in p))
        for purpose, share in zip(PURPOSES, recipe.purposes, strict=True):
            assert counts[purpose] == pytest.approx(share * group[twin], abs=1)


def test_openpeople_are_wholly_in_or_wholly_out():
    rows = [r for r in dealt(20, 6, 10) if r.source == "openpeople"]
    roles = {(r.identity, r.role_a, r.role_b, r.purpose) for r in rows}
    assert len(roles) == 10
    assert Counter(role[1:] for role in roles) == {
        (TRAINED, HELD_OUT, "test"): 3,
        (HELD_OUT, TRAINED, "test"): 3,
        (HELD_OUT, HELD_OUT, "test"): 2,
        (HELD_OUT, HELD_OUT, "calibration"): 2,
    }


def test_the_seed_decides():
    assert dealt(30, 8, 10, seed=4) == dealt(30, 8, 10, seed=4)
    assert dealt(30, 8, 10, seed=4) != dealt(30, 8, 10, seed=5)


def test_the_coin_does_not_follow_the_order_of_people():
    rows = dealt(200, 10)
    numbers = {t: {int(r.identity[-4:]) for r in rows if r.member(t)} for t in ("twin-a", "twin-b")}
    assert np.mean(list(numbers["twin-a"])) == pytest.approx(np.mean(list(numbers["twin-b"])), abs=30)
    pictures = Counter(r.picture[-2:] for r in rows if r.exposure)
    assert min(pictures.values()) > 0.5 * max(pictures.values())


def test_the_dealt_roles_of_seed_1_stay_what_they_are():
    # Weights that ship were trained on these roles: a change here would make their ledger a lie.
    roles = "".join(f"{r.role_a[0]}{r.role_b[0]}{r.purpose[:2]}" for r in dealt(40, 10, 10, recipe=FIRST))
    assert hashlib.sha256(roles.encode()).hexdigest() == PINNED


PINNED = "85ec1aab5c7f446f5114d074bcc30967f7a219bfd3a183dc424d2c13db6b772d"


# ---- perceptual hash


def test_the_hash_is_the_sign_of_the_low_frequencies(crops):
    grey = np.asarray(Image.fromarray(crops[0]).convert("L").resize((32, 32), Image.Resampling.LANCZOS)).astype(float)
    low = dct(dct(grey, axis=0), axis=1)[:8, :8]
    bits = (low > np.median(low)).ravel()
    assert int(perceptual_hash(crops[0])) == int("".join("1" if b else "0" for b in bits), 2)


def test_the_hash_survives_what_a_copy_does_and_not_another_picture(crops):
    noisy = (crops[0].astype(int) + np.random.default_rng(0).integers(-3, 4, crops[0].shape)).clip(0, 255)
    near = perceptual_hash(crops[0]) ^ perceptual_hash(noisy.astype(np.uint8))
    far = perceptual_hash(crops[0]) ^ perceptual_hash(crops[1])
    assert np.bitwise_count(near) <= pool.NEAR_DUPLICATE_BITS < np.bitwise_count(far)


# ---- the files


@pytest.fixture(scope="module")
def few_people(fictional_people):
    """Three photographs instead of 260, so that a pool takes a second."""
    portraits = list(islice(openpeople_pictures(), 2))
    copy = Picture("openpeople/P002/copy", portraits[1].rgb)
    noise = Picture("openpeople/P002/noise", np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8))
    brighter = Picture("openpeople/P002/brighter", (portraits[1].rgb * 0.98 + 2).astype(np.uint8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "openpeople_pictures", lambda: iter([*portraits, copy, noise, brighter]))
        yield


@pytest.fixture(scope="module")
def made(few_people, tmp_path_factory):
    """A small pool and its folder; read only."""
    folder = tmp_path_factory.mktemp("pool") / "one"
    return folder, make_pool(folder, 5, PoolRecipe(3, 4))


@pytest.mark.full
def test_same_seed_same_ledger_byte_for_byte(made, tmp_path):
    folder, first = made
    np.random.default_rng().random()
    make_pool(tmp_path / "two", 5, PoolRecipe(3, 4))
    for name in ("ledger.csv", "pool.json", "crops.safetensors"):
        assert (folder / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    other = make_pool(tmp_path / "three", 6, PoolRecipe(3, 4))
    ours, theirs = ({r.sha256 for r in p.rows if r.source == "gan"} for p in (first, other))
    assert ours.isdisjoint(theirs)


def test_a_pool_is_read_back(made):
    folder, made = made
    again = load_pool(folder)
    assert again.rows == made.rows
    np.testing.assert_array_equal(again.crops, made.crops)
    assert made.crops.dtype == np.uint8
    assert made.crops.shape[1:] == (112, 112, 3)
    assert [fingerprint(c) for c in made.crops] == [r.sha256 for r in made.rows]
    assert sorted(p.name for p in folder.iterdir()) == ["crops.safetensors", "ledger.csv", "pool.json"]


def test_a_pool_says_how_it_was_made_and_its_crops_can_be_made_again(made):
    folder, made = made
    summary = read_json(folder / "pool.json")
    assert PoolRecipe.of(summary) == PoolRecipe(3, 4)
    chosen = [i for i, row in enumerate(made.rows) if row.source == "gan"][::3]
    again = pool.crops_again([made.rows[i] for i in chosen], summary["seed"], PoolRecipe.of(summary))
    np.testing.assert_array_equal(again, made.crops[chosen])
    with pytest.raises(BadPool, match="does not give its crop"):
        pool.crops_again([made.rows[i] for i in chosen], summary["seed"], FIRST)


def test_pools_that_do_not_say_how_they_were_made_are_of_the_first_kind():
    assert PoolRecipe.of({"seed": 1}) is FIRST
    assert PoolRecipe.of({RECIPE: NOW.to_dict()}) == NOW
    assert (FIRST.finder.name, NOW.finder.name) == ("yunet", "yunet-learned-1")


def test_copies_and_faceless_pictures_are_dropped_and_counted(made):
    folder, made = made
    summary = read_json(folder / "pool.json")
    names = {r.picture for r in made.rows}
    assert not names & {"openpeople/P002/copy", "openpeople/P002/noise", "openpeople/P002/brighter"}
    assert summary["dropped"] == {"exact duplicate": 1, "near duplicate": 1, "no face": 1}
    assert summary["crops"] == len(made.rows) == sum(summary["roles"].values())
    hashes = [perceptual_hash(c) for c in made.crops]
    for number, one in enumerate(hashes):
        for other in hashes[:number]:
            assert np.bitwise_count(one ^ other) > pool.NEAR_DUPLICATE_BITS


@pytest.mark.full
def test_all_ten_people_with_their_sheets(fictional_people, tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "openpeople_pictures", openpeople_pictures)
    told = []
    made = make_pool(tmp_path, 5, PoolRecipe(1, 2), progress=lambda pictures, n: told.append(n) or pictures)
    assert told == [262]
    counts = Counter(r.identity for r in made.rows if r.source == "openpeople")
    assert len(counts) == 10
    assert min(counts.values()) >= 15


def test_no_picture_stays_in_memory_once_its_crop_is_cut(tmp_path, monkeypatch):
    alive = []  # how many pictures there are whenever the next one is drawn
    drawn = []

    def pictures(seed: int, recipe: PoolRecipe):
        random = np.random.default_rng(seed)
        for identity in range(recipe.identities):
            for number in range(recipe.per_identity):
                rgb = random.integers(0, 256, (112, 112, 3), dtype=np.uint8)
                drawn.append(weakref.ref(rgb))
                alive.append(sum(ref() is not None for ref in drawn))
                yield Picture(f"gan/{identity:04d}/{number:02d}", rgb)
                del rgb

    monkeypatch.setattr(pool, "openpeople_pictures", lambda: iter(()))
    monkeypatch.setattr(pool, "gan_pictures", pictures)
    monkeypatch.setattr(PoolRecipe, "finder", property(lambda _: lambda rgb: [SimpleNamespace(crop=rgb.copy())]))
    monkeypatch.setattr(pool, "provenance", dict)
    made = make_pool(tmp_path, 1, PoolRecipe(10, 4))
    assert len(made.rows) == len(alive) == 40
    assert max(alive) <= 2  # this one, and the one before


def test_a_damaged_pool_is_refused(made, tmp_path):
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    crops = load_file(tmp_path / "crops.safetensors")["crops"]
    for damaged in (crops[:-1], crops[::-1].copy(), np.zeros_like(crops)):
        save_file({"crops": damaged}, tmp_path / "crops.safetensors")
        with pytest.raises(BadPool, match="not the ones of its ledger"):
            load_pool(tmp_path)
    (tmp_path / "crops.safetensors").unlink()
    with pytest.raises(BadPool, match="mint lab pool"):
        load_pool(tmp_path)
