"""Detection, alignment and measures, each against another way to get the same answer."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import convolve
from scipy.optimize import minimize

from mint.errors import NoFace, WeightsMissing
from mint.vision import faces
from mint.vision.detectors import LEARNED
from mint.vision.faces import CROP_SIZE, TEMPLATE, align, find, fingerprint, flatness, qualities, sharpness, similarity

RANDOM = np.random.default_rng(11)


def transform(angle: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cosine, -sine, shift[0]], [sine, cosine, shift[1]]])


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


# ---- the similarity transform


@given(
    st.floats(-np.pi, np.pi),
    st.floats(0.01, 50),
    st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000)),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_similarity_recovers_a_known_transform(angle, scale, shift):
    known = transform(angle, scale, shift)
    np.testing.assert_allclose(similarity(TEMPLATE, apply(known, TEMPLATE)), known, atol=1e-6 * (1 + scale))


@pytest.mark.parametrize("mirrored", [False, True])
def test_similarity_is_the_best_one_found_by_brute_force(mirrored):
    source = RANDOM.normal(0, 30, (5, 2)) + 60
    target = apply(transform(0.4, 1.7, (5, -8)), source) + RANDOM.normal(0, 4, (5, 2))
    if mirrored:
        target = target * [-1, 1]
    found = similarity(source, target)

    def error(v: np.ndarray) -> float:  # a similarity without reflection: x -> (a, -b; b, a) x + t
        matrix = np.array([[v[0], -v[1], v[2]], [v[1], v[0], v[3]]])
        return float(((apply(matrix, source) - target) ** 2).sum())

    starts = [np.array([np.cos(a), np.sin(a), 0, 0]) for a in np.linspace(0, 2 * np.pi, 8)]
    best = min((minimize(error, s, method="BFGS") for s in starts), key=lambda r: r.fun)
    assert ((apply(found, source) - target) ** 2).sum() == pytest.approx(best.fun, rel=1e-6)
    np.testing.assert_allclose([found[0, 0], found[1, 0]], best.x[:2], atol=1e-4)
    assert np.linalg.det(found[:, :2]) > 0
    np.testing.assert_allclose([found[0, 0], found[1, 0]], [found[1, 1], -found[0, 1]], atol=1e-12)


# ---- alignment


@pytest.mark.parametrize("angle", [0.0, 0.5, -2.5])
@pytest.mark.parametrize("scale", [0.7, 1.0, 2.6, 7.0])
def test_align_brings_landmarks_to_the_template(scale, angle):
    side = int(scale * 300)
    place = transform(angle, scale, (0, 0))
    landmarks = apply(place, TEMPLATE - 56) + side / 2
    pixels = np.arange(side)
    for number in range(5):
        across, down = (np.exp(-((pixels - at) ** 2) / (2 * (2 * scale) ** 2)) for at in landmarks[number])
        spot = 255 * np.outer(down, across)
        rgb = np.repeat(spot.round().astype(np.uint8)[:, :, None], 3, 2)
        crop = align(rgb, landmarks).astype(float)[:, :, 0]
        rows, columns = np.indices(crop.shape)
        centre = np.array([(columns * crop).sum(), (rows * crop).sum()]) / crop.sum()
        assert np.abs(centre - TEMPLATE[number]).max() < 0.1


def test_align_of_the_template_changes_nothing():
    rgb = RANDOM.integers(0, 256, (112, 112, 3), dtype=np.uint8)
    np.testing.assert_array_equal(align(rgb, TEMPLATE), rgb)


def test_outside_the_photo_is_black():
    rgb = np.full((60, 60, 3), 200, np.uint8)
    crop = align(rgb, TEMPLATE - 30)
    assert crop.shape == (CROP_SIZE, CROP_SIZE, 3)
    assert (crop[:29] == 0).all()
    assert (crop[:, 92:] == 0).all()
    assert (crop[31:89, 31:89] == 200).all()


def test_a_large_face_is_shrunk_without_aliasing():
    noise = RANDOM.integers(0, 256, (896, 896, 3), dtype=np.uint8)
    crop = align(noise, (TEMPLATE + 0.5) * 8 - 0.5)
    blocks = noise.reshape(112, 8, 112, 8, 3).mean((1, 3))  # what an eighth of the size should show
    assert np.abs(crop[4:-4, 4:-4] - blocks[4:-4, 4:-4]).max() <= 1


def test_landmarks_far_outside_a_narrow_photo_do_not_crash():
    assert align(np.full((400, 16, 3), 9, np.uint8), TEMPLATE * 40).shape == (112, 112, 3)


# ---- finding


def test_find_on_a_portrait(face_rgb):
    (face,) = find(face_rgb)
    x, y, w, h = face.box
    assert 90 < x < 160
    assert 50 < y < 110
    assert 110 < w < 180
    assert 170 < h < 250
    assert 0.7 <= face.confidence <= 1
    assert face.crop.shape == (112, 112, 3)
    assert face.crop.dtype == np.uint8
    assert not face.crop.flags.writeable
    assert face.sharpness == sharpness(face.crop)


def test_the_crop_holds_the_face_where_the_template_says(face_rgb):
    crop = find(face_rgb)[0].crop
    again = cv2.resize(crop, (448, 448), interpolation=cv2.INTER_CUBIC)
    detector = cv2.FaceDetectorYN.create(str(faces.DETECTOR), "", (448, 448), 0.5)
    _, rows = detector.detect(cv2.cvtColor(again, cv2.COLOR_RGB2BGR))
    landmarks = (rows[0, 4:14].reshape(5, 2) + 0.5) / 4 - 0.5
    assert np.abs(landmarks - TEMPLATE).mean() < 4


def test_channels_are_rgb(face_rgb):
    # Skin is red rather than blue; were the channels swapped on the way, it would be the other way round.
    skin = find(face_rgb)[0].crop[40:90, 35:80].astype(int).mean((0, 1))
    assert skin[0] > skin[2] + 10


def test_the_detector_is_given_blue_first_as_it_was_trained(face_rgb):
    detector = cv2.FaceDetectorYN.create(str(faces.DETECTOR), "", (400, 400), faces.MIN_CONFIDENCE)
    _, rows = detector.detect(np.ascontiguousarray(face_rgb[:, :, ::-1]))
    (face,) = find(face_rgb)
    np.testing.assert_allclose(face.box, rows[0, :4], atol=0.051)
    assert face.confidence == pytest.approx(rows[0, 14])


def test_the_largest_face_comes_first(face_rgb):
    page = np.full((520, 760, 3), 128, np.uint8)
    page[200:400, 20:220] = cv2.resize(face_rgb, (200, 200), interpolation=cv2.INTER_AREA)
    page[60:460, 300:700] = face_rgb
    found = find(page)
    assert len(found) == 2
    assert found[0].box[2] * found[0].box[3] > 2 * found[1].box[2] * found[1].box[3]
    assert found[0].box[0] > 300
    assert found[1].box[0] < 220


def test_a_face_in_a_large_photo_is_found_where_it_lies(face_rgb):
    page = np.full((1600, 1500, 3), 128, np.uint8)
    page[1100:1500, 1000:1400] = face_rgb
    small, large = find(face_rgb)[0], find(page)[0]
    np.testing.assert_allclose(np.array(large.box) - [1000, 1100, 0, 0], small.box, atol=16)
    assert np.abs(large.crop.astype(int) - small.crop).mean() < 25


def test_a_small_face_is_searched_at_full_size(face_rgb):
    page = np.full((2800, 2800, 3), 128, np.uint8)
    page[1300:1360, 1300:1360] = cv2.resize(face_rgb, (60, 60), interpolation=cv2.INTER_AREA)
    (face,) = find(page)
    assert 1300 <= face.box[0] <= 1360
    assert face.box[2] < 40


def test_a_face_below_16_pixels_is_no_face(face_rgb):
    page = np.full((160, 160, 3), 128, np.uint8)
    page[60:90, 60:90] = cv2.resize(face_rgb, (30, 30), interpolation=cv2.INTER_AREA)
    with pytest.raises(NoFace):
        find(page)


ODD = [(16, 16), (17, 31), (1600, 40), (40, 1600), (16, 640), (640, 16), (33, 65), (1599, 1600), (1, 1), (2, 3), (7, 9)]


def test_odd_sizes_do_not_crash():
    wrong = []
    for size in ODD:
        for rgb in (RANDOM.integers(0, 256, (*size, 3), dtype=np.uint8), np.zeros((*size, 3), np.uint8)):
            try:
                wrong.append((size, find(rgb)))
            except NoFace:
                continue
            except Exception as error:
                wrong.append((size, repr(error)))
    assert not wrong


def test_faces_are_found_at_any_size(face_rgb):
    for height, width in ((397, 399), (401, 400), (201, 203), (97, 99)):
        found = find(cv2.resize(face_rgb, (width, height), interpolation=cv2.INTER_AREA))
        assert len(found) == 1, (height, width)


def test_find_changes_nothing(face_rgb):
    before = face_rgb.copy()
    first, second = find(face_rgb)[0], find(face_rgb)[0]
    np.testing.assert_array_equal(face_rgb, before)
    np.testing.assert_array_equal(first.crop, second.crop)


def test_no_two_threads_use_one_detector(face_rgb):
    sizes = [400, 320, 250, 200]
    pictures = [cv2.resize(face_rgb, (s, s), interpolation=cv2.INTER_AREA) for s in sizes]
    wanted = [find(p)[0].crop for p in pictures]
    wrong = []

    def work(number: int) -> None:
        for turn in range(6):
            which = (number + turn) % len(sizes)
            if not np.array_equal(find(pictures[which])[0].crop, wanted[which]):
                wrong.append(which)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_threads_one_after_the_other_use_the_same_detector(face_rgb, monkeypatch):
    made = []
    make = faces._made
    monkeypatch.setattr(faces, "_idle", {faces.MIN_CONFIDENCE: []})
    monkeypatch.setattr(faces, "_made", lambda least: made.append(1) or make(least))
    for _ in range(3):
        thread = threading.Thread(target=find, args=(face_rgb,))
        thread.start()
        thread.join()
    assert len(made) == 1


def test_after_an_error_a_detector_is_lent_to_nobody(face_rgb, monkeypatch):
    class Broken:
        def setInputSize(self, size):
            raise cv2.error("broken")

    monkeypatch.setattr(faces, "_idle", {faces.MIN_CONFIDENCE: [Broken()]})
    with pytest.raises(cv2.error):
        find(face_rgb)
    assert not any(faces._idle.values())
    assert find(face_rgb)


def test_a_face_that_lies_turned_is_known_and_one_that_stands_upright_too(face_rgb):
    for turns in range(4):
        (face, *_) = LEARNED(np.ascontiguousarray(np.rot90(face_rgb, turns)))
        assert face.upright == (turns == 0), turns
    upright = faces.landmarks_of(faces.detect(face_rgb)[0])
    assert faces.stands_upright(face_rgb, upright)
    assert not faces.stands_upright(face_rgb, upright[::-1])  # laid upside down


def test_nobody_asks_whether_a_face_stands_upright_that_the_detector_is_sure_of(face_rgb, monkeypatch):
    asked = []
    monkeypatch.setattr(faces, "stands_upright", lambda *_: bool(asked.append(1)))
    assert find(face_rgb)[0].upright
    assert not asked
    rows = faces.detect(face_rgb)
    assert not faces.largest_first(face_rgb, rows, sure=1.1)[0].upright
    assert asked


# ---- the detector


def test_a_missing_detector_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(faces, "DETECTOR", tmp_path / "yunet.onnx")
    monkeypatch.setattr(faces, "_idle", {faces.MIN_CONFIDENCE: []})
    with pytest.raises(WeightsMissing, match=r"yunet\.onnx"):
        find(np.zeros((64, 64, 3), np.uint8))


def test_a_broken_detector_is_not_silenced(monkeypatch, tmp_path):
    broken = tmp_path / "yunet.onnx"
    broken.write_bytes(b"no network")
    monkeypatch.setattr(faces, "DETECTOR", broken)
    monkeypatch.setattr(faces, "_idle", {faces.MIN_CONFIDENCE: []})
    level = cv2.utils.logging.getLogLevel()
    with pytest.raises(cv2.error):
        find(np.zeros((64, 64, 3), np.uint8))
    assert cv2.utils.logging.getLogLevel() == level


def test_detection_prints_nothing_and_leaves_the_log_level_alone(face_path):
    code = (
        "import sys, cv2; level = cv2.utils.logging.getLogLevel();"
        "from mint.vision.faces import find; from mint.vision.images import open_photo;"
        "find(open_photo(sys.argv[1])); assert cv2.utils.logging.getLogLevel() == level"
    )
    root = Path(faces.__file__).parents[2]
    command = [sys.executable, "-c", code, str(face_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# ---- measures


def test_sharpness_is_the_variance_of_the_laplacian():
    crop = RANDOM.integers(0, 256, (112, 112, 3), dtype=np.uint8)
    grey = np.round(crop @ [0.299, 0.587, 0.114])
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    assert sharpness(crop) == pytest.approx(convolve(grey, kernel, mode="mirror").var(), rel=2e-3)
    assert sharpness(np.full((112, 112, 3), 77, np.uint8)) == 0


def test_blur_lowers_sharpness(face_rgb):
    crop = find(face_rgb)[0].crop
    assert sharpness(cv2.GaussianBlur(crop, (0, 0), 3)) < 0.2 * sharpness(crop)


def test_flatness_is_the_share_of_pixels_like_their_neighbours():
    crop = (RANDOM.integers(0, 3, (112, 112, 1)) * np.ones(3)).astype(np.uint8)  # grey, of three levels
    grey, flat = crop[..., 0], 0
    for row in range(28, 104):
        for column in range(24, 88):
            flat += grey[row, column] == grey[row + 1, column] == grey[row, column + 1]
    assert flatness(crop) == pytest.approx(flat / (76 * 64))
    assert flatness(np.full((112, 112, 3), 77, np.uint8)) == 1


def test_flatness_tells_drawings_from_photos(face_rgb):
    photo = find(face_rgb)[0].crop
    assert flatness(photo) < 0.1
    assert flatness(photo // 64 * 64) > 0.2
    bordered = photo.copy()
    bordered[:28], bordered[:, :24] = 0, 0  # a face at the edge of the photo
    assert flatness(bordered) == flatness(photo)


def test_brightness_and_contrast_are_those_of_the_mean_of_the_channels():
    crops = RANDOM.integers(0, 256, (3, 112, 112, 3), dtype=np.uint8)
    grey = crops.astype(np.float32).mean(axis=3)
    found = qualities(crops, np.ones(3))
    np.testing.assert_array_equal(found["brightness"], grey.mean(axis=(1, 2)))
    np.testing.assert_array_equal(found["contrast"], grey.std(axis=(1, 2)))


def test_fingerprint_is_of_the_pixels():
    crop = RANDOM.integers(0, 256, (112, 112, 3), dtype=np.uint8)
    assert fingerprint(crop) == hashlib.sha256(bytes(crop.ravel().tolist())).hexdigest()
    wide = np.zeros((112, 224, 3), np.uint8)
    wide[:, ::2] = crop
    assert fingerprint(wide[:, ::2]) == fingerprint(crop)
    other = crop.copy()
    other[0, 0, 0] ^= 1
    assert fingerprint(other) != fingerprint(crop)
