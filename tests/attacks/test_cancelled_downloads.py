"""A cancelled download leaves the old file or the whole new one, and nothing else.

`python -m tests.attacks.cancelled_downloads` cancels at every step, and a thousand times at random.
"""

from __future__ import annotations

import pytest

from tests.attacks.cancelled_downloads import KINDS, at_every_step, at_random


# Ctrl-C right behind `open` loses the file object, whose destructor closes it with a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_download_is_all_or_nothing(kind: str) -> None:
    count, found = at_every_step(kind, step=5)
    assert count >= 14
    assert not found, "\n".join(found)


# Out of a destructor or a callback of a weak reference, Python cannot raise Ctrl-C, but reports it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("files", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_an_interruption_at_a_random_moment(kind: str, files: int) -> None:
    count, found = at_random(kind, 4, files)
    assert count == 4
    assert not found, "\n".join(found)
