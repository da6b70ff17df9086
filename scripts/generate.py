"""Make `generated/` from the contract and its overlay: `python -m scripts.generate [--check]`.

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
    contract, overlay = checkout.contract.read_bytes(), checkout.overlay.read_bytes()
    lock = lock_text(contract, overlay, read_provenance(checkout.lock))
    with tempfile.TemporaryDirectory() as folder:
        made = _proved_tree(Path(folder), contract, overlay)
        tree.replace_tree(made, checkout.generated)
    checkout.lock.write_text(lock, encoding="utf-8")
    print(f"generated/ is made from {checkout.contract.name} and {checkout.overlay.name}")
    return 0


def _proved_tree(folder: Path, contract: bytes, overlay: bytes) -> Path:
    """Make and prove a tree; what is left out of it is printed on stderr."""
    left_out: list[LeftOut] = []
    made = tree.make(folder, contract, overlay, left_out)
    for each in left_out:
        print(f"warning: {each}", file=sys.stderr)
    print(prove_made(made, left_out))
    return made


def check_all(checkout: Checkout) -> int:
    """Compare `generated/` and the lock file with what the sources make; 1 when they differ."""
    contract, overlay = checkout.contract.read_bytes(), checkout.overlay.read_bytes()
    lock = lock_text(contract, overlay, read_provenance(checkout.lock))
    with tempfile.TemporaryDirectory() as folder:
        made = _proved_tree(Path(folder), contract, overlay)
        differences = [f"generated/{line}" for line in tree.tree_differences(made, checkout.generated)]
    if checkout.lock.read_text(encoding="utf-8") != lock:
        differences.append(f"{checkout.lock.name}: does not describe these sources")
    for line in differences:
        print(line, file=sys.stderr)
    if differences:
        print("error: generated/ is not what the sources make; run `make generate`", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
