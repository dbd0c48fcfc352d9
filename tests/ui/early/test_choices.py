"""The tabs that there are, and what the networks are called."""

from __future__ import annotations

from mint.i18n.labels import DEFAULT_PAIR, PAIRS
from mint.ui.early.choices import TABS, named, offered
from mint.ui.page import TABS as MADE


def test_every_tab_is_made_in_the_order_in_which_it_is_told() -> None:
    assert list(MADE) == list(TABS)
    assert [(number, name) for number, name, _ in offered(kiosk=False)] == list(enumerate(TABS, 1))


def test_a_kiosk_offers_no_files_and_counts_as_every_page_does() -> None:
    assert set(offered(kiosk=False)) - set(offered(kiosk=True)) == {(6, "many", "Many photos")}


def test_networks_are_told_apart_by_their_names_only_beside_others() -> None:
    def tell(english: str, before: str) -> str:
        return before + english.upper()

    pair = PAIRS[DEFAULT_PAIR]
    assert named([DEFAULT_PAIR], tell) == {DEFAULT_PAIR: pair.trained.upper()}
    told = named([DEFAULT_PAIR, "mine"], tell)
    assert told == {DEFAULT_PAIR: f"{', '.join(pair.networks)}: {pair.trained.upper()}", "mine": "mine"}
