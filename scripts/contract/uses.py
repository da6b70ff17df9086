"""Where handwritten code uses the generated client, and which of it a new tree no longer has.

Imports, calls of functions and constructors, and attributes of modules are read from the syntax of
both; nothing is imported or run. What a value's type allows, only a type checker can say.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scripts.project.checkout import V1, V2

_PACKAGES = (V1.package, V2.package)
_FOLDERS = ("wrapper", "scripts", "tests", "examples", "benchmarks")
_MADE = (("wrapper", "comfy_cloud", "_sync"), ("tests", "_sync"))


@dataclass(frozen=True, order=True)
class Use:
    """One use of the generated client.

    Attributes:
        path: The file, from the root of the checkout.
        line: The line in it.
        name: What is used, such as `comfy_cloud_api.api.asset.upload_asset`.
        problem: What is wrong with it; empty if nothing is known to be.
    """

    path: str
    line: int
    name: str
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem or self.name}"

    @property
    def is_in_the_client(self) -> bool:
        """Whether the installed client would break, not only tests or examples."""
        return self.path.startswith("wrapper/")


@dataclass(frozen=True)
class Callee:
    """The parameters of a generated function, or the fields of a generated class."""

    known: tuple[str, ...]
    required: frozenset[str]


@dataclass
class GeneratedModule:
    """What a generated module offers: names, and how its functions and classes are called."""

    names: set[str] = field(default_factory=set)
    callees: dict[str, Callee] = field(default_factory=dict)


def modules_of(generated: Path) -> dict[str, GeneratedModule]:
    """Every module of the packages in a generated tree by its dotted name."""
    return {name: _read_module(path) for name, path in _module_files(generated)}


def uses_of(root: Path, names: set[str]) -> list[Use]:
    """The imports in handwritten code of these modules or names of modules, in full."""
    return sorted(
        Use(path, node.lineno, name)
        for path, tree in _handwritten(root)
        for node, name in _imports(tree)
        if name in names
    )


def broken_uses(root: Path, present: Path, made: Path) -> list[Use]:
    """The uses in handwritten code that the present tree allows and the new one does not."""
    trees = [modules_of(tree) for tree in (present, made)]
    found: set[Use] = set()
    for path, tree in _handwritten(root):
        before, after = (
            {Use(path, *problem) for problem in _File(tree, modules).problems()} for modules in trees
        )
        found |= after - before
    return sorted(found)


def calls_of(root: Path, module: str, package: str = V1.package) -> list[Use]:
    """The lines of the client's own code that make a request with an operation's module."""
    name = f"{package}.api.{module}"
    found = []
    for path, tree in _handwritten(root):
        bound = {alias.asname or alias.name for alias in _aliases(tree, name)}
        found += [
            Use(path, node.lineno, name)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr == "build"
            and isinstance(node.value, ast.Name)
            and node.value.id in bound
        ]
    return sorted(use for use in found if use.is_in_the_client)


def names_of_operation(
    generated: Path, module: str, schemas: set[str], package: str = V1.package
) -> set[str]:
    """What is called after an operation: its module, and the models of its inline schemas.

    `module` is such as `asset.upload_asset`; `schemas` are the modules of named schemas.
    """
    stem = module.rpartition(".")[2]
    found = {f"{package}.api.{module}"}
    for path in (generated / package / "models").glob(f"{stem}_*.py"):
        if not any(path.stem == name or path.stem.startswith(f"{name}_") for name in schemas):
            in_full = f"{package}.models.{path.stem}"
            found |= {in_full, *(f"{in_full}.{name}" for name in _read_module(path).callees)}
    return found


def _handwritten(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """The handwritten files that name a generated package."""
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            parts = path.relative_to(root).parts
            if any(parts[: len(made)] == made for made in _MADE):
                continue
            text = path.read_text(encoding="utf-8")
            if V1.package in text:  # the names of the others begin with it
                yield "/".join(parts), ast.parse(text)


def _imports(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """The names below the generated packages that a file imports, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in _PACKAGES:
                    yield node, alias.name
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _PACKAGES:
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"


def _aliases(tree: ast.Module, name: str) -> Iterator[ast.alias]:
    """How a file imports a name that is given in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias for alias in node.names if f"{node.module}.{alias.name}" == name)


def _module_files(generated: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(path for package in _PACKAGES for path in (generated / package).rglob("*.py")):
        parts = path.relative_to(generated).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path


def _read_module(path: Path) -> GeneratedModule:
    module = GeneratedModule()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            module.callees[node.name] = _of_function(node)
        elif isinstance(node, ast.ClassDef):
            module.callees[node.name] = _of_class(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            module.names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.If):  # what only type checkers import can be imported by name
            inner = [found for found in ast.walk(node) if isinstance(found, (ast.Import, ast.ImportFrom))]
            module.names |= {alias.asname or alias.name for found in inner for alias in found.names}
        else:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            module.names |= {target.id for target in targets if isinstance(target, ast.Name)}
    module.names |= module.callees.keys()
    return module


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Callee:
    given = node.args
    keywords = [argument.arg for argument in given.kwonlyargs]
    pairs = zip(keywords, given.kw_defaults, strict=True)
    required = {name for name, default in pairs if default is None}
    first = [argument.arg for argument in given.args]
    required |= set(first[: len(first) - len(given.defaults)])
    return Callee((*first, *keywords), frozenset(required))


def _of_class(node: ast.ClassDef) -> Callee:
    """The fields of a model. A class that has none of its own is not judged."""
    fields = (
        inner.target.id
        for inner in node.body
        if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name)
    )
    return Callee(tuple(fields), frozenset())


class _File:
    """The uses in one handwritten file, held to the modules of a new tree."""

    def __init__(self, tree: ast.Module, modules: dict[str, GeneratedModule]) -> None:
        self._tree, self._modules = tree, modules

    def problems(self) -> Iterator[tuple[int, str, str]]:
        """Line, name and reason of each use that the tree does not allow."""
        bound: dict[str, str] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _PACKAGES:
                for alias in node.names:
                    bound[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for node, name in _imports(self._tree):
            if not self._has(name):
                yield node.lineno, name, f"{name} is gone"
        for inner in ast.walk(self._tree):
            if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
                module = self._modules.get(bound.get(inner.value.id, ""))
                if module is not None and inner.attr not in module.names:
                    name = f"{bound[inner.value.id]}.{inner.attr}"
                    if name not in self._modules:
                        yield inner.lineno, name, f"{name} is gone"
            elif isinstance(inner, ast.Call):
                yield from self._call(inner, bound)

    def _has(self, name: str) -> bool:
        parent, _, last = name.rpartition(".")
        return name in self._modules or (parent in self._modules and last in self._modules[parent].names)

    def _call(self, node: ast.Call, bound: dict[str, str]) -> Iterator[tuple[int, str, str]]:
        match node.func:
            case ast.Attribute(value=ast.Name(id=owner), attr=last) if owner in bound:
                parent, shown = bound[owner], f"{owner}.{last}"
            case ast.Name(id=name) if name in bound:
                parent, _, last = bound[name].rpartition(".")
                shown = name
            case _:
                return
        module = self._modules.get(parent)
        called = module.callees.get(last) if module is not None else None
        if called is None or not called.known:
            return
        given = {keyword.arg for keyword in node.keywords}
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in called.known:
                problem = f"{shown}() no longer takes `{keyword.arg}`"
                yield keyword.value.lineno, f"{parent}.{last}", problem
        missing = sorted(called.required - given - set(called.known[: len(node.args)]))
        starred = None in given or any(isinstance(argument, ast.Starred) for argument in node.args)
        if missing and not starred:
            yield node.lineno, f"{parent}.{last}", f"{shown}() needs `{'`, `'.join(missing)}`"
