"""Each form of an echoed key in each place, over one of the transports.

`python -m tests.attacks.echoed_keys` tries every combination.
"""

from __future__ import annotations

import pytest

from tests.attacks.echoed_keys import FORMS, PLACES, attack, is_shown
from tests.attacks.trials import TRANSPORTS


@pytest.mark.parametrize("place", PLACES)
def test_a_key_that_a_server_sends_back_is_not_shown(place: str) -> None:
    first = list(PLACES).index(place)
    forms = list(FORMS)
    tries = 0
    for number, transport in enumerate(TRANSPORTS):
        report = attack(forms[(first + number) % 3 :: 3], [place], [transport])
        assert report.failures == []
        tries += report.tries
    assert tries == len(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_the_search_for_a_shown_key_finds_it(form: str) -> None:
    assert is_shown(f"a {FORMS[form]} b")
    assert not is_shown(FORMS[form][: len(FORMS[form]) // 2])
