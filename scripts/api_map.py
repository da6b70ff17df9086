"""Write API.md, the map of the client, and its table for an installed release: `python -m scripts.api_map [--check]`.

One row per operation of the contract: where it is over HTTP, in the wrapper and in the generated package. Then the public
classes with their methods. Everything is read from the contract and the sources; nothing is imported or called.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import ContractError, read_contract, read_document
from scripts.contract_files import Checkout, merged
from scripts.wrapper_scan import CLIENT, WrapperScan, exported_names, generated_modules, is_property

NO_WRAPPER = "generated client only, or `cloud.request`"

_MOST_SHOWN = 4

_HEAD = """\
<!-- Made by `make api-map` from the contract, generated/ and wrapper/. Do not edit. -->
# Map of the API

Where is `GET /api/jobs`? One row per operation. The wrapper methods are those of `ComfyCloud`, and with `await` or
`async for` those of `AsyncComfyCloud`; where several lead to an operation, the one that is named after it comes first.
Generated modules are in `comfy_cloud_api.api`; the result is what `parse` of the module returns.
"""


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Write API.md and the table of methods, or with --check compare; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    check = parser.parse_args(arguments).check
    checkout = checkout or Checkout()
    try:
        contract = read_contract(checkout.contract.read_bytes(), checkout.contract.name)
        document = merged(contract, read_document(checkout.overlay.read_bytes(), checkout.overlay.name))
        texts = made_files(checkout, document, checkout.generated)
    except ContractError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not check:
        for target, text in texts.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        print(f"{' and '.join(target.name for target in texts)} are written")
        return 0
    stale = [
        target.name
        for target, text in texts.items()
        if not target.exists() or target.read_text(encoding="utf-8") != text
    ]
    for name in stale:
        print(f"error: {name} is not what the sources make; run `make api-map`", file=sys.stderr)
    return 1 if stale else 0


def made_files(checkout: Checkout, document: dict[str, Any], generated: Path) -> dict[Path, str]:
    """The texts of both files for a merged contract and the tree that was generated from it."""
    return {
        checkout.api_map: made(checkout, document, generated),
        checkout.methods: json.dumps(wrapper_methods(checkout, generated), indent=1, sort_keys=True) + "\n",
    }


def made(checkout: Checkout, document: dict[str, Any], generated: Path) -> str:
    """The text of API.md for a merged contract and the tree that was generated from it."""
    package = checkout.root / "wrapper" / "comfy_cloud"
    exported = exported_names(package / "__init__.py")
    scan = WrapperScan(package / "_async", set(exported))
    parts = [
        _HEAD,
        *_operation_rows(document, generated, scan),
        "",
        "## Public classes",
        "",
        *_classes(package, exported, scan),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def wrapper_methods(checkout: Checkout, generated: Path) -> dict[str, list[str]]:
    """By operationId: the wrapper methods that lead to it, such as `cloud.history.list`, those named after it first."""
    package = checkout.root / "wrapper" / "comfy_cloud"
    methods = WrapperScan(
        package / "_async", set(exported_names(package / "__init__.py"))
    ).methods_by_module()
    return {
        operation: _in_order(operation, methods.get(module, []))
        for operation, (module, _) in generated_modules(generated).items()
    }


def _operation_rows(document: dict[str, Any], generated: Path, scan: WrapperScan) -> Iterator[str]:
    modules, methods = generated_modules(generated), scan.methods_by_module()
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in document.get("tags", [])}
    for op in operations_of(document):
        if op.id not in modules:
            raise ContractError(
                f"generated/ has no module for {op.id} ({op.http}); run `make generate` first"
            )
        module, result = modules[op.id]
        calls = _in_order(op.id, methods.get(module, []))
        shown = ", ".join(f"`{call}`" for call in calls[:_MOST_SHOWN]) or NO_WRAPPER
        if len(calls) > _MOST_SHOWN:
            shown += f" and {len(calls) - _MOST_SHOWN} more"
        result = result.replace("|", "\\|")
        row = f"| `{op.id}` | `{op.http}` | {shown} | `{module}` | `{result}` |"
        by_tag.setdefault(op.tag, []).append(row)
    rows = [row for tag in by_tag.values() for row in tag]
    covered = sum(NO_WRAPPER not in row for row in rows)
    yield f"{covered} of {len(rows)} operations have a wrapper method."
    for tag, tagged in by_tag.items():
        if tagged:
            yield f"\n## {tag.capitalize()}\n"
            yield "| Operation | HTTP | Wrapper method | Generated module | Result |"
            yield "|---|---|---|---|---|"
            yield from tagged


def _in_order(operation: str, calls: list[str]) -> list[str]:
    """The calls whose noun and method are in the name of the operation first; otherwise as they come."""
    words = operation.lower()

    def strangeness(call: str) -> tuple[bool, bool, bool]:
        noun, _, method = call.rpartition(".")
        noun = noun.removeprefix("cloud.").removesuffix("s")
        return noun not in words, not call.startswith("cloud."), method.split("_")[0] not in words

    return sorted(calls, key=strangeness)


def _classes(package: Path, exported: dict[str, str], scan: WrapperScan) -> Iterator[str]:
    definitions = {
        node.name: node
        for tree in scan.trees.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    for name, node in sorted(definitions.items(), key=lambda item: item[0] != CLIENT):
        if (label := scan.label(name)) is not None:
            title = f"`{label}`" if name in scan.nouns else f"`{name.removeprefix('Async')}`"
            yield from _class(title, node, [definitions[base] for base in scan.family(name)])
    trees = {
        module: ast.parse((package / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
        for module in set(exported.values())
        if not module.startswith(("_async.", "_sync."))
    }
    for name, module in sorted(exported.items()):
        for found in trees[module].body if module in trees else []:
            if isinstance(found, ast.ClassDef) and found.name == name:
                bases = ", ".join(ast.unparse(base) for base in found.bases)
                yield from _class(f"`{name}`{f' ({bases})' if bases else ''}", found, [found])


def _class(title: str, node: ast.ClassDef, family: list[ast.ClassDef]) -> Iterator[str]:
    yield f"### {title}\n\n{_first_line(node)}\n"
    rows: dict[str, str] = {}
    for inner in (inner for member in family for inner in member.body):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and not inner.name.startswith("_"):
            shown = inner.name if is_property(inner) else f"{inner.name}({_parameters(inner)})"
            rows.setdefault(inner.name, f"- `{shown}`: {_first_line(inner)}".removesuffix(": "))
    if rows:
        yield "\n".join(rows.values()) + "\n"


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    spec = node.args
    names = [
        argument.arg for argument in [*spec.posonlyargs, *spec.args] if argument.arg not in ("self", "cls")
    ]
    if spec.vararg:
        names.append(f"*{spec.vararg.arg}")
    elif spec.kwonlyargs:
        names.append("*")
    names += [argument.arg for argument in spec.kwonlyargs]
    if spec.kwarg:
        names.append(f"**{spec.kwarg.arg}")
    return ", ".join(names)


def _first_line(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The first sentence or line of a docstring, on one line; the asynchronous names read as the plain ones."""
    text = (ast.get_docstring(node) or "").split("\n\n")[0]
    plain = " ".join(text.split()).replace("Async", "")
    return plain.replace("an `async ", "a `").replace("`async ", "`")


if __name__ == "__main__":
    sys.exit(main())
