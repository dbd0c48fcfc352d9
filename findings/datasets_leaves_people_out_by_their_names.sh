#!/usr/bin/env bash
# Hugging Face datasets: a person named Dev, Val or Eval makes a folder of people lose everybody else.
#
# load_dataset("imagefolder", data_dir=...) over one folder a person looks for the words train, dev, val, valid, test and
# eval, also as one part of a longer name ("dev_moss", "mira.dev"). If one folder matches, the folder of people is taken
# for a set with splits: that person becomes the whole validation or test split, the others are in no split, and the
# column of labels is missing when one person is left. There is no error and no warning. With a capital letter
# ("Dev_Moss") nothing matches, and neither does "devin_moss". data_files="folder/**" instead of data_dir keeps everybody.
#
# Seen with datasets 5.2.0 and pillow 12.3.0, three photos a person (all names are made up):
#   ana_ruiz, li_wei, devin_moss: {'train': (9, ['image', 'label'])}
#   ana_ruiz, li_wei, dev_moss: {'validation': (3, ['image'])}
#   ana_ruiz, li_wei, Dev_Moss: {'train': (9, ['image', 'label'])}
#   ana_ruiz, li_wei, mira.dev: {'validation': (3, ['image'])}
#   ana_ruiz, li_wei, val_moreno, val_kim: {'validation': (6, ['image', 'label'])}
#   ana_ruiz, li_wei, eval_lindqvist: {'test': (3, ['image'])}
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pillow==12.3.0
cd "$work"
export HF_HOME="$work/cache" HF_HUB_OFFLINE=1
"$work/venv/bin/python" - <<'PY'
from pathlib import Path

import datasets
from PIL import Image

datasets.disable_progress_bars()
assert datasets.__version__ == "5.2.0", datasets.__version__
EVERYBODY, ONE = ["image", "label"], ["image"]
FOLDERS = [
    (["ana_ruiz", "li_wei", "devin_moss"], {"train": (9, EVERYBODY)}),
    (["ana_ruiz", "li_wei", "dev_moss"], {"validation": (3, ONE)}),
    (["ana_ruiz", "li_wei", "Dev_Moss"], {"train": (9, EVERYBODY)}),
    (["ana_ruiz", "li_wei", "mira.dev"], {"validation": (3, ONE)}),
    (["ana_ruiz", "li_wei", "val_moreno", "val_kim"], {"validation": (6, EVERYBODY)}),
    (["ana_ruiz", "li_wei", "eval_lindqvist"], {"test": (3, ONE)}),
]
for number, (people, wanted) in enumerate(FOLDERS):
    root = Path(f"people{number}")
    for person in people:
        (root / person).mkdir(parents=True)
        for photo in range(3):
            Image.new("RGB", (8, 8), (number, photo, 99)).save(root / person / f"{photo:04d}.png")
    loaded = datasets.load_dataset("imagefolder", data_dir=str(root))
    found = {split: (len(rows), list(rows.features)) for split, rows in loaded.items()}
    print(f"{', '.join(people)}: {found}")
    assert found == wanted, "the behaviour has changed"
    whole = datasets.load_dataset("imagefolder", data_files=f"{root}/**", drop_labels=False)
    assert whole.num_rows == {"train": 3 * len(people)}, "data_files no longer keeps everybody"
PY
