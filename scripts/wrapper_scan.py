"""Which public method of the wrapper calls which generated operation, read from the source without importing it.

A use of a generated module counts for every public method that leads to it: through private methods and functions, and
through the inner classes of a module that the file imports from. It does not judge whether a branch is ever taken.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from comfy_cloud.contract._documents.reader import ContractError

GENERATED_API = "comfy_cloud_api.api."
CLIENT = "AsyncComfyCloud"

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Function:
    """One function or method: where it is, what it calls, and which generated modules it uses."""

    file: str
    owner: str | None
    name: str
    uses: set[str] = field(default_factory=set)
    self_calls: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    @property
    def is_public(self) -> bool:
        """Whether users call it by its name."""
        return not self.name.startswith("_")


class WrapperScan:
    """What is in `_async/`: public classes with the names users reach them by, and the operations their methods use."""

    def __init__(self, folder: Path, exported: set[str]) -> None:
        """Read every module of `folder`; `exported` are the names that the package offers."""
        self.trees = {
            ".".join(path.relative_to(folder).with_suffix("").parts): ast.parse(
                path.read_text(encoding="utf-8")
            )
            for path in sorted(folder.rglob("*.py"))
        }
        if "client" not in self.trees:
            raise ContractError(f"{folder.name}/client.py is missing: the map of the API begins there")
        self._imports = {
            name: set(_relative_imports(tree, name)) & self.trees.keys() for name, tree in self.trees.items()
        }
        self._functions = [
            function for name, tree in self.trees.items() for function in _functions(name, tree)
        ]
        self._bases = {
            node.name: [ast.unparse(base) for base in node.bases]
            for tree in self.trees.values()
            for node in tree.body
            if isinstance(node, ast.ClassDef)
        }
        self.nouns = _nouns(self.trees["client"])
        self._labels = {CLIENT: "cloud"} | {name: f"cloud.{noun}" for name, noun in self.nouns.items()}
        for tree in self.trees.values():
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and node.name in exported:
                    self._labels.setdefault(node.name, node.name.removeprefix("Async").lower())

    def label(self, class_name: str) -> str | None:
        """How users reach an instance of a class, such as `cloud.history`; None when they do not."""
        return self._labels.get(class_name)

    def family(self, class_name: str) -> list[str]:
        """The class and all that it is derived from here, itself first."""
        found = [class_name]
        for name in found:
            found += [base for base in self._bases.get(name, []) if base in self._bases and base not in found]
        return found

    def methods_by_module(self) -> dict[str, list[str]]:
        """For each generated module (`job.list_jobs`) the public methods that lead to it, those of its own call first."""
        direct: dict[str, list[str]] = {}
        indirect: dict[str, list[str]] = {}
        placed: set[str] = set()
        inherited = {base: label for name, label in self._labels.items() for base in self.family(name)}
        for function in self._functions:
            label = self._labels.get(function.owner or "") or inherited.get(function.owner or "")
            if label is None or not function.is_public:
                continue
            for module in sorted(function.uses):
                direct.setdefault(module, []).append(f"{label}.{function.name}")
            for module in sorted(self._all_uses(function) - function.uses):
                indirect.setdefault(module, []).append(f"{label}.{function.name}")
            placed |= self._all_uses(function)
        for function in self._functions:
            # Reached in a way that the source does not show, such as a callback: the noun of the file stands for it.
            for module in sorted(function.uses - placed):
                if (noun := self._noun_of(function.file)) is not None and noun not in indirect.setdefault(
                    module, []
                ):
                    indirect[module].append(noun)
        return {
            module: list(dict.fromkeys([*direct.get(module, []), *indirect.get(module, [])]))
            for module in direct.keys() | indirect.keys()
        }

    def _noun_of(self, file: str) -> str | None:
        importers = [name for name in self.trees if file in self._imports[name]]
        for name in [file, *importers]:
            for node in self.trees[name].body:
                if isinstance(node, ast.ClassDef) and node.name in self._labels:
                    return self._labels[node.name]
        return None

    def _all_uses(self, function: Function) -> set[str]:
        seen: set[int] = set()
        pending = [function]
        uses: set[str] = set()
        while pending:
            current = pending.pop()
            if id(current) in seen:
                continue
            seen.add(id(current))
            uses |= current.uses
            pending += [other for other in self._functions if self._leads(current, other)]
        return uses

    def _leads(self, one: Function, other: Function) -> bool:
        if one is other:
            return False
        near = other.file == one.file or other.file in self._imports[one.file]
        if other.owner is None:
            return near and other.name in one.names
        if one.owner is not None and other.owner in self.family(one.owner):
            return other.name in one.self_calls
        if other.owner in self._labels:
            # Public classes lead to each other's private methods only: a public one has its own line in the map.
            return not other.is_public and other.name in one.calls
        if not near:
            return False
        # A function that names inner classes means those and what is derived from them; another may mean any.
        named = one.names & self._bases.keys() - self._labels.keys()
        if named and not named & {other.owner, *self._bases[other.owner]}:
            return False
        return other.name in one.calls or (other.name == "__init__" and other.owner in one.names)


def exported_names(init: Path) -> dict[str, str]:
    """The names that a package offers, each with the module that it comes from, by the relative imports of its `__init__`."""
    tree = ast.parse(init.read_text(encoding="utf-8"))
    return {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        for alias in node.names
    }


def generated_modules(generated: Path) -> dict[str, tuple[str, str]]:
    """By operationId: the generated module below `comfy_cloud_api.api`, and the type that its `parse` returns."""
    found = {}
    for path in sorted((generated / "comfy_cloud_api" / "api").glob("*/*.py")):
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


def _nouns(client: ast.Module) -> dict[str, str]:
    """The classes that the client's properties return, with the name of the property."""
    return {
        _annotation(node.returns): node.name
        for top in client.body
        if isinstance(top, ast.ClassDef) and top.name == CLIENT
        for node in top.body
        if isinstance(node, Definition) and node.returns is not None and is_property(node)
        if not node.name.startswith("_")
    }


def is_property(node: Definition) -> bool:
    """Whether a method is read like a field."""
    return any(
        ast.unparse(mark).rpartition(".")[2] in ("property", "cached_property")
        for mark in node.decorator_list
    )


def _annotation(node: ast.expr) -> str:
    return ast.unparse(node).strip("\"'")


def _relative_imports(tree: ast.Module, importer: str) -> Iterator[str]:
    """The modules of the folder that a module imports; both by their dotted path below the folder."""
    package = importer.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and 1 <= node.level <= len(package) + 1:
            base = package[: len(package) + 1 - node.level]
            for name in [node.module] if node.module else [alias.name for alias in node.names]:
                yield ".".join([*base, name])


def _functions(file: str, tree: ast.Module) -> Iterator[Function]:
    modules = {
        alias.asname or alias.name: f"{node.module.removeprefix(GENERATED_API)}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(GENERATED_API)
        for alias in node.names
    }
    for node in tree.body:
        if isinstance(node, Definition):
            yield _read(Function(file, None, node.name), node, modules)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Definition):
                    yield _read(Function(file, node.name, inner.name), inner, modules)


def _read(function: Function, node: Definition, modules: dict[str, str]) -> Function:
    attributes = {
        id(inner.value)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and inner.attr != "build"
    }
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name) if name in modules:
                # `module.build`, or the module itself handed on; `module.OPERATION` alone calls nothing.
                if id(inner) not in attributes:
                    function.uses.add(modules[name])
            case ast.Name(id=name):
                function.names.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                function.self_calls.add(name)
            case ast.Attribute(attr=name):
                function.calls.add(name)
    return function
