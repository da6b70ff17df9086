"""Which tests belong to a change of a contract: those of its generated client, those of every
operation, and those of the nouns whose methods the change concerns.

Left out are the tests of the other contract, and the slow ones about other contracts and servers;
`make check` runs everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scripts.project.checkout import V1, V2, ContractNames

# Files or patterns below tests/. `generated/` also has test_odd_contracts.py, which makes clients
# of other contracts.
_OF_BOTH = ("generated/test_imports.py", "project/test_every_operation.py", "_*sync/test_call.py")
_ALWAYS = {
    V1: (*_OF_BOTH, "generated/test_client.py", "generated/test_[lmpr]*.py"),
    V2: (*_OF_BOTH, "generated/test_second_contract.py", "_*sync/test_api_v2.py"),
}


def chosen_tests(root: Path, methods: Iterable[str], names: ContractNames = V1) -> list[str]:
    """The test files, from the root, for a change of one contract that concerns these methods.

    Methods are such as `cloud.assets.upload`. All tests when a checkout has none of these files.
    """
    nouns = {word for method in methods for word in method.split(".")[:-1]} - {"cloud"}
    singular = {noun.removesuffix("s") for noun in nouns}
    patterns = [*_ALWAYS[names], *(f"_*sync/test_{noun}*.py" for noun in sorted(singular))]
    tests = root / "tests"
    found = {path for pattern in patterns for path in tests.glob(pattern)}
    return [path.relative_to(root).as_posix() for path in sorted(found)] or ["tests"]
