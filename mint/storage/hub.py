"""The Hub: files by revision and sha256, atomic uploads, clear errors without a network.

Nothing else asks the Hub. The cache of huggingface_hub is read and filled, so that other tools share what MINT fetched and
``HF_HOME``, ``HF_HUB_CACHE``, ``HF_ENDPOINT``, ``HF_HUB_OFFLINE`` and ``HF_TOKEN`` mean what they mean elsewhere. Three
things are done here that the library (2.4.0) does not: a half download is kept and goes on after a restart, its bytes
are compared with a sha256 before they get their name in the cache, and a Hub that falls silent is given up. Nothing
here runs at import, and only what the user asked for is asked of the Hub.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import (
    CommitOperationAdd,
    HfApi,
    HfFileMetadata,
    constants,
    get_hf_file_metadata,
    get_session,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # lazy there

from mint import __version__
from mint.errors import CannotWrite, HubRefused, HubUnreachable, WeightsCorrupt, brief
from mint.storage.connect import reach
from mint.storage.files import locked, sha256_of, write_bytes

if TYPE_CHECKING:
    from typing_extensions import Buffer

COMMIT = re.compile(r"[0-9a-f]{40}")
SILENCE = 60.0  # seconds until a Hub that says nothing is given up where the library would wait for ever: uploads
UNLISTED = 16 * 2**20  # bytes: the most that is fetched where no sha256 was promised, such as a bundle's list of files


@dataclass(frozen=True, slots=True)
class Promise:
    """What a downloaded file must match.

    Attributes:
        sha256: of its bytes, or "" where only the revision pins it.
        bytes: its length, or None if unknown.
    """

    sha256: str = ""
    bytes: int | None = None


def cached(repository: str, file: str, revision: str | None = None, sha256: str = "") -> Path | None:
    """Return the cached file if its bytes match. Never asks the network."""
    found = try_to_load_from_cache(repository, file, revision=revision, cache_dir=constants.HF_HUB_CACHE)
    path = Path(found) if isinstance(found, str) else None
    if path is None or not path.is_file() or (sha256 and sha256_of(path) != sha256):
        return None
    return path


def fetch(repository: str, file: str, revision: str | None, promise: Promise = Promise()) -> Path:
    """Return a file of a model repository: from the cache, else from the Hub.

    Args:
        repository: ``owner/name``.
        file: path inside it.
        revision: commit (40 hexadecimal digits), branch or tag; None is the newest.
        promise: checked before the file gets its name in the cache.

    Returns:
        Its place in the cache.

    Raises:
        HubUnreachable: no network (within a second), or the connection broke off; what came is kept.
        HubRefused: no such repository, revision or file, or no right to it.
        WeightsCorrupt: other bytes than promised; they are removed.
        CannotWrite: the disk is full or the cache read-only.
    """
    what = f"{file} of {repository}"
    with _clear_answers(what):
        found = cached(repository, file, revision, promise.sha256)
        if found is not None and (promise.sha256 or (revision is not None and COMMIT.fullmatch(revision))):
            return found
        ask()
        url = hf_hub_url(repository, file, revision=revision, endpoint=endpoint())
        headers = build_hf_headers(library_name="mint", library_version=__version__)
        facts = get_hf_file_metadata(url, timeout=constants.HF_HUB_ETAG_TIMEOUT, headers=headers, endpoint=endpoint())
        etag = _believable(facts, revision, promise, what)
        if not promise.sha256 and re.fullmatch(r"[0-9a-f]{64}", etag):
            promise = replace(promise, sha256=etag)
        if _origin(facts.location) != _origin(url):
            headers.pop("authorization", None)  # stored elsewhere: the token is the Hub's business only
        folder = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repository, repo_type="model")
        (folder / "blobs").mkdir(parents=True, exist_ok=True)
        locks = Path(constants.HF_HUB_CACHE) / ".locks" / folder.name
        locks.mkdir(parents=True, exist_ok=True)
        with locked(locks / f"{etag}.mint.lock"):  # two processes: the second finds the file there
            blob = folder / "blobs" / etag
            if blob.is_file() and promise.sha256 and sha256_of(blob) != promise.sha256:
                blob.unlink()
            if not blob.is_file():
                _download(facts, headers, blob, promise, what)
            # Gives the blob its name in the cache, and remembers which commit a branch named.
            path = Path(hf_hub_download(repository, file, revision=revision, endpoint=endpoint()))
    if promise.sha256 and sha256_of(path) != promise.sha256:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise WeightsCorrupt(f"{what} in the cache changed while it was fetched. It was removed; try again.")
    return path


def commit_of(repository: str, revision: str | None = None) -> str:
    """Return the commit of a branch or tag; without a network, the one last fetched.

    Raises: as ``fetch``.
    """
    if revision is not None and COMMIT.fullmatch(revision):
        return revision
    with _clear_answers(repository):
        folder = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repository, repo_type="model")
        ref = folder / "refs" / (revision or "main")
        try:
            ask()
            api, seconds = HfApi(endpoint=endpoint()), constants.HF_HUB_DOWNLOAD_TIMEOUT
            sha = api.model_info(repository, revision=revision, timeout=seconds).sha or ""
        except (HubUnreachable, httpx2.TransportError):
            if not ref.is_file():
                raise
            return ref.read_text().strip()
    if not COMMIT.fullmatch(sha):
        raise HubRefused(f"{repository} has no commit {revision or 'yet'}: the Hub answered {sha!r}.")
    with suppress(CannotWrite):  # a cache that is read-only cannot remember
        write_bytes(ref, sha.encode())
    return sha


def upload(files: Mapping[str, Path | bytes], repository: str, private: bool, message: str) -> str:
    """Upload files to a model repository in one commit; make the repository if needed.

    Returns:
        The commit's address.

    Raises:
        HubUnreachable: no network.
        HubRefused: not logged in, no right to write there, or a public repository where a private one was asked for.
    """
    with _clear_answers(repository):
        ask()
        api = HfApi(endpoint=endpoint(), library_name="mint", library_version=__version__)
        api.create_repo(repository, private=private or None, exist_ok=True)
        if private and not api.model_info(repository).private:
            raise HubRefused(f"{repository} is there and public. Nothing was uploaded; choose another name.")
        added = [CommitOperationAdd(name, value) for name, value in files.items()]
        try:
            return str(api.create_commit(repository, added, commit_message=message).commit_url)
        except (RuntimeError, ValueError) as error:  # how the library tells that storing one file failed
            if isinstance(error, HfHubHTTPError | json.JSONDecodeError):
                raise
            raise HubRefused(f"{repository}: {error} Nothing was committed; try again.") from error


def cache_folder() -> Path:
    """Return the folder of the Hub's cache; it may not exist yet."""
    return Path(constants.HF_HUB_CACHE)


def offline() -> bool:
    """Return whether ``HF_HUB_OFFLINE`` is set."""
    return bool(constants.is_offline_mode())


def endpoint() -> str:
    """Return the Hub's address: ``HF_ENDPOINT`` if it is set."""
    return os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")


def ask() -> None:
    """Check within a second that the Hub can be reached; the library retries for 24 s.

    Raises:
        HubUnreachable: it cannot, or ``HF_HUB_OFFLINE`` is set.
    """
    if constants.is_offline_mode():
        raise HubUnreachable("Offline mode is on (HF_HUB_OFFLINE).")
    reach(endpoint())
    session = get_session()
    session.timeout = SILENCE
    hooks = session.event_hooks["response"]
    if _wait_no_longer not in hooks:
        hooks.append(_wait_no_longer)


def _wait_no_longer(response: httpx2.Response) -> None:
    """Ignore long ``Retry-After`` headers, which the library would sleep for."""
    for name in ("retry-after", "ratelimit"):
        if re.search(r"\d{3}", response.headers.get(name, "")):
            del response.headers[name]


def _believable(facts: HfFileMetadata, revision: str | None, promise: Promise, what: str) -> str:
    """Check the announced size and etag before fetching; return the etag.

    The etag of a large file is its sha256.
    """
    commit, etag = facts.commit_hash or "", facts.etag or ""
    if not COMMIT.fullmatch(commit) or not re.fullmatch(r"[0-9A-Za-z_-]{8,128}", etag):
        raise HubRefused(f"The answer about {what} is not one of a Hub. Is HF_ENDPOINT right, or a proxy in the way?")
    if revision is not None and COMMIT.fullmatch(revision) and commit != revision:
        raise WeightsCorrupt(f"The Hub offers {what} from commit {commit}, not from {revision}. Nothing was fetched.")
    size = promise.bytes if promise.bytes is not None else facts.size
    wrong = promise.sha256 and len(etag) == 64 and etag != promise.sha256
    if wrong or (facts.size is not None and facts.size != size):
        raise WeightsCorrupt(f"The Hub offers {what} with other bytes than promised. Nothing was fetched.")
    if not promise.sha256 and (size is None or size > UNLISTED):
        raise WeightsCorrupt(f"{what} has {size} bytes and no sha256 to check them against. Nothing was fetched.")
    return etag


def _download(facts: HfFileMetadata, headers: dict[str, str], blob: Path, promise: Promise, what: str) -> None:
    """Fetch into a temporary file, resuming an earlier try; compare, then rename."""
    part = blob.with_name(f"{blob.name}.mint.incomplete")
    had = part.stat().st_size if part.is_file() else 0
    size = promise.bytes if promise.bytes is not None else facts.size
    if had and (not promise.sha256 or (size is not None and had > size)):  # a bad half would go unnoticed
        part.unlink()
        had = 0
    free = shutil.disk_usage(blob.parent).free
    if size is not None and free < size - had:
        raise CannotWrite(
            f"{what} needs {(size - had) / 1e6:.0f} MB, but {blob.parent} has {free / 1e6:.0f} MB left. "
            "Make room, or set HF_HOME to a folder on another disk."
        )
    try:
        with _Capped(io.FileIO(part, "ab"), UNLISTED if size is None else size) as file:
            http_get(
                facts.location, file, resume_size=had, headers=headers, expected_size=size, displayed_filename=what
            )
    except OSError as error:
        if error.errno is None:  # a whole answer of another length: a proxy's page, and no half of the file
            part.unlink()
        raise
    if promise.sha256 and sha256_of(part) != promise.sha256:
        part.unlink()
        if had:  # the half that lay here may have been the bad one
            return _download(facts, headers, blob, promise, what)
        raise WeightsCorrupt(
            f"{what} came with another sha256 than promised and was removed. Somebody changed it, here or on the way. "
            "Do not use it; try again later, or report it."
        )
    os.replace(part, blob)
    return None


class _Capped(io.BufferedWriter):
    """A file that accepts the announced bytes and no more, so that no server fills the disk."""

    def __init__(self, file: io.FileIO, most: int) -> None:
        super().__init__(file)
        self.most = most

    def write(self, data: Buffer) -> int:
        """Write, or empty the file and raise WeightsCorrupt if there is too much."""
        if self.tell() + memoryview(data).nbytes > self.most:
            self.truncate(0)
            raise WeightsCorrupt(
                f"The Hub sends more than the {self.most} bytes that it announced. Nothing was kept; try again later."
            )
        return super().write(data)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


@contextmanager
def _clear_answers(what: str) -> Iterator[None]:
    """Turn the library's errors into ours, each with what to do."""
    try:
        yield
    except HubUnreachable as error:
        raise HubUnreachable(
            f"{what} is not on this machine, and the Hub cannot be asked: {error} Connect and try again; "
            "what a machine has fetched once it uses without a network."
        ) from error
    except GatedRepoError as error:
        raise HubRefused(f"{what}: its owner grants access one by one. Ask on {endpoint()}, then log in.") from error
    except (RepositoryNotFoundError, LocalTokenNotFoundError) as error:
        raise HubRefused(
            f"{what}: there is no such repository, or it is private. Check the name, or log in: hf auth login, or HF_TOKEN."
        ) from error
    except (RevisionNotFoundError, RemoteEntryNotFoundError) as error:
        raise HubRefused(f"{what} is not in that repository at that revision.") from error
    except HFValidationError as error:
        raise HubRefused(f"{what} is not the name of a repository. They look like owner/name.") from error
    except (FileMetadataError, HfHubHTTPError) as error:
        status = error.response.status_code if isinstance(error, HfHubHTTPError) else 0
        if status == 429 or status >= 500:
            how = "gets too many requests from here" if status == 429 else "is out of order"
            raise HubRefused(f"{what}: the Hub {how} (HTTP {status}). Try again later.") from error
        words = " ".join(str(error).split())
        raise HubRefused(f"{what}: the Hub refused ({words}). Try again later, or log in if it is private.") from error
    except (httpx2.HTTPError, OfflineModeIsEnabled, LocalEntryNotFoundError) as error:
        raise HubUnreachable(
            f"{what}: the connection to the Hub broke off ({error or type(error).__name__}). "
            "Run the same again: it goes on where it stopped."
        ) from error
    except ImportError as error:  # the word for a SOCKS proxy of a library that has no package for it
        raise HubUnreachable(f"{what}: the Hub cannot be asked through this proxy ({brief(error)}).") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # a page of a proxy in place of JSON
        raise HubRefused(
            f"The answer about {what} is not one of a Hub ({brief(error)}). Is HF_ENDPOINT right, or a proxy in the way?"
        ) from error
    except OSError as error:
        if error.errno is None:  # the library's word for fewer or more bytes than announced
            raise HubUnreachable(
                f"{what} came with another length than the Hub announced; a proxy may be in the way. Run the same again."
            ) from error
        raise CannotWrite(
            f"{what} cannot be stored in {constants.HF_HUB_CACHE} ({error.strerror or error}). "
            "Make room or make it writable, or set HF_HOME to another folder."
        ) from error
