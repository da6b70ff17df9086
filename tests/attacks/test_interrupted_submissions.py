"""An interrupted submission leaves no job that runs without a line in the log."""

from __future__ import annotations

import pytest

from tests.attacks.interrupted_submissions import KINDS, failures


@pytest.mark.parametrize("kind", KINDS)
def test_no_job_is_left_running_unnoticed(kind: str) -> None:
    count, found = failures(kind, step=5)  # all of them: python -m tests.attacks.interrupted_submissions
    assert count >= 26
    assert not found, "\n\n".join(found)
