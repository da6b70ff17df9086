"""Make `generated/` from the contracts and their overlays: `python -m scripts.generate [--check]`.

contract + overlay -> merged document -> openapi-python-client with our templates -> formatted tree
-> proof that it works -> `generated/`. The same input gives the same bytes. `--check` makes and
proves everything in a temporary folder, compares whole trees in both directions, and writes
nothing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from comfy_cloud.contract._documents.reader import ContractError
from scripts.generator import tree
from scripts.generator.left_out import LeftOut
from scripts.generator.lock import lock_text, read_provenance
from scripts.project.checkout import Checkout
from scripts.project.made_files import is_check
from scripts.project.terminal import say_error
from scripts.proof.tree_proof import prove_made


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Generate, or with --check compare; 0 when all is well."""
    check = is_check(arguments, __doc__)
    try:
        return (check_all if check else write_all)(checkout or Checkout())
    except ContractError as error:
        say_error(error)
        return 1


def write_all(checkout: Checkout) -> int:
    """Write `generated/` and the lock file; on an error nothing is changed."""
    each = checkout.of_each_contract()
    locks = {one.lock: _lock_text(one) for one in each}
    with tempfile.TemporaryDirectory() as folder:
        tree.replace_tree(_made(Path(folder), each), checkout.generated)
    for path, lock in locks.items():
        path.write_text(lock, encoding="utf-8")
    for one in each:
        print(f"generated/{one.names.package} is made from {one.contract.name} and {one.overlay.name}")
    return 0


def check_all(checkout: Checkout) -> int:
    """Compare `generated/` and the lock file with what the sources make; 1 when they differ."""
    each = checkout.of_each_contract()
    locks = {one.lock: _lock_text(one) for one in each}
    with tempfile.TemporaryDirectory() as folder:
        made = _made(Path(folder), each)
        differences = [f"generated/{line}" for line in tree.tree_differences(made, checkout.generated)]
    for path, lock in locks.items():
        if path.read_text(encoding="utf-8") != lock:
            differences.append(f"{path.name}: does not describe these sources")
    for line in differences:
        print(line, file=sys.stderr)
    if differences:
        print("error: generated/ is not what the sources make; run `make generate`", file=sys.stderr)
    return 1 if differences else 0


def _lock_text(checkout: Checkout) -> str:
    provenance = read_provenance(checkout.lock)
    return lock_text(
        checkout.contract.read_bytes(), checkout.overlay.read_bytes(), provenance, checkout.contract.name
    )


def _made(folder: Path, each: list[Checkout]) -> Path:
    """Make and prove the packages of all contracts in one new tree.

    What is left out of them is printed on stderr.
    """
    made = folder
    for one in each:
        left_out: list[LeftOut] = []
        contract, overlay = one.contract.read_bytes(), one.overlay.read_bytes()
        made = tree.make(folder, contract, overlay, left_out, names=one.names)
        for operation in left_out:
            print(f"warning: {operation}", file=sys.stderr)
        print(prove_made(made, left_out, one.names.package))
    return made


if __name__ == "__main__":
    sys.exit(main())
