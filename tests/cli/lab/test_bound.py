import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from tests.shell import mint
from tests.tiny_bundles import claim_privacy, tiny_bundle

if not lab_app.registered_commands:
    register(lab_app)


def test_what_a_promise_allows_is_arithmetic() -> None:
    done = mint("lab", "bound", "--epsilon", "2", "--delta", "1e-5", "--prior", "0.1", "--alpha", "0.01", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(found) == {"prior", "alpha", "delta", "photos", "bounds"}
    (row,) = found["bounds"]
    assert [round(row[name], 3) for name in ("tpr", "precision", "balanced_accuracy")] == [0.074, 0.451, 0.881]
    done = mint("lab", "bound", "--epsilon", "1", "--photos", "14")
    assert "of a person with 14 photos" in done.stdout
    assert "100\u202f%" in done.stdout
    small = mint("lab", "bound", "--epsilon", "0.5", "--alpha", "0.00002", "--prior", "0.004", "--delta", "0").stdout
    for told in ("found at 0.002\u202f% false alarms", "right, prior 0.4\u202f%", "0.0033\u202f%", "0.7\u202f%"):
        assert told in small  # not 0.00 %, 0 % and 0.0 %
    assert mint("lab", "bound", "--epsilon", "0", "--delta", "0", "--alpha", "1e-17").returncode == 0


def test_a_broken_promise_is_a_contradiction_and_fails(tmp_path: Path) -> None:
    tiny_bundle(tmp_path / "plain", "plain", strength=6.0)
    done = mint("lab", "bound", tmp_path / "plain", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["claimed"] is None
    assert found["measured"][0]["against"] == "siblings"
    done = mint("lab", "bound", tmp_path / "plain", "--epsilon", "1")
    assert done.returncode == 1
    assert "CONTRADICTION" in done.stdout
    (row,) = (line.split("│")[2:4] for line in done.stdout.splitlines() if "siblings" in line)
    for shown, key in zip(row, ("pooled", "by_people"), strict=True):
        assert 0 <= found["measured"][0][key] - float(shown) < 0.01, "a lower bound is rounded down"
    claim_privacy(tmp_path / "plain", 1.0, 1e-5)
    done = mint("lab", "bound", tmp_path / "plain", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["claimed"] == {"epsilon": 1.0, "delta": 1e-5}
    assert mint("lab", "bound", tmp_path / "plain", "--epsilon", "9").returncode == 0


def test_each_of_several_promises_gets_its_own_verdict(tmp_path: Path) -> None:
    tiny_bundle(tmp_path / "plain", "plain", strength=6.0)
    asked = ["bound", str(tmp_path / "plain"), "--epsilon", "1", "--epsilon", "9"]
    done = CliRunner().invoke(lab_app, asked)
    told = " ".join(done.output.split())
    assert "CONTRADICTION: the promise of ε = 1 cannot be true" in told
    assert "These scores do not contradict the promise of ε = 9, which does not prove it." in told
    found = json.loads(CliRunner().invoke(lab_app, [*asked, "--json"]).output)
    assert [row["contradiction"] for row in found["bounds"]] == [True, False]
    assert found["contradiction"] is True
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--epsilon", "-1"), "Epsilon must be a number from 0"),
        (("--delta", "1"), "delta from 0 and below 1"),
        (("--alpha", "0"), "--alpha must lie between 0 and 1"),
        (("--alpha", "nan"), "--alpha must lie between 0 and 1"),
        (("--prior", "nan"), "--prior from 0 to 1"),
        (("--prior", "2"), "--prior from 0 to 1"),
        (("--photos", "0"), "--photos is 1 at least"),
        (("nowhere",), "nowhere"),
    ],
)
def test_what_is_no_promise_is_refused(words: tuple[str, ...], said: str) -> None:
    done = mint("lab", "bound", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
