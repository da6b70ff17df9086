"""Which tests belong to a change of the contract: those of the generated client, the contract, and
the nouns whose methods it concerns.

Left out are the slow ones about other contracts and servers; `make check` runs everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# Tests that every change of the contract concerns, as files or patterns below tests/.
_ALWAYS = (
    "generated/test_[!o]*.py",  # not test_odd_contracts.py, which makes clients of other contracts
    "contract/test_exchanges.py",
    "project/test_every_operation.py",
    "_async/test_call.py",
    "_sync/test_call.py",
    "_async/test_api_v2.py",
    "_sync/test_api_v2.py",
)


def chosen_tests(root: Path, methods: Iterable[str]) -> list[str]:
    """The test files, from the root, for a change that concerns these wrapper methods.

    Methods are such as `cloud.assets.upload`. All tests when a checkout has none of these files.
    """
    nouns = {word for method in methods for word in method.split(".")[:-1]} - {"cloud"}
    singular = {noun.removesuffix("s") for noun in nouns}
    patterns = [*_ALWAYS, *(f"_*sync/test_{noun}*.py" for noun in sorted(singular))]
    tests = root / "tests"
    found = {path for pattern in patterns for path in tests.glob(pattern)}
    return [path.relative_to(root).as_posix() for path in sorted(found)] or ["tests"]
