"""Packages that are listed as installed and cannot be loaded are found, and what needs them is not blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.doctor import loading
from mint.doctor.finding import State
from tests.architecture import FILES, Module

ELSEWHERE = {"torch", "onnxruntime", "cv2", "insightface"}  # have checks of their own


def test_every_pinned_package_that_is_imported_is_tried() -> None:
    from mint.doctor.packages import pinned

    called = {"pillow": "PIL", "markdown-it-py": "markdown_it", "opencv-python": "cv2", "scikit-image": "skimage"}
    pins = {called.get(name, name.replace("-", "_")) for name in pinned()}
    imported = {one.name.partition(".")[0] for path in FILES for one in Module(path).imports}
    tried = {module.partition(".")[0] for module in loading.LOADED.values()}
    assert tried == (pins & imported) - ELSEWHERE
    assert loading.LOADED.keys() <= pinned().keys()


def test_what_cannot_be_loaded_is_named_once_and_what_kills_python_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "PIL").mkdir()
    (tmp_path / "PIL" / "__init__.py").write_text("print('of no interest')\nraise ImportError('torn')")
    (tmp_path / "reportlab").mkdir()
    (tmp_path / "reportlab" / "__init__.py").write_text("import PIL")
    (tmp_path / "uvicorn.py").write_text("import os; os._exit(7)")
    monkeypatch.syspath_prepend(str(tmp_path))
    asked = dict.fromkeys(("numpy", "pillow", "reportlab", "uvicorn", "jinja2"), "1")
    found = loading.loading(asked)
    assert found.state is State.BROKEN
    assert found.says == (
        "pillow cannot be loaded (torn), nor for the same reason reportlab; "
        "uvicorn cannot be loaded (it ends Python with exit code 7)"
    )
    assert found.advice.endswith(" pillow uvicorn")
    well = loading.loading({"numpy": "1", "jinja2": "1", "of no concern": "1"})
    assert (well.state, well.says) == (State.OK, "2 packages can be loaded")
