"""The imports of this project's packages, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the project."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return found


def name_of(path: Path) -> str:
    """A file's path below the root of the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements in a module or statement, without a look into expressions, which hold none."""
    for inner in _blocks(node):
        if isinstance(inner, ast.stmt):
            yield inner
        yield from statements(inner)


def _blocks(node: ast.AST) -> Iterator[ast.AST]:
    """The statements, handlers and cases right below a node."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        found = getattr(node, name, None)
        if isinstance(found, list):  # the body of a lambda is an expression
            yield from found


def module_of(path: Path) -> str:
    """The dotted name of a file, which lies in a folder of `sys.path` below the root."""
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The dotted names of all imports in a file, also in functions and under TYPE_CHECKING."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).parts[1:-1]
    for node in statements(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def import_graph(*folders: str) -> dict[str, set[str]]:
    """Which module imports which, by dotted names, for all modules of these folders."""
    modules = {module_of(path): path for path in files(*folders)}
    graph = {}
    for module, path in modules.items():
        found = set()
        for name in imports(path):
            while name and name not in modules:
                name = name.rpartition(".")[0]
            found.add(name)
        graph[module] = found - {"", module}
    return graph


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """The sets of modules that import each other in a circle (strongly connected components)."""
    found: list[set[str]] = []
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []

    def visit(module: str) -> None:  # as Tarjan does it
        index[module] = lowest[module] = len(index)
        path.append(module)
        for other in graph[module]:
            if other not in index:
                visit(other)
            if other in path:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == index[module]:
            circle = set(path[path.index(module) :])
            del path[-len(circle) :]
            if len(circle) > 1 or module in graph[module]:
                found.append(circle)

    for module in graph:
        if module not in index:
            visit(module)
    return found
