"""Every attack with all its cases: `python -m tests.attacks`, or `make attack`.

Each module of this folder that is not a test has a `main` that prints rows: kind, tries, held.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    print("kind | tries | held")
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if not path.stem.startswith(("_", "test_")):
            module = import_module(f"tests.attacks.{path.stem}")
            if hasattr(module, "main"):
                module.main()
