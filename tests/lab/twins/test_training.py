"""Twins: the training set is the ledger's, and a run that was cut off ends where it would have ended."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from mint.errors import BadPool
from mint.lab.twins import training
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO, BFLOAT16, FLOAT32
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import members, train_twin
from mint.networks.architectures import load_network
from mint.storage.files import read_json, write_json
from tests.lab.tiny_runs import Killed

RECIPE = TwinRecipe(
    layers=(1, 1, 1, 1), width=4, input_size=16, embedding_size=8, epochs=3, keep=(1,), batch=4, precision=FLOAT32
)


def row(number: int, identity: str, a: bool, b: bool, exposure: int = 1) -> Row:
    roles = [TRAINED if used else HELD_OUT for used in (a, b)]
    return Row(f"{number:064d}", identity, "gan", f"{identity}/{number}", *roles, exposure, "training")


@pytest.fixture(scope="module")
def pool(crops):
    """Three people for each twin, and one for neither; 4 pictures each, of which 3 are used."""
    random = np.random.default_rng(1)
    rows, pictures = [], []
    for person in range(7):
        for picture in range(4):
            a, b = (picture < 3 and person in people for people in ((0, 1, 2), (3, 4, 5)))
            rows.append(row(len(rows), f"gan/{person}", a, b, int(a or b)))
            face = crops[person % 6][:: 1 - 2 * (person == 6)].astype(int)  # the seventh is the first, upside down
            noisy = face + random.integers(-30, 31, face.shape)
            pictures.append(noisy.clip(0, 255).astype(np.uint8))
    return Pool(tuple(rows), np.stack(pictures))


# ---- the training set


def test_members_are_the_ledgers(pool):
    data, labels, identities = members(pool, "twin-b", RECIPE)
    used = [k for k, r in enumerate(pool.rows) if r.role_b == TRAINED]
    assert identities == ["gan/3", "gan/4", "gan/5"]
    assert [identities[k] for k in labels] == [pool.rows[k].identity for k in used]
    assert torch.equal(data, torch.from_numpy(pool.crops[used]).permute(0, 3, 1, 2))


def test_the_twins_share_no_picture_and_no_person(pool):
    a, b = (members(pool, twin, RECIPE) for twin in ("twin-a", "twin-b"))
    assert not set(a[2]) & set(b[2])
    assert not {x.numpy().tobytes() for x in a[0]} & {x.numpy().tobytes() for x in b[0]}


def test_exposure_repeats(pool):
    rows = list(pool.rows)
    rows[1] = replace(rows[1], exposure=5)
    data, labels, _ = members(Pool(tuple(rows), pool.crops), "twin-a", RECIPE)
    assert len(data) == 9 + 4
    wanted = torch.from_numpy(pool.crops[1]).permute(2, 0, 1)
    same = [k for k in range(len(data)) if torch.equal(data[k], wanted)]
    assert len(same) == 5
    assert set(labels[same].tolist()) == {0}


def test_no_members_and_too_few_members_are_refused(pool, tmp_path):
    nobody = Pool(tuple(replace(r, role_a=HELD_OUT) for r in pool.rows), pool.crops)
    with pytest.raises(BadPool, match="no crop that twin-a"):
        train_twin(nobody, "twin-a", tmp_path, RECIPE)
    with pytest.raises(BadPool, match="fewer than one batch of 64"):
        train_twin(pool, "twin-a", tmp_path, replace(RECIPE, batch=64))


# ---- a run


@pytest.fixture(scope="module")
def finished(pool, tmp_path_factory):
    """The folder of a run that nothing disturbed; read only."""
    folder = tmp_path_factory.mktemp("twins") / "whole"
    train_twin(pool, "twin-a", folder, RECIPE)
    return folder


@pytest.fixture
def whole(finished, tmp_path):
    """Its weights; a copy of its files lies in ``whole``."""
    shutil.copytree(finished, tmp_path / "whole")
    return load_file(finished / "epoch-003.safetensors")


def test_a_run_leaves_what_it_promises(pool, tmp_path):
    told = []
    last = train_twin(pool, "twin-a", tmp_path, RECIPE, report=lambda epoch, left: told.append((epoch.epoch, left)))
    assert last == tmp_path / "epoch-003.safetensors"
    files = sorted(p.name for p in tmp_path.iterdir())
    assert files == ["epoch-001.safetensors", "epoch-003.safetensors", "log.json", "running.safetensors"]
    log = read_json(tmp_path / "log.json")
    assert (log["network"], log["members"], log["identities"]) == ("twin-a", 9, ["gan/0", "gan/1", "gan/2"])
    assert [e["epoch"] for e in log["epochs"]] == [1, 2, 3] == [epoch for epoch, _ in told]
    assert told[-1][1] == 0
    assert log["recipe"]["width"] == 4


def test_the_file_is_a_network_with_its_head(pool, tmp_path):
    path = train_twin(pool, "twin-a", tmp_path, RECIPE)
    tensors = load_file(path)
    assert {t.dtype for t in tensors.values()} == {torch.float16}
    network = load_network(path, RECIPE.architecture(), "twin-a")
    assert network.head.shape == (3, 8)
    torch.testing.assert_close(network.head.norm(dim=1), torch.ones(3))


def test_it_learns_whose_picture_it_is(pool, tmp_path):
    recipe = replace(RECIPE, epochs=40, keep=(), scale=16.0, margin=0.1)
    path = train_twin(pool, "twin-a", tmp_path, recipe)
    log = read_json(tmp_path / "log.json")["epochs"]
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    assert log[-1]["accuracy"] == 1
    # Rows of the saved head are in the order of the logged identities.
    network = load_network(path, recipe.architecture(), "twin-a")
    used = [k for k, r in enumerate(pool.rows) if r.role_a == TRAINED]
    embedding = network.look(torch.from_numpy(pool.crops[used]).permute(0, 3, 1, 2).float()).embedding
    nearest = (torch.nn.functional.normalize(embedding) @ network.head.T).argmax(1)
    assert [f"gan/{k}" for k in nearest] == [pool.rows[k].identity for k in used]


def test_the_same_recipe_gives_the_same_weights(pool, tmp_path, whole):
    torch.manual_seed(12345)
    torch.testing.assert_close(load_file(train_twin(pool, "twin-a", tmp_path / "again", RECIPE)), whole, rtol=0, atol=0)


def test_both_twins_start_alike(pool, tmp_path):
    # A learning rate of zero leaves everything but the running statistics of batch norm where it started.
    still = replace(RECIPE, learning_rate=0.0, epochs=1, keep=())
    a, b = (load_file(train_twin(pool, t, tmp_path / t, still)) for t in ("twin-a", "twin-b"))
    parameters = [k for k in a if "running" not in k]
    assert len(parameters) > 20
    for name in parameters:
        assert torch.equal(a[name], b[name]), name


# ---- a run that was cut off


def killed_after(epoch: int):
    def report(done: training.Epoch, left: float) -> None:
        if done.epoch == epoch:
            raise Killed

    return report


def go_on(pool: Pool, out, whole: dict[str, torch.Tensor]) -> None:
    done = []
    path = train_twin(pool, "twin-a", out, RECIPE, report=lambda epoch, left: done.append(epoch.epoch))
    torch.testing.assert_close(load_file(path), whole, rtol=0, atol=0)
    assert [e["epoch"] for e in read_json(out / "log.json")["epochs"]] == [1, 2, 3]
    assert done, "the second run had nothing left to do"


@pytest.mark.parametrize("epoch", [1, 2])
def test_killed_between_epochs(pool, tmp_path, whole, epoch):
    with pytest.raises(Killed):
        train_twin(pool, "twin-a", tmp_path / "cut", RECIPE, report=killed_after(epoch))
    go_on(pool, tmp_path / "cut", whole)


@pytest.mark.parametrize(
    ("function", "time"),
    [
        pytest.param(name, k, marks=[] if k == calls - 1 else pytest.mark.full)
        for name, calls in (("write_json", 3), ("_save", 5), ("save_weights", 2))
        for k in range(1, calls + 1)
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_killed_while_writing(pool, tmp_path, whole, monkeypatch, function, time, before):
    real, calls = getattr(training, function), []

    def cut(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) < time:
            return real(*arguments)
        if not before:
            real(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(training, function, cut)
        with pytest.raises(Killed):
            train_twin(pool, "twin-a", tmp_path / "cut", RECIPE)
    path = train_twin(pool, "twin-a", tmp_path / "cut", RECIPE)
    torch.testing.assert_close(load_file(path), whole, rtol=0, atol=0)
    assert [e["epoch"] for e in read_json(tmp_path / "cut" / "log.json")["epochs"]] == [1, 2, 3]


def test_killed_within_an_epoch(pool, tmp_path, whole, monkeypatch):
    steps = []

    def cut(parameters: object, limit: float) -> object:
        steps.append(limit)
        if len(steps) == 4:  # two steps an epoch: in the middle of the second
            raise Killed
        return real(parameters, limit)

    real = torch.nn.utils.clip_grad_norm_
    with monkeypatch.context() as patch:
        patch.setattr(torch.nn.utils, "clip_grad_norm_", cut)
        with pytest.raises(Killed):
            train_twin(pool, "twin-a", tmp_path / "cut", RECIPE)
    go_on(pool, tmp_path / "cut", whole)


@pytest.mark.parametrize("change", [{"dropout": 0.5}, {"loss": "adaface"}, {"loss": "arcface"}])
def test_what_a_loss_and_dropout_draw_and_keep_does_not_hang_on_a_cut(pool, tmp_path, whole, change):
    recipe = replace(RECIPE, **change)
    wanted = load_file(train_twin(pool, "twin-a", tmp_path / "other", recipe))
    with pytest.raises(Killed):
        train_twin(pool, "twin-a", tmp_path / "cut", recipe, report=killed_after(2))
    torch.rand(7)  # a program that goes on has drawn other numbers
    found = load_file(train_twin(pool, "twin-a", tmp_path / "cut", recipe))
    torch.testing.assert_close(found, wanted, rtol=0, atol=0)
    assert any(not torch.equal(found[name], whole[name]) for name in whole), "it changes nothing"


def test_a_finished_run_is_left_alone(pool, tmp_path, whole):
    path = tmp_path / "whole" / "epoch-003.safetensors"
    written = path.stat().st_mtime_ns
    assert train_twin(pool, "twin-a", tmp_path / "whole", RECIPE) == path
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize("change", [{"seed": 2}, {"epochs": 5}, {"margin": 0.2}])
def test_another_recipe_does_not_go_on(pool, tmp_path, whole, change):
    with pytest.raises(BadPool, match="another recipe"):
        train_twin(pool, "twin-a", tmp_path / "whole", replace(RECIPE, **change))


def test_other_members_do_not_go_on(pool, tmp_path, whole):
    with pytest.raises(BadPool, match="other members"):
        train_twin(pool, "twin-b", tmp_path / "whole", RECIPE)


# ---- the arithmetic: what is faster here


def taking(*seconds: float):
    """Return a clock by which the two timed steps take so long, and all else no time."""
    ticks = np.cumsum([0.0, seconds[0], 0.0, seconds[1]]).tolist()
    return lambda: ticks.pop(0) if len(ticks) > 1 else ticks[0]


@pytest.mark.parametrize(("in_float32", "in_bfloat16", "chosen"), [(0.9, 6.7, FLOAT32), (2.5, 1.0, BFLOAT16)])
def test_the_faster_precision_is_measured_told_and_kept(pool, tmp_path, in_float32, in_bfloat16, chosen):
    auto, told = replace(RECIPE, precision=AUTO, epochs=2, keep=()), []
    with pytest.raises(Killed):
        train_twin(
            pool, "twin-a", tmp_path / "run", auto, report=killed_after(1), tell=told.append,
            clock=taking(in_float32, in_bfloat16),
        )  # fmt: skip
    assert told == [
        f"a training step takes {in_float32} s in float32, {in_bfloat16:.3g} s in bfloat16: training in {chosen}"
    ]
    assert read_json(tmp_path / "run" / "log.json")["recipe"]["precision"] == chosen
    # By this clock the other one would be chosen, if anybody asked.
    resumed = train_twin(
        pool, "twin-a", tmp_path / "run", auto, tell=told.append, clock=taking(in_bfloat16, in_float32)
    )
    assert len(told) == 1
    named = train_twin(pool, "twin-a", tmp_path / "named", replace(auto, precision=chosen), tell=told.append)
    assert len(told) == 1  # an option is not measured
    torch.testing.assert_close(load_file(resumed), load_file(named), rtol=0, atol=0)
    other = {FLOAT32: BFLOAT16, BFLOAT16: FLOAT32}[chosen]
    with pytest.raises(BadPool, match="another recipe"):
        train_twin(pool, "twin-a", tmp_path / "run", replace(auto, precision=other))


def test_a_log_without_a_precision_is_of_a_run_in_bfloat16(pool, tmp_path):
    recipe = replace(RECIPE, precision=BFLOAT16, epochs=1, keep=())
    train_twin(pool, "twin-a", tmp_path, recipe)
    log = read_json(tmp_path / "log.json")
    del log["recipe"]["precision"]
    write_json(tmp_path / "log.json", log)
    train_twin(pool, "twin-a", tmp_path, replace(recipe, precision=AUTO), tell=pytest.fail)


# ---- with augmentation

AUGMENTED = replace(RECIPE, augmented=True, epochs=9, keep=())


@pytest.fixture(scope="module")
def pool_with_validation(pool):
    """The same pool; for twin-a three people that it does not know are for validation."""
    rows = [replace(r, purpose="validation") if r.identity in ("gan/4", "gan/5", "gan/6") else r for r in pool.rows]
    return Pool(tuple(rows), pool.crops)


def test_strangers_are_validation_people_whom_the_network_does_not_train_on(pool_with_validation):
    crops, people = training.strangers(pool_with_validation, "twin-a")
    assert set(people) == {"gan/4", "gan/5", "gan/6"}
    assert set(training.strangers(pool_with_validation, "augmented-b")[1]) == {"gan/6"}
    wanted = [i for i, row in enumerate(pool_with_validation.rows) if row.identity in people]
    assert torch.equal(crops, torch.from_numpy(pool_with_validation.crops[wanted]).permute(0, 3, 1, 2))


def test_the_epoch_that_told_strangers_apart_best_is_kept(pool_with_validation, tmp_path, monkeypatch):
    answers, kept = iter([0.6, 0.9, 0.7]), {}

    def told(model: torch.nn.Module, *_: object) -> float:
        answer = next(answers)
        kept[answer] = model.conv1.weight.detach().clone()
        return answer

    monkeypatch.setattr(training, "_told_apart", told)
    path = train_twin(pool_with_validation, "augmented-a", tmp_path, AUGMENTED)
    assert path.name == "best.safetensors"
    log = read_json(tmp_path / "log.json")["epochs"]
    assert [e["strangers"] for e in log] == [None, None, None, 0.6, None, None, None, 0.9, 0.7]
    torch.testing.assert_close(load_file(path)["network.conv1.weight"], kept[0.9].half(), rtol=0, atol=0)


def test_augmented_pictures_are_drawn_anew_and_a_killed_run_draws_the_same(pool_with_validation, tmp_path, monkeypatch):
    seen: list[bytes] = []
    real = training.Augmentation.__call__

    def spy(self: training.Augmentation, crops: torch.Tensor, size: int, random: torch.Generator) -> torch.Tensor:
        seen.append(real(self, crops, size, random).numpy().tobytes())
        return torch.frombuffer(bytearray(seen[-1]), dtype=torch.float32).reshape(len(crops), 3, size, size)

    monkeypatch.setattr(training.Augmentation, "__call__", spy)
    whole = load_file(train_twin(pool_with_validation, "augmented-a", tmp_path / "whole", AUGMENTED))
    assert len(set(seen)) == len(seen) == 9 * 2
    undisturbed, seen[:] = list(seen), []
    with pytest.raises(Killed):
        train_twin(pool_with_validation, "augmented-a", tmp_path / "cut", AUGMENTED, report=killed_after(5))
    cut = load_file(train_twin(pool_with_validation, "augmented-a", tmp_path / "cut", AUGMENTED))
    assert seen == undisturbed
    torch.testing.assert_close(cut, whole, rtol=0, atol=0)


@pytest.mark.parametrize(("share", "altered"), [(0.0, 0), (0.25, 1), (0.5, 2), (1.0, 4)])
def test_a_share_of_each_batch_is_altered_a_little_and_the_rest_is_left(pool, tmp_path, monkeypatch, share, altered):
    given: list[torch.Tensor] = []
    batches: list[torch.Tensor] = []
    recipe = replace(RECIPE, edited=share, flip=False, epochs=1)

    def edits(self: training.Augmentation, crops: torch.Tensor, size: int, random: torch.Generator) -> torch.Tensor:
        given.append(crops)
        return torch.linspace(0, 255, size).expand(len(crops), 3, size, size)  # a ramp: of no face

    build = TwinRecipe.network

    def watched(self: TwinRecipe) -> torch.nn.Module:
        network = build(self)
        network.register_forward_pre_hook(lambda _, inputs: batches.append(inputs[0].detach().clone()))
        return network

    monkeypatch.setattr(training.Augmentation, "__call__", edits)
    monkeypatch.setattr(TwinRecipe, "network", watched)
    train_twin(pool, "twin-a", tmp_path, recipe)
    data = members(pool, "twin-a", recipe)[0]
    plain = recipe.prepare(data.float())
    ramp = recipe.prepare(torch.linspace(0, 255, 16).expand(1, 3, 16, 16))[0]
    assert [len(crops) for crops in given] == ([altered] * len(batches) if altered else [])
    for step, batch in enumerate(batches):
        for place, picture in enumerate(batch):
            if place < altered:
                torch.testing.assert_close(picture, ramp)
                assert any(torch.equal(given[step][place], crop) for crop in data.float())
            else:
                assert any(torch.allclose(picture, crop, atol=1e-5) for crop in plain)


def test_validation_tells_people_apart_that_differ_and_nobody_where_all_look_alike(pool_with_validation):
    model = RECIPE.network()
    crops, people = training.strangers(pool_with_validation, "augmented-a")
    apart = training._told_apart(model, RECIPE, "cpu", crops, people)
    alike = training._told_apart(model, RECIPE, "cpu", crops[:1].repeat(len(crops), 1, 1, 1), people)
    assert alike == 0.5 < apart


def test_an_unfinished_run_has_no_weights_to_use(pool_with_validation, tmp_path):
    with pytest.raises(BadPool, match="mint lab twins"):
        training.trained_file(tmp_path / "twin-a")
    with pytest.raises(Killed):
        train_twin(pool_with_validation, "augmented-a", tmp_path / "cut", AUGMENTED, report=killed_after(5))
    with pytest.raises(BadPool, match="5 of 9 epochs"):
        training.trained_file(tmp_path / "cut")


# ---- from the weights of an earlier release


def test_a_release_goes_on_from_the_weights_of_the_one_before(pool, finished, tmp_path):
    start = finished / "epoch-003.safetensors"
    before = load_file(start)
    still = replace(RECIPE, epochs=1, learning_rate=0.0, seed=5)
    after = load_file(train_twin(pool, "twin-a", tmp_path / "next", still, start=start))
    moved = [name for name in before if "running" not in name and not torch.equal(before[name], after[name])]
    assert [name for name in moved if (before[name].float() - after[name].float()).abs().max() > 2e-3] == []
    fresh = load_file(train_twin(pool, "twin-a", tmp_path / "fresh", still))
    assert not torch.allclose(before["head"].float(), fresh["head"].float(), atol=0.1)
    with pytest.raises(BadPool, match="Choose another folder"):  # of another start
        train_twin(pool, "twin-a", tmp_path / "next", still, start=finished / "epoch-001.safetensors")


def test_a_release_of_other_people_is_refused(pool, finished, tmp_path):
    fewer = Pool(tuple(replace(r, role_a=HELD_OUT) if r.identity == "gan/0" else r for r in pool.rows), pool.crops)
    with pytest.raises(BadPool, match="knows 3 people, and 2 are to be trained on"):
        train_twin(fewer, "twin-a", tmp_path, RECIPE, start=finished / "epoch-003.safetensors")
