"""Every error that MINT raises on purpose. The message says what happened and what to do."""


class MintError(Exception):
    """Base of all errors that a user can cause or mend."""


def brief(error: BaseException) -> str:
    """What another library says of a file, fit for a message: one line, not long, nothing that steers a terminal."""
    words = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    line = "".join(c if c.isprintable() else " " for c in words[:2000])
    line = " ".join(line.split())
    return line if len(line) <= 200 else f"{line[:199]}…"


class BadPhoto(MintError):
    """The file is not a photo that can be audited (format, size, damage)."""


class NoFace(MintError):
    """The photo was read, but no face was found in it."""


class WeightsMissing(MintError):
    """A file that a bundle or the detector needs is not there."""


class WeightsCorrupt(MintError):
    """A file's bytes are not the ones that its manifest promises."""


class BundleMismatch(MintError):
    """The parts of a bundle do not belong together."""


class TapSilent(MintError):
    """A tap was asked for, but the forward pass never went through it."""


class BadPool(MintError):
    """A pool folder is incomplete, or does not fit the request."""


class TooFew(MintError):
    """There are not enough samples for the figure that was asked for."""


class HubUnreachable(MintError):
    """The Hub cannot be reached from here, and what was asked for is not on this machine."""


class HubRefused(MintError):
    """The Hub answered, but not with what was asked for."""


class CannotWrite(MintError):
    """A file has nowhere to go: the disk is full, the folder is read-only, or another file is in its place."""


class LicenceNotAccepted(MintError):
    """Weights come under a licence that asks to be accepted first."""


class NotShared(MintError):
    """A bundle that must not or cannot be uploaded as it is."""


class UnknownNetwork(MintError):
    """A name that the catalog does not have."""


class LibraryMissing(MintError):
    """A package or a library of the system is not installed, or two get in each other's way."""


class DeviceMissing(MintError):
    """A network was asked to run on a device that this machine, or what is installed on it, does not offer."""


class BadInput(MintError):
    """Photos were asked for where there are none, or a list of photos cannot be read."""


class StoreMismatch(MintError):
    """A store was written for another network, other taps, or another preprocessing."""


class StoreIncomplete(MintError):
    """A store was not finished, or a part of it is damaged or gone."""


class StoreBusy(MintError):
    """Another process is writing to the store."""


class DiskFull(MintError):
    """There is no room for what was to be written; what is there stays whole."""


class CannotTeach(MintError):
    """This network, or these photos, do not allow the experiment of teaching a face."""


class TeachingStopped(MintError):
    """The visitor stopped the teaching; nothing of it is kept."""


class Forgotten(MintError):
    """What is asked for was wiped."""


class BadReport(MintError):
    """A file is not the report of an audit, or not a whole one."""


class NoBundle(MintError):
    """A network is known, but no auditors were trained and calibrated for it."""


class CannotServe(MintError):
    """The page cannot be had at the address that was asked for."""
