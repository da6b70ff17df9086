"""The modules of a folder, parsed, and what the names in them refer to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

GENERATED_API = "comfy_cloud_api.api."

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(eq=False)
class Module:
    """One module of the folder.

    Attributes:
        name: Its dotted path below the folder; empty for the folder itself.
        is_package: Whether it is the `__init__` of a package.
        tree: Its syntax tree.
        generated: Local names of generated modules, such as `list_jobs` -> `job.list_jobs`.
        imports: Local names imported from the folder, with the module and the name there; the name
            is empty where the module itself is imported.
        definitions: The classes, functions and variables that it defines.
    """

    name: str
    is_package: bool
    tree: ast.Module
    generated: dict[str, str] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    definitions: dict[str, Class | Function | Variable] = field(default_factory=dict)


@dataclass(eq=False)
class Class:
    """One class of the folder, with its own methods."""

    module: Module
    node: ast.ClassDef
    methods: dict[str, Function] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.node.name

    @property
    def is_protocol(self) -> bool:
        """Whether it describes other classes by their methods."""
        return any(ast.unparse(base).partition("[")[0].endswith("Protocol") for base in self.node.bases)


@dataclass(eq=False)
class Function:
    """One function of a module, or one method of a class."""

    module: Module
    owner: Class | None
    node: FunctionNode

    @property
    def name(self) -> str:
        """Its name."""
        return self.node.name

    @property
    def is_property(self) -> bool:
        """Whether it is read like an attribute."""
        return bool(decorators_of(self.node) & {"property", "cached_property"})


@dataclass(eq=False)
class Variable:
    """One variable of a module."""

    module: Module
    annotation: ast.expr | None
    value: ast.expr | None


Definition = Module | Class | Function | Variable


class Sources:
    """Every module below a folder, with the classes and functions in them."""

    def __init__(self, folder: Path) -> None:
        """Parse the modules of `folder`, which is a package."""
        self.modules = {module.name: module for module in _parsed(folder)}
        for module in self.modules.values():
            self._note_imports(module)
            _note_definitions(module)
        self.classes = [
            found
            for module in self.modules.values()
            for found in module.definitions.values()
            if isinstance(found, Class)
        ]
        self._subclasses: dict[Class, list[Class]] = {found: [found] for found in self.classes}
        for found in self.classes:
            for base in self.family(found)[1:]:
                self._subclasses[base].append(found)
        for protocol in self.classes:
            if protocol.is_protocol:
                self._subclasses[protocol] += self._implementations(protocol)

    def functions(self) -> Iterator[Function]:
        """Every function and method."""
        for module in self.modules.values():
            for found in module.definitions.values():
                if isinstance(found, Function):
                    yield found
                elif isinstance(found, Class):
                    yield from found.methods.values()

    def lookup(self, module: Module, name: str) -> Definition | None:
        """What a name means in a module; None when it is not from this folder."""
        seen = set()
        while (module, name) not in seen:
            seen.add((module, name))
            if name in module.definitions:
                return module.definitions[name]
            if name not in module.imports:
                return self.modules.get(f"{module.name}.{name}".lstrip(".")) if module.is_package else None
            origin, original = module.imports[name]
            if not original:
                return self.modules[origin]
            module, name = self.modules[origin], original
        return None

    def named(self, module: Module, node: ast.expr) -> Definition | None:
        """What a name, or a name in an imported module, means in a module."""
        match node:
            case ast.Name(id=name):
                return self.lookup(module, name)
            case ast.Attribute(value=base, attr=name):
                origin = self.named(module, base)
                return self.lookup(origin, name) if isinstance(origin, Module) else None
            case _:
                return None

    def family(self, found: Class) -> list[Class]:
        """The class and its bases in this folder, in the order in which methods are looked up."""
        family = [found]
        for member in family:
            for node in member.node.bases:
                base = self.named(member.module, node.value if isinstance(node, ast.Subscript) else node)
                if isinstance(base, Class) and base not in family:
                    family.append(base)
        return family

    def subclasses(self, found: Class) -> list[Class]:
        """The class and its subclasses; of a protocol also the classes that have its methods."""
        return self._subclasses[found]

    def method(self, found: Class, name: str, after: Class | None = None) -> Function | None:
        """The method of this name that an instance has; `after` a class, what `super()` finds."""
        family = self.family(found)
        if after in family:
            family = family[family.index(after) + 1 :]
        return next((member.methods[name] for member in family if name in member.methods), None)

    def _implementations(self, protocol: Class) -> list[Class]:
        names = {name for member in self.family(protocol) for name in member.methods}
        return [
            found
            for found in self.classes
            if names
            and not found.is_protocol
            and found not in self._subclasses[protocol]
            and all(self.method(found, name) for name in names)
        ]

    def _note_imports(self, module: Module) -> None:
        package = module.name.split(".") if module.name else []
        if not module.is_package:
            package = package[:-1]
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ImportFrom):
                continue
            if node.module and node.module.startswith(GENERATED_API):
                tag = node.module.removeprefix(GENERATED_API)
                module.generated |= {
                    alias.asname or alias.name: f"{tag}.{alias.name}" for alias in node.names
                }
            elif 1 <= node.level <= len(package) + 1:
                base = [*package[: len(package) + 1 - node.level], *([node.module] if node.module else [])]
                for alias in node.names:
                    whole = ".".join([*base, alias.name])
                    origin = (whole, "") if whole in self.modules else (".".join(base), alias.name)
                    if origin[0] in self.modules:
                        module.imports[alias.asname or alias.name] = origin


def decorators_of(node: FunctionNode) -> set[str]:
    """The last words of a function's decorators, such as `property` or `setter`."""
    return {ast.unparse(mark).partition("(")[0].rpartition(".")[2] for mark in node.decorator_list}


def _parsed(folder: Path) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        parts = list(path.relative_to(folder).with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        yield Module(name, is_package, ast.parse(path.read_text(encoding="utf-8")))


def _note_definitions(module: Module) -> None:
    for node in module.tree.body:
        match node:
            case ast.ClassDef():
                found = Class(module, node)
                for inner in node.body:
                    if isinstance(inner, FunctionNode) and not decorators_of(inner) & {"overload", "setter"}:
                        found.methods[inner.name] = Function(module, found, inner)
                module.definitions[node.name] = found
            case ast.FunctionDef() | ast.AsyncFunctionDef() if "overload" not in decorators_of(node):
                module.definitions[node.name] = Function(module, None, node)
            case ast.AnnAssign(target=ast.Name(id=name)):
                module.definitions[name] = Variable(module, node.annotation, node.value)
            case ast.Assign(targets=[ast.Name(id=name)]):
                module.definitions[name] = Variable(module, None, node.value)
            case _:
                pass
