"""A file that changes during the download is saved in one version, or not at all.

`python -m tests.attacks.spliced_files` tries every combination.
"""

from __future__ import annotations

import pytest

from tests.attacks.spliced_files import VALIDATORS, attack
from tests.attacks.trials import TRANSPORTS


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("validators", VALIDATORS)
def test_versions_are_never_put_together(transport: str, validators: str) -> None:
    count, found = attack(transport, validators, start=TRANSPORTS.index(transport), step=31)
    assert count >= 4
    assert not found, "\n".join(found)
