"""The modules of a generated package by operation."""

from __future__ import annotations

import ast
from pathlib import Path


def generated_modules(generated: Path, package: str = "comfy_cloud_api") -> dict[str, tuple[str, str]]:
    """By operationId: the module below `api` of a package, and what its `parse` returns."""
    found = {}
    for path in sorted((generated / package / "api").glob("*/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        operation = result = None
        for node in tree.body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id="OPERATION")],
                    value=ast.Call(args=[ast.Constant(value=str() as name), *_]),
                ):
                    operation = name
                case ast.FunctionDef(name="parse", returns=ast.expr() as returns):
                    result = ast.unparse(returns)
        if operation is not None:
            found[operation] = (f"{path.parent.name}.{path.stem}", result or "None")
    return found
