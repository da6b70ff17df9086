"""Write `_exports.py`, which says where each public name is imported from: `python -m scripts.exports [--check]`.

The source is the `if TYPE_CHECKING` block of the package's `__init__.py`, so that the list of names is written once.
"""

from __future__ import annotations

import argparse
import ast
import sys
from pathlib import Path

# Not taken from elsewhere: whatever imports the package needs the table that is made here.
ROOT = Path(__file__).parents[1]
PACKAGE = Path("wrapper/comfy_cloud")
HEADER = '''"""Where each public name of the package is imported from. Made from `__init__.py` by `make exports`. Do not edit."""

MODULES = {
'''


def exported_names(init: Path) -> dict[str, str]:
    """Public name -> relative module, such as `._jobs.states`, from the block that type checkers read."""
    tree = ast.parse(init.read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: f"{'.' * node.level}{node.module}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the table, or with --check say whether it is what the source makes; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    check = parser.parse_args(arguments).check
    names = exported_names(root / PACKAGE / "__init__.py")
    text = HEADER + "".join(f'    "{name}": "{names[name]}",\n' for name in sorted(names)) + "}\n"
    target = root / PACKAGE / "_exports.py"
    is_current = target.exists() and target.read_text(encoding="utf-8") == text
    if check:
        if not is_current:
            print(f"{target.relative_to(root)} is not what {PACKAGE}/__init__.py makes; run `make exports`")
        return 0 if is_current else 1
    if not is_current:
        target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
