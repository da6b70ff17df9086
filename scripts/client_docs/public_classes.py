"""The public classes of the async client, and the operations that their docstrings name.

A public method names the operations that it calls, such as `(GET /api/jobs)`. That is a rule of the
house, so the map of the API is read from it. Which module sends a request is read from imports.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from comfy_cloud.contract._documents.reader import ContractError

CLIENT = "AsyncComfyCloud"
FunctionNode = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef

_GENERATED = re.compile(r"(comfy_cloud_api(?:_v2)?)\.api\.(\w+)\Z")
_OPERATION = re.compile(r"\b(GET|HEAD|POST|PUT|PATCH|DELETE) (/[\w/{}.-]*[\w}])")


def decorators_of(node: Function) -> set[str]:
    """The decorators of a function by their last name, such as `cached_property`."""
    return {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}


class PublicClasses:
    """The client, its resources, and the other exported classes of `_async`."""

    def __init__(self, folder: Path, exported: set[str]) -> None:
        """Read every module of `folder`; `exported` are the public names of the package."""
        modules = {path: _read(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))}
        self._classes = {node.name: node for classes, _ in modules.values() for node in classes}
        if CLIENT not in self._classes:
            raise ContractError(f"{folder.name} has no class {CLIENT}: the map of the API begins there")
        self.resources = {
            ast.unparse(node.returns).strip("\"'"): node.name
            for node in self.methods(CLIENT)
            if node.returns is not None and decorators_of(node) & {"cached_property", "shared_property"}
        }
        others = sorted(exported & self._classes.keys() - {CLIENT, *self.resources})
        self.labels = {
            CLIENT: "cloud",
            **{name: f"cloud.{label}" for name, label in self.resources.items()},
            **{name: _snake_case(name.removeprefix("Async")) for name in others},
        }
        self._users: dict[str, list[str]] = {}
        for path, (_, used) in modules.items():
            for module in used:
                self._users.setdefault(module, []).append(path.relative_to(folder).as_posix())

    def family(self, name: str) -> list[ast.ClassDef]:
        """The class and its bases in the folder."""
        node = self._classes.get(name)
        if node is None:
            raise ContractError(f"no module of _async has the class {name}, which {CLIENT} offers")
        bases = [ast.unparse(base) for base in node.bases]
        return [node, *(found for base in bases if base in self._classes for found in self.family(base))]

    def methods(self, name: str) -> list[Function]:
        """The public methods and properties of a class, each once, without overloads."""
        found: dict[str, Function] = {}
        for node in (inner for member in self.family(name) for inner in member.body):
            if not isinstance(node, FunctionNode) or node.name.startswith("_"):
                continue
            if "overload" not in decorators_of(node):
                found.setdefault(node.name, node)
        return list(found.values())

    def methods_by_operation(self) -> dict[str, list[str]]:
        """By "GET /api/jobs": the methods whose docstrings name it, such as `cloud.jobs.list`.

        A method that names an operation early in its docstring comes before one that does later.
        """
        found: dict[str, dict[str, int]] = {}
        for name, label in self.labels.items():
            for node in self.methods(name):
                text = " ".join((ast.get_docstring(node) or "").split())
                for match in _OPERATION.finditer(text):
                    calls = found.setdefault(f"{match[1]} {match[2]}", {})
                    calls.setdefault(f"{label}.{node.name}", match.start())
        return {http: sorted(calls, key=lambda call: calls[call] > 400) for http, calls in found.items()}

    def modules_using(self, package: str, generated: str) -> list[str]:
        """The files of the folder that import a generated module such as `job.list_jobs`."""
        return self._users.get(f"{package} {generated}", [])


# Reading the client takes longer than the rest of the map, which an update makes several times.
@lru_cache(maxsize=256)
def _read(text: str) -> tuple[list[ast.ClassDef], list[str]]:
    """The classes of a module, and the generated modules that it imports."""
    tree = ast.parse(text)
    return [node for node in tree.body if isinstance(node, ast.ClassDef)], list(_generated_modules_in(tree))


def _generated_modules_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (found := _GENERATED.match(node.module or "")):
            for alias in node.names:
                yield f"{found[1]} {found[2]}.{alias.name}"


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
