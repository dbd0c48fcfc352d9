import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.cli.audit.command import _person_notes
from mint.judging.person import PersonAudit
from mint.membership import MembershipTest
from mint.networks.match_faces import UNSEEN
from mint.storage.paths import WEIGHTS
from mint.vision.images import to_png
from tests.shell import mint
from tests.tiny_bundles import made_up_people, tiny_bundle


@pytest.fixture
def photos(tmp_path: Path, face_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a-face.jpg").write_bytes(face_path.read_bytes())
    (folder / "b-wall.png").write_bytes(to_png(np.full((90, 90, 3), 200, np.uint8)))
    (folder / "c-broken.jpg").write_bytes(face_path.read_bytes()[:500])
    (folder / "d-face.jpg").write_bytes(face_path.read_bytes())
    (folder / "e-phone.HEIC").write_bytes(b"a picture of another kind")
    (folder / "notes.txt").write_text("not a photo")
    return folder


def test_a_folder_is_done_to_the_end_and_what_failed_is_named(weights: Path, photos: Path) -> None:
    done = mint("audit", photos, "--network", weights / "twin-a", "--network", weights / "twin-b", "--json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(Path(o["photo"]).name, o["network"]) for o in lines] == [
        (name, network)
        for name in ("a-face.jpg", "b-wall.png", "c-broken.jpg", "d-face.jpg")
        for network in ("twin-a", "twin-b")
    ]
    assert [bool(o["error"]) for o in lines[::2]] == [False, True, True, False]
    (first,), (last,) = lines[0]["faces"], lines[6]["faces"]  # the same photo, at two places of a batch
    assert [layer["verdict"] for layer in first["layers"]] == [layer["verdict"] for layer in last["layers"]]
    assert [first[name] for name in ("box", "verdict", "reason")] == [
        last[name] for name in ("box", "verdict", "reason")
    ]
    scores = [[layer["score"] for layer in face["layers"]] for face in (first, last)]
    assert scores[0] == pytest.approx(scores[1], rel=1e-3, abs=1e-4)
    assert "b-wall.png: No face" in done.stderr
    assert "c-broken.jpg: The photo is damaged" in done.stderr
    assert "2 of 4 photos" in done.stderr
    assert f"{photos}: 1 .heic photo was left out: only JPEG, PNG and WebP are read." in done.stderr
    assert "Traceback" not in done.stderr


def test_fail_fast_stops_at_the_first(weights: Path, photos: Path) -> None:
    done = mint("audit", photos, "--network", weights / "twin-a", "--json", "--fail-fast")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert "Stopped there: 2 more were not asked about." in done.stderr
    done = mint("audit", "--person", photos, "--fail-fast")
    assert done.returncode == 2
    assert "--fail-fast stops at a photo" in done.stderr


def test_without_a_temporary_folder_no_file_is_blamed(face_path: Path) -> None:
    """Torch imports what wants one while it builds a network of some size."""
    program = "import tempfile; tempfile._candidate_tempdir_list = lambda: []; from mint.cli.main import main; main()"
    command = [sys.executable, "-c", program, "audit", face_path, "--network", WEIGHTS / "twin-a"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False)
    assert "Restore" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or "No usable temporary directory" in done.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ImportError("libGL.so.1: cannot open shared object file"),
            "A package cannot be loaded: libGL.so.1: cannot open",
        ),
        (ImportError("DLL load failed", name="cv2.cv2"), "The package cv2 cannot be loaded: DLL load failed"),
        (ModuleNotFoundError("No module named 'x.y'", name="x.y"), "The package x.y is not installed"),
        (ImportError("cannot import name 'a' from 'mint.b'", name="mint.b"), None),
        (ModuleNotFoundError("No module"), None),
    ],
)
def test_a_package_that_cannot_be_loaded_is_one_line_and_a_fault_of_mint_s_own_is_not(
    error: ImportError, words: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mint.cli import main

    def fail() -> None:
        raise error

    monkeypatch.setattr(main, "app", fail)
    monkeypatch.setattr(main, "_register_others", lambda: None)
    with pytest.raises(ImportError if words is None else SystemExit):
        main.main()
    said = capsys.readouterr().err.splitlines()
    assert said == ([] if words is None else [f"{said[0]}"])
    if words is not None:
        assert said[0].startswith(f"mint: {words}")
        assert said[0].endswith("See what else is missing: mint doctor")


def test_one_good_photo_makes_a_table_and_exit_code_0(weights: Path, face_path: Path) -> None:
    done = mint("audit", face_path, "--network", weights / "twin-a", "--alpha", "0.05", "--prior", "0.1")
    assert done.returncode == 0, done.stderr
    assert "twin-a" in done.stdout
    assert "prior" not in mint("audit", face_path, "--network", weights / "twin-a").stdout
    lines = [line for line in done.stdout.splitlines() if "at a prior of 0.1" in line]
    (found,) = MembershipTest.load(weights / "twin-a").audit(face_path, "photo", 0.05)
    wanted = []
    for question in ("photo", "person"):
        said = getattr(found.faces[0], question).to_dict()
        odds = 0.1 / 0.9 * said["true_positive_rate"]["value"] / said["false_positive_rate"]["high"]
        wanted.append(f"{question} {100 * odds / (1 + odds):.1f}")
    assert len(lines) == 1
    assert all(part in lines[0] for part in wanted), (lines, wanted)


def test_a_bundle_is_asked_alone_or_beside_networks(weights: Path, face_path: Path) -> None:
    for more, wanted in (([], ["twin-a"]), (["--network", weights / "twin-b"], ["twin-b", "twin-a"])):
        done = mint("audit", face_path, "--bundle", weights / "twin-a", "--json", *more)
        assert done.returncode == 0, done.stderr
        assert [json.loads(line)["network"] for line in done.stdout.splitlines()] == wanted


@pytest.fixture(scope="module")
def with_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("with-people") / "twin-a"
    tiny_bundle(folder, people=made_up_people(0))
    return folder


def test_a_person_is_one_answer_and_what_did_not_count_is_named(with_people: Path, photos: Path) -> None:
    done = mint("audit", "--person", photos, "--network", with_people, "--json")
    assert done.returncode == 0, done.stderr
    (found,) = map(json.loads, done.stdout.splitlines())
    assert found["network"] == "twin-a"
    seen = found["photos"]
    assert [Path(p).name for p in seen["judged"]] == ["a-face.jpg"]
    assert [Path(c["photo"]).name for c in seen["copies"]] == ["d-face.jpg"]
    assert [Path(e["photo"]).name for e in seen["errors"]] == ["b-wall.png", "c-broken.jpg"]
    assert "c-broken.jpg: The photo is damaged" in done.stderr
    assert "1 .heic photo was left out" in done.stderr
    assert "one person's" not in done.stderr
    (photos / "ben").mkdir()
    (photos / "d-face.jpg").rename(photos / "ben" / "d-face.jpg")  # as where every sub-folder is a person
    table = mint("audit", "--person", photos, "--network", with_people)
    assert table.returncode == 0, table.stderr
    assert "2 folders; all of them are taken for one person's" in table.stderr
    assert "1 of 4" in table.stdout
    assert "they are taken as one" in table.stdout


def test_a_repeat_counts_once_where_the_other_does() -> None:
    one = PersonAudit("me", "twin-a", "b", "0" * 64, 0.01, 0.5, judged=("a",), copies=(("b", "a"), ("d", "c")))
    other = replace(one, network="twin-b", judged=("a", "c"))
    notes = list(_person_notes([replace(one, reason=UNSEEN), replace(other, reason=UNSEEN)]))
    told = [line for line in notes if "repeats" in line]
    assert told == [
        "b repeats a: they are taken as one.",
        "twin-a: d repeats c: neither is judged.",
        "twin-b: d repeats c: they are taken as one.",
    ]


def test_a_person_without_a_usable_photo_is_an_error(with_people: Path, photos: Path) -> None:
    for name in ("a-face.jpg", "d-face.jpg"):
        (photos / name).unlink()
    done = mint("audit", "--person", photos, "--network", with_people, "--json")
    assert done.returncode == 1
    assert "None of the 2 photos" in done.stderr
    assert json.loads(done.stdout)["p_value"] is None


def test_a_bundle_without_people_says_what_to_do(weights: Path, photos: Path) -> None:
    done = mint("audit", "--person", photos, "--network", weights / "twin-a")
    assert done.returncode == 1
    assert "--strangers" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["audit"], "--person"),
        (["audit", "x.jpg", "--person", "y"], "--person"),
        (["audit", "nowhere.jpg"], "cannot be read"),
        (["audit", "x.jpg", "--network", "twin-z"], "There is no bundle"),
        (["audit", "tests/data/face.jpg", "--network", "antelopev2"], "mint lab extract --network antelopev2"),
        (["audit", "tests/data/face.jpg", "--bundle", "nowhere"], "There is no bundle"),
        (["lab", "evaluate", "nowhere"], "There is no bundle"),
        (["lab", "evaluate", "nowhere", "--level", "galaxy"], "--level"),
        (["lab", "evaluate", "weights/twin-a", "--pool", "nowhere"], "Make a pool first"),
        (["lab", "twins", "--pool", "nowhere", "--out", "nowhere"], "Make a pool first"),
        (
            ["lab", "paper", "--network", "no.onnx", "--members", "m", "--external", "e"],
            "There is no network at no.onnx",
        ),
    ],
)
def test_what_goes_wrong_is_one_clear_line(arguments: list[str], words: str) -> None:
    done = mint(*arguments)
    assert done.returncode != 0
    assert words in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_evaluate_prints_the_contract(weights: Path) -> None:
    for level in ("sample", "identity"):
        done = mint("lab", "evaluate", weights / "twin-a", "--json", "--level", level)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["network"], found["protocol"], found["level"]) == ("twin-a", "same-source", level)
        assert {
            "layer",
            "auditor",
            "auc",
            "auc_low",
            "auc_high",
            "accuracy",
            "tpr_at_1pct_fpr",
            "members",
            "non_members",
        } <= set(found["rows"][0])
        assert set(found["controls"]) == {"pixels", "untrained", "other-twin", "shuffled-labels"}
        assert set(found["gate"]) == {"passes", "margin", "low", "high"}


def test_version_and_light_import() -> None:
    from mint import __version__

    command = [sys.executable, "-m", "mint", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == __version__
    code = "import sys, mint; print([m for m in ('torch', 'gradio', 'cv2') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_an_audit_imports_neither_torch_s_compiler_nor_scipy_s_statistics(face_path: Path) -> None:
    """Each takes seconds, and nothing in an audit needs them."""
    code = (
        "import sys; from mint.membership import MembershipTest; "
        "test = MembershipTest.load([sys.argv[1]]); test.audit(open(sys.argv[2], 'rb').read(), 'photo'); "
        "print([m for m in ('torch._dynamo', 'scipy.stats', 'sklearn', 'matplotlib', 'huggingface_hub') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(WEIGHTS / "twin-a"), str(face_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_controls_say_who_may_speak_and_fail_for_a_bundle_that_may_not(weights: Path, tmp_path: Path) -> None:
    done = mint("lab", "controls", weights / "twin-a", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(found) == {"network", "level", "controls", "dose_response", "gates"}
    assert found["gates"]["photo"]["passes"] is True
    assert found["gates"]["vanilla/stage1"]["passes"] is False
    tiny_bundle(tmp_path / "twin-a", strength=0.0)
    done = mint("lab", "controls", tmp_path / "twin-a")
    assert done.returncode == 1
    assert "no: cannot say" in done.stdout


@pytest.mark.parametrize("command", ["evaluate", "controls"])
def test_lab_commands_refuse_what_there_is_not(weights: Path, command: str) -> None:
    done = mint("lab", command, weights / "twin-a", "--level", "galaxy")
    assert done.returncode == 2
    assert re.search(r"'galaxy' is not one of 'sample',\W+'identity'", done.stderr)


def test_a_bundle_without_scores_for_a_protocol_says_so(weights: Path) -> None:
    done = mint("lab", "evaluate", weights / "twin-a", "--protocol", "cross-database")
    assert done.returncode == 1
    assert "no scores under the cross-database protocol" in done.stderr
    done = mint("lab", "evaluate", weights / "twin-a", "--protocol", "other")
    assert done.returncode == 2
    assert "same-source" in done.stderr
