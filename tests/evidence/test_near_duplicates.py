import cv2
import numpy as np
import pytest

from mint.evidence.near_duplicates import COPY, copies, likeness, thumbnails
from mint.vision.images import open_photo, to_png


def test_likeness_is_the_best_correlation_over_shifts_and_the_mirror_image(crops: np.ndarray) -> None:
    thumbs = thumbnails(crops)
    found = likeness(thumbs[:3], thumbs[3:])

    def by_hand(a: np.ndarray, b: np.ndarray) -> float:
        middles = [p[2:30, 2:30].ravel() for p in (b, b[:, ::-1])]
        windows = [a[y : y + 28, x : x + 28].ravel() for y in range(5) for x in range(5)]
        return max(float(np.corrcoef(w, m)[0, 1]) for w in windows for m in middles)

    for i in range(3):
        for j in range(3):
            both = max(by_hand(thumbs[i], thumbs[3 + j]), by_hand(thumbs[3 + j], thumbs[i]))
            assert found[i, j] == pytest.approx(both, abs=1e-4)
    np.testing.assert_allclose(likeness(thumbs, thumbs), likeness(thumbs, thumbs).T, atol=1e-6)


def changed(crop: np.ndarray, how: str) -> np.ndarray:
    if how == "mirrored":
        return crop[:, ::-1]
    if how == "darker":
        return (crop * 0.7).astype(np.uint8)
    if how == "shifted":
        return np.roll(crop, (4, -5), axis=(0, 1))
    if how == "compressed":
        coded = cv2.imencode(".jpg", crop[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
        return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[:, :, ::-1])
    return open_photo(to_png(crop))


@pytest.mark.parametrize("how", ["the same file", "mirrored", "darker", "shifted", "compressed"])
def test_a_copy_is_recognised(face_rgb: np.ndarray, how: str) -> None:
    crop = cv2.resize(face_rgb, (112, 112), interpolation=cv2.INTER_AREA)
    pair = thumbnails(np.stack([crop, changed(crop, how)]))
    assert likeness(pair[:1], pair[1:])[0, 0] >= COPY


def test_different_pictures_are_no_copies(crops: np.ndarray) -> None:
    thumbs = thumbnails(crops)
    kept, repeats = copies(likeness(thumbs, thumbs), 20)
    assert kept == list(range(len(crops)))
    assert repeats == {}


def test_copies_name_the_photo_they_repeat_and_enough_is_enough() -> None:
    alike = np.eye(5, dtype=np.float32)
    alike[0, 2] = alike[2, 0] = alike[1, 3] = alike[3, 1] = 0.9
    assert copies(alike, 20) == ([0, 1, 4], {2: 0, 3: 1})
    assert copies(alike, 2) == ([0, 1], {2: 0, 3: 1})


def test_a_flat_crop_is_like_nothing(crops: np.ndarray) -> None:
    flat = thumbnails(np.full((1, 112, 112, 3), 90, np.uint8))
    assert np.abs(likeness(flat, thumbnails(crops))).max() < 0.01
