"""Find faces with YuNet, align them to the ArcFace template by five landmarks, and doubt those that may not stand upright."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from mint.errors import NoFace, WeightsMissing
from mint.i18n.sentences import Sentence
from mint.storage.paths import WEIGHTS
from mint.types import Face
from mint.vision.opencv import cv2

DETECTOR = WEIGHTS / "face_detection_yunet_2023mar.onnx"
CROP_SIZE = 112
MIN_CONFIDENCE = 0.7
MIN_FACE = 16  # pixels: below this the crop is invention, not evidence
NONE_FOUND = Sentence("No face was found. Use a photo with a clearly visible, mostly frontal face.")
DETECTION_SIDE = 640  # YuNet was trained around this size; larger photos are searched shrunk first
ENLARGED_SIDE = 320  # faces of 25 to 40 pixels that YuNet passes over are found so

# Where the eyes, the nose and the mouth corners lie in a 112 × 112 crop (InsightFace, ArcFace).
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float64,
)

# A detector that is less sure of a face may have found one that is turned, and laid it as if it stood upright. YuNet is surer of
# 19 in 20 upright faces of real people, and of less than one in a hundred turned ones.
SURE_UPRIGHT = 0.91
SEEN_ROUND = 128  # pixels of the frame that a doubted face is looked at in, from every side
EYES_THERE = 20.0  # pixels between its eyes there: at this size YuNet tells best where up is
FAINTEST = 0.05  # confidences below this are those of no face
BESIDE_IT = 32.0  # pixels of the frame: what lies farther is another face

FLATNESS = "flatness"
QUALITIES = ("sharpness", "brightness", "contrast", FLATNESS, "embedding norm")  # that a crop is known by
FACE_AREA = (28, 104, 24, 88)  # first and last row, first and last column of it: brows to chin, cheek to cheek

# Measures the (5, 2) landmarks of a found face again, or returns None; see ``mint.vision.still``.
Measure = Callable[[np.ndarray, np.ndarray], np.ndarray | None]

# cv2's detector keeps its input size, so that each is lent to one thread at a time; one for every thread would hold memory for
# photos that nobody looks at any more. By their least confidence.
_idle: dict[float, list[cv2.FaceDetectorYN]] = {MIN_CONFIDENCE: [], FAINTEST: []}
_creation = threading.Lock()  # the log level belongs to the whole process


def find(rgb: np.ndarray, measure: Measure | None = None, enlarge: bool = False) -> tuple[Face, ...]:
    """Find, align and measure the faces of a photo, the largest first.

    Args:
        rgb: (H, W, 3) uint8 RGB in [0, 255].
        measure: measures their landmarks again; as they were found, if not given.
        enlarge: see ``detect``.

    Returns:
        The faces, at least one. Boxes and landmarks are in pixels of ``rgb``.

    Raises:
        NoFace: nothing that looks like a face of at least ``MIN_FACE`` pixels.
        WeightsMissing: the detector's file is not in ``weights/``.
    """
    return largest_first(rgb, detect(rgb, enlarge), measure)


def detect(rgb: np.ndarray, enlarge: bool = False) -> np.ndarray:
    """Return the (N, 15) float32 rows of the faces that YuNet finds in a photo; see ``largest_first``.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        enlarge: search a small photo enlarged, if nothing is found in it as it is.
    """
    longest = max(rgb.shape[:2])
    rows = _detect(rgb, min(DETECTION_SIDE, longest))
    if not len(rows) and longest > DETECTION_SIDE:
        rows = _detect(rgb, longest)
    if not len(rows) and enlarge and longest < ENLARGED_SIDE:
        rows = _detect(rgb, ENLARGED_SIDE)
    return rows


def largest_first(
    rgb: np.ndarray, rows: np.ndarray, measure: Measure | None = None, sure: float = SURE_UPRIGHT
) -> tuple[Face, ...]:
    """Align and measure the faces that a detector found, the largest first.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        rows: (N, 15) float: x, y, w, h, five landmarks (see ``align``) as x and y, confidence; pixels of ``rgb``.
        measure: see ``find``.
        sure: the detector's confidence from which nobody asks whether a face stands upright.

    Raises:
        NoFace: none of them measures at least ``MIN_FACE`` pixels.
    """
    rows = in_order(rows)
    if not len(rows):
        raise NoFace(NONE_FOUND)
    return tuple(_face(rgb, row, measure, sure) for row in rows)


def in_order(rows: np.ndarray) -> np.ndarray:
    """Return the rows of faces of at least ``MIN_FACE`` pixels, the largest first."""
    rows = rows[np.minimum(rows[:, 2], rows[:, 3]) >= MIN_FACE]
    return rows[np.argsort(-rows[:, 2] * rows[:, 3], kind="stable")]


def landmarks_of(row: np.ndarray) -> np.ndarray:
    """Return the (5, 2) float64 landmarks of a row.

    They are rounded, so that the last bits of another processor's arithmetic do not move the crop.
    """
    return np.round(row[4:14].reshape(5, 2).astype(np.float64), 1)


def align(rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Cut the 112 × 112 ArcFace crop.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) float pixels: the eye at the image's left, the other eye, nose, and the
            mouth corners in the same order.

    Returns:
        (112, 112, 3) uint8 RGB; what lies outside the photo is black, as in InsightFace.
    """
    return _cut(rgb, landmarks, TEMPLATE, CROP_SIZE, cv2.BORDER_CONSTANT)


def stands_upright(rgb: np.ndarray, landmarks: np.ndarray) -> bool:
    """Return whether YuNet is surest of a face as it was laid, and not turned by 45, 90 ... or 315 degrees.

    YuNet, which has seen upright faces only, finds many that lie on their side or upside down, less surely, and then says
    that the eyes are above the mouth all the same: the crop is laid wrong, and nothing else tells.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        landmarks: as ``align`` takes them.
    """
    centred = (TEMPLATE - TEMPLATE.mean(0)) * (EYES_THERE / (TEMPLATE[1, 0] - TEMPLATE[0, 0]))
    with _detector(FAINTEST) as detector:
        detector.setInputSize((SEEN_ROUND, SEEN_ROUND))
        found = [_surest(detector, _turned(rgb, landmarks, centred, turn)) for turn in np.arange(8) * np.pi / 4]
    return found[0] >= max(found)


def _turned(rgb: np.ndarray, landmarks: np.ndarray, centred: np.ndarray, turn: float) -> np.ndarray:
    """Return the frame of a face, turned by so many radians, around a template whose centre is 0."""
    cosine, sine = np.cos(turn), np.sin(turn)
    there = centred @ np.array([[cosine, sine], [-sine, cosine]]) + (SEEN_ROUND - 1) / 2
    return _cut(rgb, landmarks, there, SEEN_ROUND, cv2.BORDER_REPLICATE)


def _surest(detector: cv2.FaceDetectorYN, frame: np.ndarray) -> float:
    """Return the highest confidence of a face in the middle of a frame; 0 where there is none."""
    rows: np.ndarray | None = detector.detect(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1]
    if rows is None:
        return 0.0
    beside = np.linalg.norm(rows[:, 4:14].reshape(-1, 5, 2).mean(1) - (SEEN_ROUND - 1) / 2, axis=1)
    return float(rows[beside <= BESIDE_IT, 14].max(initial=0.0))


def _cut(rgb: np.ndarray, landmarks: np.ndarray, template: np.ndarray, side: int, border: int) -> np.ndarray:
    """Return the (side, side, 3) picture in which landmarks lie nearest to a template."""
    matrix = similarity(landmarks, template)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    shrink = int(1.0 / scale) if scale > 0 else 1
    if shrink >= 2:  # bilinear sampling alone would alias a large face
        height, width = rgb.shape[:2]
        smaller = (max(1, width // shrink), max(1, height // shrink))
        rgb = cv2.resize(rgb, smaller, interpolation=cv2.INTER_AREA)
        ratio = np.array([rgb.shape[1] / width, rgb.shape[0] / height])
        matrix = similarity((landmarks + 0.5) * ratio - 0.5, template)
    return cv2.warpAffine(rgb, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=border)


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Fit a least-squares similarity transform (Umeyama 1991) of (N, 2) points, as a (2, 3) matrix."""
    source_mean, target_mean = source.mean(0), target.mean(0)
    a, b = source - source_mean, target - target_mean
    u, singular, vt = np.linalg.svd(b.T @ a / len(a))
    sign = np.array([1.0, np.sign(np.linalg.det(u @ vt))])  # a rotation, never a reflection
    rotation = (u * sign) @ vt
    scale = float((singular * sign).sum() / a.var(0).sum())
    linear = scale * rotation
    return np.hstack([linear, (target_mean - linear @ source_mean)[:, None]])


def sharpness(crop: np.ndarray) -> float:
    """Return the variance of the Laplacian of a (H, W, 3) uint8 crop.

    0 is flat; a blurred face is below about 30.
    """
    return float(cv2.Laplacian(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


def flatness(crop: np.ndarray) -> float:
    """Return the share of the face that is one flat colour: pixels exactly as bright as those to the right and below.

    Photos stay below 0.2, most below 0.03; pictures drawn with flat colours begin there, and cartoons of ovals at 0.5.

    Args:
        crop: (112, 112, 3) uint8 RGB; only where the template has its face counts, so that borders do not.
    """
    top, bottom, left, right = FACE_AREA
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[top : bottom + 1, left : right + 1]
    flat = (grey[:-1, :-1] == grey[1:, :-1]) & (grey[:-1, :-1] == grey[:-1, 1:])
    return float(flat.mean())


def qualities(crops: np.ndarray, lengths: np.ndarray) -> dict[str, np.ndarray]:
    """Return the qualities that the range check compares: name to (N,) values.

    Args:
        crops: (N, 112, 112, 3) uint8 RGB.
        lengths: (N,) of their embeddings before these are normalised.
    """
    red, green, blue = (crops[..., channel].astype(np.float32) for channel in range(3))
    grey = (red + green + blue) / 3  # as mean(axis=3) has it, which goes through the pixels one by one
    return {
        "sharpness": np.array([sharpness(crop) for crop in crops]),
        "brightness": grey.mean(axis=(1, 2)),
        "contrast": grey.std(axis=(1, 2)),
        FLATNESS: np.array([flatness(crop) for crop in crops]),
        "embedding norm": lengths,
    }


def fingerprint(crop: np.ndarray) -> str:
    """Return the sha256 of a crop's pixels, not of a file: the key of the ledger."""
    return hashlib.sha256(np.ascontiguousarray(crop).tobytes()).hexdigest()


def _face(rgb: np.ndarray, row: np.ndarray, measure: Measure | None, sure: float) -> Face:
    landmarks = landmarks_of(row)
    again = None if measure is None else measure(rgb, landmarks)
    placed = landmarks if again is None else again
    crop = align(rgb, placed)
    crop.setflags(write=False)
    box = tuple(round(float(v), 1) for v in row[:4])
    measured = measure is None or again is not None
    upright = measured and bool(row[14] >= sure or stands_upright(rgb, placed))
    return Face(box, float(row[14]), crop, sharpness(crop), upright)  # type: ignore[arg-type]


def _detect(rgb: np.ndarray, side: int) -> np.ndarray:
    """Return YuNet's rows in pixels of ``rgb``, which is searched at this length of its longer side."""
    height, width = rgb.shape[:2]
    ratio = side / max(height, width)
    small = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    if small != (width, height):
        bgr = cv2.resize(bgr, small, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC)
    with _detector() as detector:
        detector.setInputSize(small)
        rows: np.ndarray | None = detector.detect(bgr)[1]
    if rows is None:
        return np.zeros((0, 15), np.float32)
    rows = rows.copy()
    rows[:, :14] = rows[:, :14] / np.float32(ratio)
    return rows


@contextmanager
def _detector(least: float = MIN_CONFIDENCE) -> Iterator[cv2.FaceDetectorYN]:
    """Lend a detector that nobody uses; after an error it is lent to nobody else.

    Args:
        least: confidence of what it finds; one of ``_idle``.
    """
    try:
        detector = _idle[least].pop()
    except IndexError:
        detector = _made(least)
    yield detector
    _idle[least].append(detector)


def _made(least: float) -> cv2.FaceDetectorYN:
    if not DETECTOR.is_file():
        raise WeightsMissing(f"The detector {DETECTOR.name} is not in weights/. Restore it from the repository.")
    with _creation:
        # OpenCV 5 warns that its new engine has no targets, which nobody asked for. Errors still show.
        logging = cv2.utils.logging
        level = logging.setLogLevel(logging.LOG_LEVEL_ERROR)
        try:
            return cv2.FaceDetectorYN.create(str(DETECTOR), "", (320, 320), least)
        finally:
            logging.setLogLevel(level)
