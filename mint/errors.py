"""Every error that MINT raises on purpose. The message says what happened and what to do."""

from __future__ import annotations

import re

from mint.i18n.sentences import Sentence

_BYTES = re.compile(r"\bb'(?:[^'\\]|\\.)*'|\bb\"(?:[^\"\\]|\\.)*\"")  # as Python prints them


class MintError(Exception):
    """Base of all errors that a user can cause or fix. ``str(error)`` is English.

    Args:
        template: the message. One that a visitor of the page or the reader of a report can see has its values apart, in
            ``{places}``, so that it can be told in another language.
        values: what stands in the places.
    """

    def __init__(self, template: str = "", /, **values: object) -> None:
        super().__init__(*([Sentence(template, **values)] if template else []))

    @property
    def sentence(self) -> Sentence:
        """The message with its template and values."""
        return Sentence(self.args[0] if self.args else "")


class DoubtfulNetwork(UserWarning):
    """A network can be run, but what is measured on it is worth nothing."""


class AskedOnce(UserWarning):
    """Two folders hold one bundle: one answer stands for both."""


def brief(error: BaseException) -> str:
    """Shorten another library's message to one line without terminal control characters, and without raw bytes of a file."""
    words = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    line = "".join(c if c.isprintable() else " " for c in _BYTES.sub("…", words[:2000]))
    line = " ".join(line.split())
    return line if len(line) <= 200 else f"{line[:199]}…"


def unloadable(error: ImportError) -> str | None:
    """Tell in one line which package of others cannot be imported; None where the fault is one of MINT's own modules."""
    absent = isinstance(error, ModuleNotFoundError)
    package = (error.name or ("mint" if absent else "")).partition(".")[0]
    if package == "mint":
        return None
    which = f"The package {error.name if absent else package}" if package else "A package"
    fault = "is not installed" if absent else f"cannot be loaded: {brief(error)}"
    return f"{which} {fault}. See what else is missing: mint doctor"


class BadPhoto(MintError):
    """The file cannot be audited: wrong format, wrong size, or damaged."""


class NoFace(MintError):
    """The photo was read, but no face was found in it."""


class WeightsMissing(MintError):
    """A file that a bundle or the detector needs is missing."""


class WeightsCorrupt(MintError):
    """A file's bytes do not match its manifest."""


class BundleMismatch(MintError):
    """The parts of a bundle do not belong together."""


class TapSilent(MintError):
    """The forward pass never reached a requested tap."""


class BadPool(MintError):
    """A pool folder is incomplete or does not fit the request."""


class TooFew(MintError):
    """There are too few samples for the requested figure."""


class HubUnreachable(MintError):
    """The Hub cannot be reached, and the file is not on this machine."""


class HubRefused(MintError):
    """The Hub answered, but not with the requested file."""


class CannotWrite(MintError):
    """A file cannot be written: full disk, read-only folder, or another file in its place."""


class LicenceNotAccepted(MintError):
    """The weights' licence must be accepted first."""


class NotShared(MintError):
    """A bundle must not or cannot be uploaded as it is."""


class UnknownNetwork(MintError):
    """The catalog has no network of this name."""


class LibraryMissing(MintError):
    """A package or system library is missing, or two packages clash."""


class DeviceMissing(MintError):
    """The requested device is not available on this machine."""


class BadInput(MintError):
    """There are no photos in the given place, or a list of photos cannot be read."""


class BadSetting(MintError, ValueError):
    """A promised false-positive rate or a belief before the test is no such number."""


class StoreMismatch(MintError):
    """A store was written for another network, other taps, or another preprocessing."""


class StoreIncomplete(MintError):
    """A store is unfinished, or part of it is damaged or missing."""


class StoreBusy(MintError):
    """Another process is writing to the store."""


class DiskFull(MintError):
    """The disk is full; what is there already stays whole."""


class CannotTeach(MintError):
    """This network or these photos do not allow the teaching experiment."""


class TeachingStopped(MintError):
    """The visitor stopped the lesson; nothing of it is kept."""


class Forgotten(MintError):
    """The requested data was wiped."""


class BadReport(MintError):
    """A file is not a complete report of an audit."""


class NoBundle(MintError):
    """A network is known, but it has no trained and calibrated auditors."""


class CannotServe(MintError):
    """The page cannot be served at the requested address."""
