from __future__ import annotations

from collections.abc import Callable

import pytest

from mint.membership import MembershipTest
from mint.report.document import Document
from tests.report import papers


@pytest.fixture(scope="package")
def twins(tmp_path_factory: pytest.TempPathFactory) -> MembershipTest:
    return papers.make_test(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="package")
def documents(twins: MembershipTest) -> dict[str, Document]:
    """Every kind of report, with thumbnails and without."""
    makers: dict[str, Callable[..., Document]] = {"one": papers.one, "many": papers.many, "person": papers.person}
    found = {f"{name}{'-shown' * shown}": make(twins, shown) for name, make in makers.items() for shown in (0, 1)}
    return found
