"""Write docs/performance.md and its charts: `python -m scripts.performance [--check]`.

They are made from the results that `make bench` and `make bench-peers` have left.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import results
from scripts.performance_docs.page import texts
from scripts.project import made_files as made
from scripts.project.checkout import Checkout


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Write the page, or with --check compare; 0 when all is well."""
    check = made.is_check(arguments, __doc__)
    checkout = checkout or Checkout()
    files = made_files(checkout)
    orphans = sorted(set(checkout.charts.glob("*")) - files.keys())
    if check:
        return made.check(files, checkout.root, "make performance", orphans)
    written = made.write(files, orphans)
    print(f"{checkout.performance.name} and {len(files) - 1} charts: {len(written)} changed")
    return 0


def made_files(checkout: Checkout) -> dict[Path, str]:
    """The page and its charts with their texts."""
    folder = checkout.measurements
    made_of = texts(results.read(folder / "rows.json"), results.read(folder / "peers.json"))
    return {checkout.performance.parent / name: text for name, text in made_of.items()}


if __name__ == "__main__":
    sys.exit(main())
