#!/usr/bin/env bash
# mxnet 1.9.1: recordio.pack ignores the flag that the caller sets.
#
# IRHeader(flag, label, id, id2) has a field "flag", and sets of faces in RecordIO (MS1M, Glint360K as InsightFace ships
# them) mark their table of contents by flag = 2. But pack() writes the number of labels there, or 0 for a single number,
# whatever flag was given. So a photo that is packed with two labels (class and "is aligned") carries the same flag = 2
# as a table entry, and a reader that skips records by their flag loses every photo of such a set. What tells them
# apart is that the table's records hold no picture.
#
# Seen with mxnet 1.9.1 and numpy 1.23.5 (mxnet no longer imports beside a newer numpy) on Python 3.11, Linux x86-64:
#   given flag 0, two labels: read back flag 2
#   given flag 2, one label: read back flag 0
#   given flag 9, three labels: read back flag 3
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mxnet==1.9.1 numpy==1.23.5
cd "$work"
"$work/venv/bin/python" - <<'PY'
import mxnet as mx

assert mx.__version__ == "1.9.1", mx.__version__
GIVEN = [(0, [7.0, 1.0], 2), (2, 7.0, 0), (9, [1.0, 2.0, 3.0], 3)]
for flag, label, wanted in GIVEN:
    record = mx.recordio.pack(mx.recordio.IRHeader(flag, label, 5, 0), b"\xff\xd8 a photo")
    header, photo = mx.recordio.unpack(record)
    count = len(label) if isinstance(label, list) else 1
    print(f"given flag {flag}, {count} label(s): read back flag {header.flag}")
    assert header.flag == wanted, "the behaviour has changed"
    assert photo == b"\xff\xd8 a photo"
PY
