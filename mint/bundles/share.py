"""Push bundles to the Hub and pull them, checking every file and licence.

A repository holds what ``bundle.json`` lists, ``bundle.json`` itself, the model card as README.md with its plots, and a
LICENSE. What is read back is only what ``bundle.json`` lists, with the bytes and sha256 that it promises.
"""

from __future__ import annotations

import glob
import re
import shutil
import tempfile
from pathlib import Path

from safetensors import SafetensorError, safe_open

from mint.bundles.bundle import BLIND
from mint.bundles.files import EVALUATION, NETWORK, SCORES
from mint.errors import BundleMismatch, NotShared, WeightsCorrupt, WeightsMissing, brief
from mint.networks.catalog import CATALOG, Entry
from mint.storage.bundle_index import INDEX, BundleIndex, FileEntry, read_index
from mint.storage.files import LOCKS, read_json, sha256_of, writing
from mint.storage.licences import FREE

CARD, LICENSE = "README.md", "LICENSE"


def _index(folder: Path) -> BundleIndex:
    """Read an untrusted ``bundle.json``.

    Raises:
        WeightsCorrupt: it is not one, or it lists anything but plain files of JSON and safetensors, and a graph.
        BundleMismatch: another format.
    """
    path = folder / INDEX
    try:
        return read_index(path, folder.name)
    except (OSError, ValueError) as error:
        raise WeightsCorrupt(
            f"{path} is not the list of a bundle's files ({brief(error)}). Nothing of it was used: get the whole folder "
            "again."
        ) from error


def _hashes(index: BundleIndex) -> set[str]:
    return {entry.sha256 for entry in index.files.values()}


def _entry(index: BundleIndex) -> Entry | None:
    """Return the catalog's entry of the audited network, by fingerprint or name, or None."""
    named = {value for value in index.network.stored.values() if isinstance(value, str)}
    return next((e for e in CATALOG.values() if named & {e.name, *(f.sha256 for f in e.files)}), None)


def _holds_network(index: BundleIndex) -> bool:
    """Return whether the bundle holds the audited network's weights."""
    return NETWORK in index.files or index.network.fingerprint in _hashes(index)


def push(folder: Path, repository: str, private: bool = False) -> str:
    """Upload a bundle with its card and licence, in one commit.

    Args:
        folder: the bundle; its card is ``README.md`` in it or ``../cards/NAME.md``.
        repository: ``owner/name``, made if there is none.
        private: whether only its owner may see it.

    Returns:
        The commit's address.

    Raises:
        WeightsMissing, WeightsCorrupt: the bundle is not whole.
        NotShared: no control results, no card, no licence, or weights that must not be passed on.
        HubUnreachable, HubRefused: as ``mint.storage.hub.upload``.
    """
    from mint.storage.hub import upload

    return upload(contents(folder), repository, private, f"MINT bundle {folder.resolve().name}")


def contents(folder: Path) -> dict[str, Path | bytes]:
    """Return what ``push`` uploads: path in the repository to file. Raises as ``push``."""
    if not (folder / INDEX).is_file():
        raise WeightsMissing(f"There is no bundle in {folder}. Bundles are folders with a {INDEX}.")
    index = _index(folder)
    for name, entry in index.files.items():
        _check(folder / name, entry)
    _may_leave(index)
    _has_controls(index, folder)
    card = _card(folder)
    plots = {link: card.parent / link for link in re.findall(r"\]\((plots/[\w./-]+)\)", card.read_text("utf-8"))}
    missing = [link for link, path in plots.items() if ".." in link or not path.is_file()]
    if missing:
        raise NotShared(f"{card} shows {missing[0]}, which is not there. Render both again: mint lab cards.")
    listed = {name: folder / name for name in (INDEX, *index.files)}
    return {**listed, CARD: card, **plots, LICENSE: _licence(index).encode()}


def pull(repository: str, revision: str | None = None, out: Path | None = None, replace: bool = False) -> Path:
    """Download a bundle, check every file, and move the whole folder into place at once.

    Args:
        repository: ``owner/name``.
        revision: commit, branch or tag; the newest if None.
        out: the new folder; ``NAME`` in the current one if None.
        replace: whether another bundle there may be replaced.

    Returns:
        The folder. Whenever the process is killed, it is the old one, or not there.

    Raises:
        NotShared: ``out`` is there, and is another bundle or something else.
        WeightsCorrupt: a file is not the promised one.
        HubUnreachable, HubRefused, CannotWrite: as ``mint.storage.hub.fetch``.
    """
    out = (out or Path(repository.rpartition("/")[2])).absolute()
    old = out.with_name(f".{out.name}.old")
    if old.is_dir():
        with writing(out.parent):
            _restore(out, old)
    source = snapshot(repository, revision)
    with writing(out.parent):
        _restore(out, old)
        if out.exists() and not (out / INDEX).is_file():
            raise NotShared(f"{out} is there and holds no bundle. Choose another place with --out.")
        if out.exists() and not _same(source, out) and not replace:
            raise NotShared(f"{out} holds another bundle. Choose another place with --out, or say --replace.")
        for left in (old, *out.parent.glob(f".{glob.escape(out.name)}.*.part")) if LOCKS else ():
            shutil.rmtree(left, ignore_errors=True)  # of a pull that was killed: no other is at it now
        if not out.exists() or not _same(source, out):
            _put(source, out, old)
    return out


def _put(source: Path, out: Path, old: Path) -> None:
    """Copy a bundle beside its target, check the copy, and move it into place."""
    part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    try:
        part.chmod(0o755)  # private until now
        for name in (INDEX, *_index(source).files):
            shutil.copyfile(source / name, part / name)
        for name, entry in _index(part).files.items():
            _check(part / name, entry)
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)
            out.rename(old)
        part.rename(out)
    finally:
        _restore(out, old)
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _restore(out: Path, old: Path) -> None:
    """Restore the old folder if a pull was killed between its two renames."""
    if old.is_dir() and not out.exists():
        old.rename(out)


def snapshot(repository: str, revision: str | None = None) -> Path:
    """Return a checked bundle in the Hub's cache, ready for ``load_bundle``. Raises as ``pull``."""
    from mint.storage.hub import Promise, commit_of, fetch

    commit = commit_of(repository, revision)
    path = fetch(repository, INDEX, commit)
    try:
        for name, entry in _index(path.parent).files.items():
            fetch(repository, name, commit, Promise(entry.sha256, entry.bytes))
    except (BundleMismatch, WeightsCorrupt):
        path.resolve().unlink(missing_ok=True)  # nobody promised its bytes: it may be the wrong one, so ask anew
        raise
    return path.parent


def _may_leave(index: BundleIndex) -> None:
    """Refuse weights whose licence forbids sharing, whatever the bundle calls them."""
    kept = {file.sha256: entry for entry in CATALOG.values() if not entry.licence.shares for file in entry.files}
    inside = next((kept[sha] for sha in sorted(_hashes(index)) if sha in kept), None)
    named = _entry(index)
    if inside is None and _holds_network(index) and named is not None and not named.licence.shares:
        inside = named
    if inside is not None:
        raise NotShared(
            f"{index.name} holds weights of {inside.name}, which come under {inside.licence.name}: "
            f"{inside.licence.summary} A bundle of such a network must only name it."
        )
    if not index.licence:
        raise NotShared(f"{index.name} states no licence. Say in facts under which one others may use it.")
    if _holds_network(index) and index.licence not in FREE:
        raise NotShared(
            f"{index.name} holds the weights of its network under {index.licence!r}, which is not known to let anybody "
            f"pass them on. Known are {', '.join(sorted(FREE))}."
        )


def _has_controls(index: BundleIndex, folder: Path) -> None:
    """Refuse a bundle without control results: it may only tell two databases apart."""
    there = set()
    if SCORES in index.files:
        try:
            with safe_open(folder / SCORES, "numpy") as scores:
                there = {key.partition("|")[0] for key in scores.keys()}  # noqa: SIM118
        except SafetensorError as error:
            raise WeightsCorrupt(f"{SCORES} of {index.name} cannot be read: {error}") from error
    try:
        said = read_json(folder / EVALUATION) if EVALUATION in index.files else {}
        reported = said.get("sample", {}).get("controls") or {}
    except (AttributeError, OSError, ValueError) as error:
        raise WeightsCorrupt(f"{EVALUATION} of {index.name} cannot be read: {brief(error)}. Evaluate again.") from error
    missing = [name for name in BLIND if name not in there or not reported.get(name)]
    if missing:
        raise NotShared(
            f"{index.name} has no results of the control {' and '.join(missing)}, so nobody could judge its figures. "
            "Make them (mint lab train, mint lab evaluate), then push."
        )


def _card(folder: Path) -> Path:
    name = folder.resolve().name
    for path in (folder / CARD, folder.resolve().parent / "cards" / f"{name}.md"):
        if path.is_file():
            if not path.read_text("utf-8").startswith("---\n"):
                raise NotShared(f"{path} does not begin as the Hub's model cards do. Render it: mint lab cards.")
            return path
    raise NotShared(
        f"{name} has no model card: neither {folder / CARD} nor ../cards/{name}.md. Render it: mint lab cards."
    )


def _licence(index: BundleIndex) -> str:
    """Return the text of LICENSE: what the repository holds, and what it only names."""
    lines = [f"{index.name}: every file of this repository comes under {index.licence}."]
    if index.licence in FREE:
        lines.append(f"https://spdx.org/licenses/{index.licence}.html")
    if not _holds_network(index):
        lines.append("\nThe audited network is not part of it; bundle.json names its sha256.")
        if (named := _entry(index)) is not None:
            lines.append(f"Its weights ({named.name}) come under {named.licence.text}")
    return "\n".join(lines) + "\n"


def _check(path: Path, entry: FileEntry) -> None:
    if not path.is_file():
        raise WeightsMissing(f"{path} is missing. Restore the whole folder.")
    if path.stat().st_size != entry.bytes or sha256_of(path) != entry.sha256:
        raise WeightsCorrupt(f"{path} is damaged: its sha256 is not the one in {INDEX}. Restore the whole folder.")


def _same(source: Path, out: Path) -> bool:
    """Return whether the same bundle is there already, complete."""
    files = _index(source).files
    return sha256_of(source / INDEX) == sha256_of(out / INDEX) and all(
        (out / name).is_file() and sha256_of(out / name) == entry.sha256 for name, entry in files.items()
    )
