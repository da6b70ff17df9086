"""Write the `_exports.py` of packages that import late: `python -m scripts.exports [--check]`.

Each says where the public names of its package are imported from. The source is the
`if TYPE_CHECKING` block of the package's `__init__.py`, so that the names are listed once.
"""

from __future__ import annotations

import argparse
import ast
import sys
from pathlib import Path

# Not taken from elsewhere: whatever imports the package needs the table that is made here.
ROOT = Path(__file__).parents[1]
PACKAGES = (Path("wrapper/comfy_cloud"), Path("wrapper/comfy_cloud/contract"))
HEADER = '''"""Where public names come from. Made from `__init__.py` by `make exports`. Do not edit."""

MODULES = {
'''


def exported_names(init: Path) -> dict[str, str]:
    """Public name -> relative module, such as `._jobs.states`, as type checkers read it."""
    tree = ast.parse(init.read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: f"{'.' * node.level}{node.module}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the tables, or with --check compare them with their sources; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    check = parser.parse_args(arguments).check
    stale = 0
    for package in PACKAGES:
        names = exported_names(root / package / "__init__.py")
        text = HEADER + "".join(f'    "{name}": "{names[name]}",\n' for name in sorted(names)) + "}\n"
        target = root / package / "_exports.py"
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        if check:
            print(f"{package}/_exports.py is not what {package}/__init__.py makes; run `make exports`")
            stale += 1
        else:
            target.write_text(text, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
