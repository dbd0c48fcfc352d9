"""Devices are asked for real; memory and disk are compared with what audits need."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest
import torch

from mint.doctor import machine
from mint.doctor.finding import State
from mint.errors import DeviceMissing
from mint.networks.onnx import session
from mint.networks.onnx.file import probe
from mint.networks.onnx.session import providers
from mint.networks.torch_network import torch_device

no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
Usage = namedtuple("Usage", "total used free")


@no_cuda
def test_without_a_gpu_the_processor_is_used_and_cuda_is_refused_in_words() -> None:
    assert torch_device("cpu") == torch_device("auto") == "cpu"
    assert probe("cpu") == probe("auto") == "cpu"
    with pytest.raises(DeviceMissing, match="cannot use CUDA"):
        torch_device("cuda")
    with pytest.raises(DeviceMissing):
        probe("cuda")
    for ask in (torch_device, probe, providers):
        with pytest.raises(ValueError, match="cpu, cuda or auto"):
            ask("tpu")


@no_cuda
def test_a_runtime_that_only_claims_cuda_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # onnxruntime-gpu without a driver lists CUDA as available and quietly takes the processor.
    monkeypatch.setattr(session.ort, "get_available_providers", lambda: [session.CUDA, session.CPU])
    monkeypatch.setattr(session, "_load_cuda", lambda: None)
    real = session.ort.InferenceSession

    def falls_back(model: bytes, options: object, providers: list[str], enable_fallback: int) -> object:
        assert (providers, enable_fallback) == ([session.CUDA, session.CPU], 1)
        return real(model, options, providers=[session.CPU])

    monkeypatch.setattr(session.ort, "InferenceSession", falls_back)
    assert probe("auto") == "cpu"
    with pytest.raises(DeviceMissing, match="fell back to the processor"):
        probe("cuda")


@no_cuda
@pytest.mark.parametrize("driver", [True, False])
def test_a_driver_that_nothing_uses_is_noted(driver: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "version"
    monkeypatch.setattr(machine, "NVIDIA", path)
    if driver:
        path.write_text("NVRM version")
    for found in (machine.torch_device(), machine.runtime_device()):
        assert found.state is (State.NOTE if driver else State.OK)
        assert bool(found.advice) == driver
        assert "on the processor" in found.says


def test_memory_is_what_the_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "meminfo"
    table.write_text("MemTotal:       24000000 kB\nMemFree:  1 kB\nMemAvailable:    1048576 kB\n")
    assert machine.free_memory(table) == 2**30
    assert machine.free_memory(tmp_path / "none") is None
    for free, state in ((2**30, State.NOTE), (8 * 2**30, State.OK), (None, State.OK)):
        monkeypatch.setattr(machine, "free_memory", lambda free=free: free)
        assert machine.memory().state is state


@pytest.mark.parametrize(("free", "state"), [(10**11, State.OK), (10**9, State.NOTE), (10**7, State.BROKEN)])
def test_room_on_the_disk(free: int, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: Usage(10**12, 0, free))
    found = machine.disk(tmp_path / "not" / "there" / "yet")
    assert found.state is state
    assert ("Make room" in found.advice) == (state is not State.OK)
