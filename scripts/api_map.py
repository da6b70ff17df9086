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

from comfy_cloud.contract._documents.operations import ContractOperation, operations_of
from comfy_cloud.contract._documents.reader import ContractError
from scripts.client_docs.generated_modules import generated_modules
from scripts.client_docs.public_classes import CLIENT, Function, PublicClasses, decorators_of
from scripts.client_docs.signatures import OptionGroups, parameters
from scripts.exports import exported_names
from scripts.project import made_files as made
from scripts.project.checkout import V1, V2, Checkout, ContractNames
from scripts.project.terminal import say_error

NO_WRAPPER = "`cloud.call` with the generated module"
NO_MODULE = "`cloud.request`"

_HEAD = """\
<!-- Made by `make api-map` from the contract, generated/ and wrapper/. Do not edit. -->
# Map of the API

Where is `GET /api/jobs`? One row per operation. The wrapper methods are those of `ComfyCloud`, and
with `await` or `async for` those of `AsyncComfyCloud`: the ones whose documentation names the
operation. The request is sent in a module of `wrapper/comfy_cloud/_async/`. Generated modules are
in `comfy_cloud_api.api`; the result is what `parse` of the module returns.
"""

_COLUMNS = (
    "| Operation | HTTP | Wrapper method | Sent in | Generated module | Result |",
    "|---|---|---|---|---|---|",
)

_HEAD_V2 = """
## API v2

The operations of the second contract. Their generated modules are in `comfy_cloud_api_v2.api`.
"""


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Write API.md and the table of methods, or with --check compare; 0 when all is well."""
    check = made.is_check(arguments, __doc__)
    checkout = checkout or Checkout()
    try:
        texts = made_files(checkout, checkout.generated)
    except ContractError as error:
        say_error(error)
        return 1
    if check:
        return made.check(texts, checkout.root, "make api-map")
    written = made.write(texts)
    print(f"{' and '.join(path.name for path in texts)}: {len(written)} changed")
    return 0


def made_files(checkout: Checkout, generated: Path) -> dict[Path, str]:
    """Both files with their texts, for a generated tree."""
    page = _Page(checkout, generated)
    return {
        checkout.api_map: page.text(),
        **{one.methods: _table(page, one) for one in checkout.of_each_contract() if page.has(one.names)},
    }


def _table(page: _Page, checkout: Checkout) -> str:
    methods = {**page.methods_by_published_name(checkout.names), **page.methods(checkout.names)}
    return json.dumps(methods, indent=1, sort_keys=True) + "\n"


def wrapper_methods(checkout: Checkout, generated: Path) -> dict[str, list[str]]:
    """By operationId: the wrapper methods that lead to it, such as `cloud.history.list`.

    The operations are those of the checkout's contract.
    """
    return _Page(checkout, generated).methods(checkout.names)


class _Page:
    """API.md for one state of the sources."""

    def __init__(self, checkout: Checkout, generated: Path) -> None:
        self._package = checkout.package
        self._exported = exported_names(checkout.package / "__init__.py")
        self._classes = PublicClasses(checkout.package / "_async", set(self._exported))
        self._groups = OptionGroups(checkout.package)
        self._generated = generated
        self._operations = self._operations_of(V1)
        self._calls = self._classes.methods_by_operation()

    def has(self, names: ContractNames) -> bool:
        """Whether code is made from this contract. It always is from the first."""
        return names == V1 or (self._generated / names.package).exists()

    def methods(self, names: ContractNames) -> dict[str, list[str]]:
        """By operationId of a contract: the methods that lead to the operation."""
        return {op.id: self._calls.get(op.http, []) for op in self._operations_of(names)}

    def _operations_of(self, names: ContractNames) -> list[ContractOperation]:
        contract = self._generated / names.package / "contract.json"
        if not contract.exists():
            raise ContractError("generated/ has no contract.json; run `make generate` first")
        return operations_of(json.loads(contract.read_bytes()))

    def methods_by_published_name(self, names: ContractNames) -> dict[str, list[str]]:
        """The methods of operations that the published contract calls otherwise than we do.

        An installed release compares newer contracts with the published one.
        """
        published = self._generated / names.package / "published.json"
        if not published.exists():
            return {}
        ours = {op.http for op in self._operations_of(names)}
        return {
            op.id: self._calls.get(op.http, [])
            for op in operations_of(json.loads(published.read_bytes()))
            if op.http in ours
        }

    def text(self) -> str:
        """The text of API.md."""
        parts = [
            _HEAD,
            *self._operation_rows(),
            *self._rows_of_v2(),
            "",
            "## Public classes",
            "",
            *self._class_lists(),
        ]
        return "\n".join(parts).rstrip("\n") + "\n"

    def _operation_rows(self) -> Iterator[str]:
        by_tag: dict[str, list[str]] = {}
        for op, row in zip(self._operations, self._rows(V1, self._operations), strict=True):
            by_tag.setdefault(op.tag, []).append(row)
        covered = sum(map(bool, self.methods(V1).values()))
        yield f"{covered} of {len(self._operations)} operations have a wrapper method."
        for tag, tagged in by_tag.items():
            yield f"\n## {tag.capitalize()}\n"
            yield from (*_COLUMNS, *tagged)

    def _rows_of_v2(self) -> Iterator[str]:
        if self.has(V2):
            yield from (_HEAD_V2, *_COLUMNS, *self._rows(V2, self._operations_of(V2)))

    def _rows(self, names: ContractNames, operations: list[ContractOperation]) -> Iterator[str]:
        modules = generated_modules(self._generated, names.package)
        for op in operations:
            if op.left_out is not None:
                yield f"| `{op.id}` | `{op.http}` | {NO_MODULE} |  | left out | {_cell(op.left_out)} |"
                continue
            if op.id not in modules:
                raise ContractError(
                    f"generated/ has no module for {op.id} ({op.http}); run `make generate` first"
                )
            module, result = modules[op.id]
            shown = ", ".join(f"`{call}`" for call in self._calls.get(op.http, [])) or NO_WRAPPER
            users = ", ".join(f"`{name}`" for name in self._classes.modules_using(names.package, module))
            yield f"| `{op.id}` | `{op.http}` | {shown} | {users} | `{module}` | `{_cell(result)}` |"

    def _class_lists(self) -> Iterator[str]:
        """The client, its resources in its order, then all other public classes by name."""
        others: dict[str, list[str]] = {}
        for cls, label in self._classes.labels.items():
            name = cls.removeprefix("Async")
            node, methods = self._classes.family(cls)[0], self._classes.methods(cls)
            if cls == CLIENT or cls in self._classes.resources:
                yield from self._class(f"`{name if cls == CLIENT else label}`", node, methods)
            else:
                others[name] = list(self._class(f"`{name}`", node, methods))
        for name, node in self._exported_elsewhere():
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            methods = [inner for inner in node.body if isinstance(inner, Function)]
            others[name] = list(self._class(f"`{name}`{f' ({bases})' if bases else ''}", node, methods))
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

    def _class(self, title: str, node: ast.ClassDef, methods: list[Function]) -> Iterator[str]:
        yield f"### {title}\n\n{_first_sentence(node)}\n"
        rows: dict[str, str] = {}
        for method in methods:
            decorators = decorators_of(method)
            if method.name.startswith("_") or "overload" in decorators:
                continue
            is_property = decorators & {"property", "cached_property", "shared_property"}
            signature = "" if is_property else f"({parameters(method, self._groups)})"
            row = f"- `{method.name}{signature}`: {_first_sentence(method)}"
            rows.setdefault(method.name, row.removesuffix(": "))
        if rows:
            yield "\n".join(rows.values()) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _first_sentence(node: ast.ClassDef | Function) -> str:
    """The first paragraph of a docstring on one line, with the names of the sync client."""
    text = (ast.get_docstring(node) or "").split("\n\n")[0]
    plain = " ".join(text.split()).replace("Async", "")
    return plain.replace("an `async ", "a `").replace("`async ", "`")


if __name__ == "__main__":
    sys.exit(main())
