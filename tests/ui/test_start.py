"""The real process: what it asks the network for while it starts, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPY = """
import socket, sys
known = ("127.0.0.1", "localhost", "::1", "0.0.0.0", None, "")
def told(address): print("REACHED", address, file=sys.stderr, flush=True)
connect, look_up = socket.socket.connect, socket.getaddrinfo
def spy(self, address):
    if isinstance(address, tuple) and address[0] not in known: told(address)
    return connect(self, address)
def spy_up(host, *a, **k):
    if host not in known: told(host)
    return look_up(host, *a, **k)
socket.socket.connect, socket.getaddrinfo = spy, spy_up
from pathlib import Path
from mint.ui import serve
from mint.ui.loading import Loading
from tests.ui.fakes import FakeTest
serve.serve(Loading(FakeTest), Path(sys.argv[1]))
"""


def multipart(name: str, data: bytes) -> tuple[bytes, str]:
    head = (
        f'--cut\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    )
    return head.encode() + data + b"\r\n--cut--\r\n", "multipart/form-data; boundary=cut"


@pytest.mark.full
def test_a_start_reaches_nobody_and_a_stop_leaves_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", SPY, str(tmp_path)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            assert found, "by default nobody but this machine is served"
            body, kind = multipart("face.png", b"a face")
            request = urllib.request.Request(found.group() + "gradio_api/upload", body, {"Content-Type": kind})
            with urllib.request.urlopen(request, timeout=30) as reply:
                upload = Path(re.findall(r'"(.*?)"', reply.read().decode())[0])
            assert upload.read_bytes() == b"a face"
            for closed in ("monitoring", "gradio_api/runs"):
                with pytest.raises(urllib.error.HTTPError):
                    urllib.request.urlopen(found.group() + closed, timeout=30)
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert "REACHED" not in errors
    assert "Traceback" not in errors
    assert not upload.exists()
    assert not next(p for p in upload.parents if p.name.startswith("run-")).exists()
