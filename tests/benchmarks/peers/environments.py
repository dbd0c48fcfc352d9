"""One virtual environment a peer, because they cannot share one, and none belongs among what MINT needs to run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Module in this folder to the calls of pip that make its environment. What the packages forget to ask for
# (packaging, pandas) or ask for without need (TensorFlow) is settled here.
RECIPES = {
    "art": (("torch==2.13.0", "adversarial-robustness-toolbox==1.20.1", "packaging==26.3", "pandas==3.1.1"),),
    "privacyguard": (("torch==2.13.0", "privacyguard-platform==0.0.2"),),
    "tf_privacy": (
        (
            "numpy==1.26.4",
            "scikit-learn==1.4.2",
            "pandas==1.5.3",
            "scipy==1.12.0",
            "statsmodels==0.14.0",
            "immutabledict==2.2.5",
            "absl-py==2.5.1",
        ),
        ("--no-deps", "tensorflow-empirical-privacy==0.1.0"),
    ),
}


def python_of(peer: str, folder: Path) -> Path:
    """The interpreter of a peer's environment, made first if it is missing or of another recipe."""
    home = folder / peer
    recipe = "\n".join(" ".join(call) for call in RECIPES[peer])
    made = home / "recipe.txt"
    if not made.is_file() or made.read_text(encoding="utf-8") != recipe:
        print(f"making {home}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        for call in RECIPES[peer]:
            subprocess.run([home / "bin" / "pip", "install", "--quiet", *call], check=True)
        made.write_text(recipe, encoding="utf-8")
    return home / "bin" / "python"
