"""Write API.md, the map of the client, and its table for a release: `python -m scripts.api_map
[--check]`.

One row per operation of the contract: where it is over HTTP, in the wrapper, and in the generated
package. Then the public classes with their methods. Everything is read from the contract and the
sources; nothing of the client is called.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comfy_cloud.contract.changes import operations_of
from comfy_cloud.contract.documents import ContractError
from scripts.exports import exported_names
from scripts.project import made_files as made
from scripts.project.checkout import Checkout
from scripts.wrapper_scan.generated_modules import generated_modules
from scripts.wrapper_scan.modules import FunctionNode, decorators_of
from scripts.wrapper_scan.scan import WrapperScan
from scripts.wrapper_scan.signatures import OptionGroups, parameters

NO_WRAPPER = "generated client only, or `cloud.request`"

_MOST_SHOWN = 4

_HEAD = """\
<!-- Made by `make api-map` from the contract, generated/ and wrapper/. Do not edit. -->
# Map of the API

Where is `GET /api/jobs`? One row per operation. The wrapper methods are those of `ComfyCloud`, and
with `await` or `async for` those of `AsyncComfyCloud`. Where several lead to an operation, the one
that sends the request itself or is named after it comes first. Generated modules are in
`comfy_cloud_api.api`; the result is what `parse` of the module returns.
"""


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Write API.md and the table of methods, or with --check compare; 0 when all is well."""
    check = made.is_check(arguments, __doc__)
    checkout = checkout or Checkout()
    try:
        texts = made_files(checkout, checkout.generated)
    except ContractError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if check:
        return made.check(texts, checkout.root, "make api-map")
    written = made.write(texts)
    print(f"{' and '.join(path.name for path in texts)}: {len(written)} changed")
    return 0


def made_files(checkout: Checkout, generated: Path) -> dict[Path, str]:
    """Both files with their texts, for a generated tree."""
    page = _Page(checkout, generated)
    try:
        document = json.loads((generated / "comfy_cloud_api" / "contract.json").read_bytes())
    except (OSError, ValueError):
        raise ContractError("generated/ has no contract.json; run `make generate` first") from None
    return {
        checkout.api_map: page.text(document),
        checkout.methods: json.dumps(page.methods, indent=1, sort_keys=True) + "\n",
    }


def wrapper_methods(checkout: Checkout, generated: Path) -> dict[str, list[str]]:
    """By operationId: the wrapper methods that lead to it, such as `cloud.history.list`."""
    return _Page(checkout, generated).methods


class _Page:
    """API.md for one state of the sources."""

    def __init__(self, checkout: Checkout, generated: Path) -> None:
        self._package = checkout.package
        self._exported = exported_names(checkout.package / "__init__.py")
        self._scan = WrapperScan(checkout.package / "_async", set(self._exported))
        self._groups = OptionGroups(checkout.package)
        self._modules = generated_modules(generated)
        calls = self._scan.methods_by_module()
        self.methods = {
            operation: _in_order(operation, calls.get(module, {}))
            for operation, (module, _) in self._modules.items()
        }

    def text(self, document: dict[str, Any]) -> str:
        """The text of API.md for a merged contract."""
        parts = [_HEAD, *self._operation_rows(document), "", "## Public classes", "", *self._classes()]
        return "\n".join(parts).rstrip("\n") + "\n"

    def _operation_rows(self, document: dict[str, Any]) -> Iterator[str]:
        by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in document.get("tags", [])}
        covered = total = 0
        for op in operations_of(document):
            if op.id not in self._modules:
                raise ContractError(
                    f"generated/ has no module for {op.id} ({op.http}); run `make generate` first"
                )
            module, result = self._modules[op.id]
            calls = self.methods[op.id]
            covered, total = covered + bool(calls), total + 1
            shown = ", ".join(f"`{call}`" for call in calls[:_MOST_SHOWN]) or NO_WRAPPER
            if len(calls) > _MOST_SHOWN:
                shown += f" and {len(calls) - _MOST_SHOWN} more"
            result = result.replace("|", "\\|")
            row = f"| `{op.id}` | `{op.http}` | {shown} | `{module}` | `{result}` |"
            by_tag.setdefault(op.tag, []).append(row)
        yield f"{covered} of {total} operations have a wrapper method."
        for tag, tagged in by_tag.items():
            if tagged:
                yield f"\n## {tag.capitalize()}\n"
                yield "| Operation | HTTP | Wrapper method | Generated module | Result |"
                yield "|---|---|---|---|---|"
                yield from tagged

    def _classes(self) -> Iterator[str]:
        """The client, its nouns in its order, then all other public classes by name."""
        others: dict[str, list[str]] = {}
        for number, (cls, label) in enumerate(self._scan.labels().items()):
            family = [member.node for member in self._scan.family(cls)]
            name = cls.name.removeprefix("Async")
            if number == 0 or self._scan.is_noun(cls):
                yield from self._class(f"`{label}`" if number else f"`{name}`", family)
            else:
                others[name] = list(self._class(f"`{name}`", family))
        for name, node in self._exported_elsewhere():
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            others[name] = list(self._class(f"`{name}`{f' ({bases})' if bases else ''}", [node]))
        for name in sorted(others):
            yield from others[name]

    def _exported_elsewhere(self) -> Iterator[tuple[str, ast.ClassDef]]:
        """The exported classes that are neither async nor made from async ones."""
        paths = {
            module: self._package / f"{module.lstrip('.').replace('.', '/')}.py"
            for module in self._exported.values()
            if not module.startswith(("._async.", "._sync."))
        }
        bodies = {module: ast.parse(path.read_text(encoding="utf-8")).body for module, path in paths.items()}
        for name, module in self._exported.items():
            for node in bodies.get(module, []):
                if isinstance(node, ast.ClassDef) and node.name == name:
                    yield name, node

    def _class(self, title: str, family: list[ast.ClassDef]) -> Iterator[str]:
        yield f"### {title}\n\n{_first_sentence(family[0])}\n"
        rows: dict[str, str] = {}
        for node in (inner for member in family for inner in member.body):
            if not isinstance(node, FunctionNode) or node.name.startswith("_"):
                continue
            decorators = decorators_of(node)
            if "overload" in decorators:
                continue
            is_property = decorators & {"property", "cached_property"}
            shown = node.name if is_property else f"{node.name}({parameters(node, self._groups)})"
            rows.setdefault(node.name, f"- `{shown}`: {_first_sentence(node)}".removesuffix(": "))
        if rows:
            yield "\n".join(rows.values()) + "\n"


def _in_order(operation: str, calls: dict[str, int]) -> list[str]:
    """The calls that a reader looks for first.

    Those that send the request themselves, then those with the noun and the method in the name of
    the operation, then those with the fewest functions in between.
    """
    words = operation.lower()

    def rank(call: str) -> tuple[bool, bool, bool, bool, int]:
        noun, _, method = call.rpartition(".")
        noun = noun.removeprefix("cloud.").removesuffix("s")
        is_named = noun in words, method.split("_")[0] in words
        return calls[call] > 0, not is_named[0], not call.startswith("cloud."), not is_named[1], calls[call]

    return sorted(calls, key=rank)


def _first_sentence(node: ast.ClassDef | FunctionNode) -> str:
    """The first paragraph of a docstring on one line, with the names of the sync client."""
    text = (ast.get_docstring(node) or "").split("\n\n")[0]
    plain = " ".join(text.split()).replace("Async", "")
    return plain.replace("an `async ", "a `").replace("`async ", "`")


if __name__ == "__main__":
    sys.exit(main())
