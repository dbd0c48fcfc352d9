#!/usr/bin/env bash
# safetensors 0.8.0 and scikit-learn: directions learnt by PCA come back from the file as other numbers in the same shape.
#
# safetensors.numpy writes the memory behind an array and its shape, as if rows always followed each other. scikit-learn's
# PCA gives its components_, and LogisticRegression the coef_ of three classes or more, column by column (Fortran order),
# which numpy hides: they print, compare and multiply as any array. Read back, rows and columns are mixed: shape, type, mean
# and norm of the whole are right, and the embeddings that are projected with it say nothing. No error, no warning; 0.7.0
# wrote them right, and safetensors.torch refuses such tensors. An auditor that ships as safetensors is a guess then, while
# the one in memory, on which its figures were measured, was not. np.ascontiguousarray before saving helps.
#
# Seen with safetensors 0.8.0, scikit-learn 1.9.1 and numpy 2.4.6; 2000 random embeddings of 64 numbers in three groups:
#   PCA components_: shape (32, 64), norm 5.6569 before and 5.6569 after; 0.1% of its numbers are where they were
#   LogisticRegression coef_: shape (3, 64), norm 4.9027 before and 4.9027 after; 1.0% of its numbers are where they were
#   mean cosine of a projected embedding before and after: 0.037
#   the group of three is told right: 1.000 before, 0.580 after
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 scikit-learn==1.9.1 \
  numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load, save
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

assert version("safetensors") == "0.8.0" and version("scikit-learn") == "1.9.1"
rng = np.random.default_rng(0)
group = rng.integers(0, 3, 2000)
embeddings = rng.normal(size=(2000, 64)).astype(np.float32)
embeddings[:, :3] += 4 * np.eye(3, dtype=np.float32)[group]
pca = PCA(32, svd_solver="full").fit(embeddings)
classifier = LogisticRegression().fit(embeddings, group)


def back(array):
    """Return the array as it comes back from safetensors."""
    return load(save({"array": array}))["array"]


def told(name, array):
    read = back(array)
    norms = [np.linalg.norm(a) for a in (array, read)]
    print(f"{name}: shape {read.shape}, norm {norms[0]:.4f} before and {norms[1]:.4f} after;", end=" ")
    print(f"{np.mean(read == array):.1%} of its numbers are where they were")
    assert read.shape == array.shape and np.isclose(*norms)
    assert array.flags.f_contiguous and not np.allclose(read, array), "the behaviour has changed"
    assert np.array_equal(back(np.ascontiguousarray(array)), array), "a copy in rows no longer helps"
    return read


components = told("PCA components_", pca.components_)
coefficients = told("LogisticRegression coef_", classifier.coef_)
centred = embeddings - pca.mean_
before, after = centred @ pca.components_.T, centred @ components.T
cosine = np.mean((before * after).sum(1) / np.linalg.norm(before, axis=1) / np.linalg.norm(after, axis=1))
print(f"mean cosine of a projected embedding before and after: {cosine:.3f}")
right = [np.mean((embeddings @ c.T + classifier.intercept_).argmax(1) == group) for c in (classifier.coef_, coefficients)]
print(f"the group of three is told right: {right[0]:.3f} before, {right[1]:.3f} after")
assert abs(cosine) < 0.3 and right[0] > 0.9 and right[1] < 0.7, "the behaviour has changed"
PY
