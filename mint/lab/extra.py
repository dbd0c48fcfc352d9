"""Check that the packages of the extra ``lab`` are installed."""

from __future__ import annotations

from mint.errors import MintError


class lab_packages:
    """Turn a missing package of the lab into a message that says what to install."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("mint"):
            raise MintError(
                f"This command needs the package {error.name}. Install the lab's packages: pip install '.[lab]' "
                "and pip install --no-deps openpeople==0.1.2 gan-face-generate==1.1.1"
            ) from error
