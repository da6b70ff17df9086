"""A few of the attacks on the emulator: it responds afterwards, and explains what it refuses.

All of them: `python -m tests.attacks.emulator_attacks`.
"""

from __future__ import annotations

from tests.attacks.emulator_attacks import attack
from tests.attacks.emulator_target import running

SHARES = {"numbers": 0.1, "deep JSON": 0.1, "forms": 0.05, "paths": 0.1, "malformed HTTP": 0.1}


def test_a_few_of_each_kind() -> None:
    with running() as target:
        for kind, share in SHARES.items():
            report = attack(target, kind, share)
            assert report.problems == []
            assert report.tries >= 3
