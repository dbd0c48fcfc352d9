#!/usr/bin/env bash
# Hugging Face datasets: faces that a function paints out are all still there in the set that it returns.
#
# A folder of photos is loaded, and .map() runs a function over it that hides the faces: it draws on the picture, pastes a
# blurred patch, or makes it smaller with thumbnail(). Pillow changes such a picture in place, and it still knows the file
# that it was read from. When the function's answer is stored, datasets keeps only that file's name, not the pixels. What
# comes back, and what save_to_disk() writes out for others, is the photo as it was. The same function over the same photos
# held as bytes does what it says, since those have no file; so does a function that works on image.copy(). No warning.
#
# Seen with datasets 5.2.0, pillow 12.3.0 and numpy 2.4.6; six made pictures of two people, grey, a black square drawn on:
#   from a folder, ImageDraw: 0 of 6 hidden, 0 of 6 written out
#   from a folder, paste: 0 of 6 hidden, 0 of 6 written out
#   from a folder, thumbnail: 0 of 6 smaller
#   from a folder, a copy: 6 of 6 hidden, 6 of 6 written out
#   held as bytes, ImageDraw: 6 of 6 hidden, 6 of 6 written out
#   from_dict with a picture that was opened and drawn on: 0 of 1 hidden
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pillow==12.3.0 numpy==2.4.6
cd "$work"
export HF_HOME="$work/cache" HF_HUB_OFFLINE=1
"$work/venv/bin/python" - <<'PY'
from pathlib import Path

import datasets
import numpy as np
from PIL import Image, ImageDraw

datasets.disable_progress_bars()
assert datasets.__version__ == "5.2.0", datasets.__version__
FACE = (16, 16, 47, 47)
for person in ("ana_ruiz", "li_wei"):
    Path("people", person).mkdir(parents=True)
    for number, kind in enumerate(("png", "jpg", "webp")):
        Image.new("RGB", (64, 64), (200, 200, 200)).save(f"people/{person}/{number}.{kind}")


def draw(row):
    ImageDraw.Draw(row["image"]).rectangle(FACE, fill=0)
    return row


def paste(row):
    row["image"].paste(0, FACE)
    return row


def thumbnail(row):
    row["image"].thumbnail((32, 32))
    return row


def draw_on_a_copy(row):
    return draw({"image": row["image"].copy()})


def hidden(rows):
    """Return how many pictures are black where the face was, having seen that the corners are grey."""
    pictures = [np.asarray(row["image"].convert("RGB")).astype(int) for row in rows]
    assert all(abs(picture[2, 2] - 200).max() < 9 for picture in pictures)
    return sum(int(picture[32, 32].max() < 60) for picture in pictures)


def written(rows, folder):
    """Return the set as somebody else reads it, who has not got the folder of photos."""
    rows.save_to_disk(folder)
    Path("people").rename("elsewhere")
    read = datasets.load_from_disk(folder)
    pictures = [{"image": row["image"].copy()} for row in read]
    Path("elsewhere").rename("people")
    return pictures


def told(name, rows, wanted):
    counts = hidden(rows), hidden(written(rows, name.replace(" ", "_")))
    print(f"{name}: {counts[0]} of {len(rows)} hidden, {counts[1]} of {len(rows)} written out")
    assert counts == (wanted, wanted) and len(rows) == 6, "the behaviour has changed"


folder = datasets.load_dataset("imagefolder", data_dir="people", split="train")
told("from a folder, ImageDraw", folder.map(draw), 0)
told("from a folder, paste", folder.map(paste), 0)
smaller = sum(row["image"].size == (32, 32) for row in folder.map(thumbnail))
print(f"from a folder, thumbnail: {smaller} of {len(folder)} smaller")
assert smaller == 0, "the behaviour has changed"
told("from a folder, a copy", folder.map(draw_on_a_copy, remove_columns="label"), 6)
photos = [{"bytes": file.read_bytes(), "path": None} for file in sorted(Path("people").glob("*/*"))]
held = datasets.Dataset.from_dict({"image": photos}, features=datasets.Features(image=datasets.Image()))
told("held as bytes, ImageDraw", held.map(draw), 6)
one = draw({"image": Image.open("people/ana_ruiz/0.png")})
assert hidden([one]) == 1
kept = datasets.Dataset.from_dict({"image": [one["image"]]}, features=datasets.Features(image=datasets.Image()))
print(f"from_dict with a picture that was opened and drawn on: {hidden(kept)} of 1 hidden")
assert hidden(kept) == 0, "the behaviour has changed"
PY
