"""Jobs side by side: as many threads as there were, whoever comes next has its own, and nothing is lost on the way."""

import importlib
import os
import signal
import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pytest
import torch

from mint.membership import MembershipTest
from mint.networks.parallel import run_ahead, run_parallel

SECONDS = 120  # the most that anything here waits
abreast_module = importlib.import_module("mint.networks.parallel")


@pytest.fixture(params=[1, 2, 5])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_answers_come_in_the_order_of_the_jobs(threads, count):
    assert run_parallel([partial(pow, number, 2) for number in range(count)]) == [n * n for n in range(count)]


def test_each_has_its_share_and_everybody_else_what_there_was(threads):
    new: list[int] = []
    assert run_parallel([torch.get_num_threads] * 2) == [max(threads // 2, 1)] * 2
    assert torch.get_num_threads() == threads
    late = threading.Thread(target=lambda: new.append(torch.get_num_threads()))
    late.start()
    late.join()
    assert new == [threads], "a thread that torch had not met before"
    assert run_parallel([torch.get_num_threads]) == [threads], "one alone"


@pytest.mark.parametrize("threads", [2], indirect=True)
def test_two_jobs_run_at_the_same_time(threads):
    meeting = threading.Barrier(threads)
    assert sorted(run_parallel([partial(meeting.wait, SECONDS)] * threads)) == [0, 1]


def test_what_a_job_raises_arrives_and_the_next_jobs_run(threads):
    with pytest.raises(ZeroDivisionError):
        run_parallel([partial(pow, 2, 2), partial(divmod, 1, 0)])
    assert run_parallel([partial(pow, 2, 2), partial(pow, 3, 2)]) == [4, 9]


@pytest.mark.parametrize("threads", [2], indirect=True)
def test_nothing_goes_on_after_a_failure(threads, monkeypatch):
    waited_for, done = threading.Event(), threading.Event()
    real = abreast_module.wait
    monkeypatch.setattr(abreast_module, "wait", lambda running: waited_for.set() or real(running))

    def slow():
        waited_for.wait(SECONDS)  # it cannot end before it is waited for
        done.set()

    try:
        with pytest.raises(ZeroDivisionError):
            run_parallel([partial(divmod, 1, 0), slow])
        assert done.is_set()
    finally:
        waited_for.set()


def test_both_networks_say_what_each_says_alone(weights, face_path, threads):
    test = MembershipTest.load(weights=weights)
    together = test.look(face_path)
    assert set(together.scores) == {"twin-a", "twin-b"}
    for name, bundle in test.bundles.items():
        alone = MembershipTest({name: bundle}).look(face_path)
        for column, values in alone.scores[name].items():
            np.testing.assert_allclose(together.scores[name][column], values, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(together.embeddings[name], alone.embeddings[name], atol=1e-5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("threads", [2], indirect=True)
def test_a_child_made_by_fork_has_workers_of_its_own(threads):
    assert run_parallel([int] * 2) == [0, 0]
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)  # where it waits for its parent's workers, it ends by this
        code = 1
        try:
            code = int(run_parallel([int] * 2) != [0, 0])
        finally:
            os._exit(code)  # no second pytest goes on from here
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.full
def test_so_has_a_child_of_a_fresh_process():
    code = (
        "import os, torch; from mint.networks.parallel import run_parallel; torch.set_num_threads(2); run_parallel([int] * 2);"
        "child = os.fork(); found = run_parallel([int] * 2); os._exit(0) if not child else None;"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 0


@pytest.mark.parametrize("ahead", [1, 2, 7, 50])
def test_answers_come_in_the_order_of_the_items_and_not_too_far_ahead(threads, ahead):
    taken = []
    meanwhile = threading.Event()

    def items():
        for number in range(20):
            taken.append(number)
            yield number

    def job(number):
        if number == 0 and ahead > 1 and threads > 1:
            assert meanwhile.wait(SECONDS)  # the first is the last to be done
        if number == 1:
            meanwhile.set()
        return number * number

    for count, answer in enumerate(run_ahead(job, items(), ahead)):
        assert answer == count * count
        assert len(taken) <= count + ahead
    assert count == 19
    assert list(run_ahead(job, [], ahead)) == []


def test_what_a_job_raises_comes_in_its_place_and_ends_it():
    answers = run_ahead(lambda number: 6 // number, [3, 2, 0, 1], 2)
    assert [next(answers), next(answers)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(answers)
    assert list(answers) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_what_waits_is_given_up_with_the_generator():
    done = []
    answers = run_ahead(done.append, range(1000), 30)
    next(answers)
    answers.close()
    assert len(done) <= 31
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]
