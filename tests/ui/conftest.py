"""An address of others, for all tests of the page."""

from tests.ui.public_address import public  # noqa: F401
