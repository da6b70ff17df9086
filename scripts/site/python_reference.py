"""The reference of the Python API, as Markdown pages made from signatures and docstrings.

The sources are parsed, so that signatures stand as they are written. Inherited members are shown
where the class that users meet is; what begins with an underscore is left out.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from typing_extensions import TypeIs

from .reference_pages import PAGES, ReferencePage

_INDENT: Final = 4
_SECTION: Final = re.compile(r"^(Args|Attributes|Raises|Returns|Yields|Examples?):$")
_ITEM: Final = re.compile(r"^([\w*.]+(?:, [\w*.]+)*): (.*)$")
_WORDS: Final = {"Args": "Arguments"}
_WIDTH: Final = "88"
_BREAK: Final = "# ---- next ----"
_DECORATORS: Final = frozenset(
    ("classmethod", "staticmethod", "property", "cached_property", "shared_property")
)


def reference() -> dict[str, str]:
    """The Markdown of every page by its name."""
    drafts = {page.name: list(_draft(page)) for page in PAGES}
    signatures = [part for parts in drafts.values() for part in parts if isinstance(part, _Signature)]
    shown = dict(zip(signatures, _formatted([each.code for each in signatures]), strict=True))
    return {
        name: "\n".join(
            f"```python\n{shown[part]}\n```\n" if isinstance(part, _Signature) else part for part in parts
        )
        for name, parts in drafts.items()
    }


@dataclass(frozen=True, eq=False)
class _Signature:
    """Code that is not laid out yet."""

    code: str


def _draft(page: ReferencePage) -> Iterator[str | _Signature]:
    yield f"# {page.title}\n\n{page.about}\n"
    for module, name in page.objects:
        found = getattr(importlib.import_module(module), name)
        yield f"## {name}\n"
        if inspect.isclass(found):
            yield from _class(name, found)
        elif inspect.isfunction(found):
            node = _node(found)
            yield _Signature(_signature(node))
            yield _prose(ast.get_docstring(node))
        else:
            yield f"`{name} = {_alias(found)}`\n"


def _class(name: str, found: type) -> Iterator[str | _Signature]:
    own = _own_classes(found)
    fields = [line for each in reversed(own) for line in _fields(_class_node(each))]
    bases = [base.__name__ for base in found.__bases__ if base.__name__ in _shown_names()]
    head = f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"
    docstring = ast.get_docstring(_class_node(found)) or ""
    made = [_signature(node) for node in _class_node(found).body if _is_made_by(node, docstring)]
    inside = fields or made or ["..."]
    yield _Signature("\n".join([head, *(textwrap.indent(line, "    ") for line in inside)]))
    yield _prose(docstring)
    members: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    for each in own:
        for node in _class_node(each).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_shown(node):
                members.setdefault(node.name, node)
    for member in sorted(members.values(), key=lambda node: (node.name != "__init__", node.name)):
        yield f"### {name}.{member.name}\n" if member.name != "__init__" else f"### {name}()\n"
        yield _Signature(_signature(member))
        yield _prose(ast.get_docstring(member))


@cache
def _shown_names() -> frozenset[str]:
    return frozenset(name for page in PAGES for _, name in page.objects)


def _is_made_by(node: ast.stmt, docstring: str) -> TypeIs[ast.FunctionDef]:
    """Whether this is the `__init__` of a class that users make, whose arguments are explained."""
    return isinstance(node, ast.FunctionDef) and node.name == "__init__" and "Args:" in docstring


def _own_classes(found: type) -> list[type]:
    """The class and those of ours that it inherits from, nearest first."""
    return [each for each in found.__mro__ if each.__module__.startswith("comfy_cloud")]


@cache
def _tree(path: str) -> ast.Module:
    with open(path, encoding="utf-8") as file:
        return ast.parse(file.read())


def _class_node(found: type) -> ast.ClassDef:
    module = sys.modules[found.__module__]
    path = inspect.getsourcefile(module)
    tree = _tree(path) if path else ast.Module([], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == found.__name__:
            return node
    # Public exceptions name another module than the one that they are written in.
    for name, each in list(sys.modules.items()):
        if (
            name.startswith("comfy_cloud")
            and getattr(each, found.__name__, None) is found
            and each is not module
        ):
            other = inspect.getsourcefile(each)
            for node in ast.walk(_tree(other)) if other else ():
                if isinstance(node, ast.ClassDef) and node.name == found.__name__:
                    return node
    raise LookupError(f"the source of {found.__name__} was not found")


def _node(found: object) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(found)))  # type: ignore[arg-type]
    (node,) = (each for each in tree.body if isinstance(each, ast.FunctionDef))
    return node


def _fields(node: ast.ClassDef) -> list[str]:
    return [
        ast.unparse(each)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and not ast.unparse(each.target).startswith("_")
    ]


def _is_shown(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if any("overload" in ast.unparse(each) or ".setter" in ast.unparse(each) for each in node.decorator_list):
        return False
    has_prose = ast.get_docstring(node) is not None
    return (not node.name.startswith("_") and has_prose) or (node.name == "__init__" and has_prose)


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    kept = [each for each in node.decorator_list if ast.unparse(each).rpartition(".")[2] in _DECORATORS]
    stub = type(node)(
        name=node.name,
        args=node.args,
        body=[ast.Expr(ast.Constant(...))],
        decorator_list=kept,
        returns=node.returns,
    )
    return ast.unparse(ast.fix_missing_locations(stub))


def _formatted(codes: Sequence[str]) -> list[str]:
    """Code laid out by ruff, all of it in one call."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", _WIDTH, "-"],
        input=f"\n{_BREAK}\n".join(codes),
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return [part.strip() for part in done.stdout.split(_BREAK)]


def _alias(found: object) -> str:
    return re.sub(r"\b(?:[a-z_]\w*\.)+", "", str(found))


def _prose(docstring: str | None) -> str:
    """A docstring as Markdown: its sections become lists."""
    return "\n".join(_lines((docstring or "").splitlines())) + "\n"


def _lines(lines: Iterable[str]) -> Iterator[str]:
    section = ""
    for line in lines:
        if heading := _SECTION.match(line):
            section = heading[1]
            yield f"**{_WORDS.get(section, section)}**\n"
        elif section and line.startswith(" " * _INDENT):
            text = line[_INDENT:]
            item = _ITEM.match(text)
            if item:
                yield f"- `{item[1]}`: {item[2]}"
            else:
                yield f"  {text.strip()}" if text.startswith(" ") else text
        else:
            section = section if not line.strip() else ""
            yield line
