"""Write `_exports.py`, the table of public names: `python -m scripts.exports [--check]`.

The names are written once, in the `if TYPE_CHECKING` block of the package's `__init__.py`. The
table says which module each is imported from. The package cannot be imported without that table, so
this script imports nothing of it.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from scripts.project import made_files as made
from scripts.project.checkout import Checkout

HEADER = '''# Made from __init__.py by `make exports`. Do not edit.
"""The module that each public name is imported from."""

MODULES = {
'''


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Write the table, or with --check compare; 0 when all is well."""
    check = made.is_check(arguments, __doc__)
    checkout = checkout or Checkout()
    names = exported_names(checkout.package / "__init__.py")
    text = HEADER + "".join(f'    "{name}": "{names[name]}",\n' for name in sorted(names)) + "}\n"
    files = {checkout.package / "_exports.py": text}
    if check:
        return made.check(files, checkout.root, "make exports")
    written = made.write(files)
    print(f"_exports.py has {len(names)} names{'' if written else ', as before'}")
    return 0


def exported_names(init: Path) -> dict[str, str]:
    """Each public name and its relative module, such as `._jobs.states`.

    They are the relative imports of the `if TYPE_CHECKING` block of a package's `__init__.py`.
    """
    return {
        alias.name: f"{'.' * node.level}{node.module or ''}"
        for block in ast.parse(init.read_text(encoding="utf-8")).body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }


if __name__ == "__main__":
    sys.exit(main())
