"""The proof that generated code does nothing but what the templates write; nothing is run for it.

Every module is compiled and its syntax tree is walked. Text of the contract may only be in
constants, in names and in annotations. Modules that are the same for every contract are compared
with their template; the others may import, define and call only what is listed here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import one_line

# The modules that are the same for every contract but for literals, and their templates.
_FIXED = {
    "__init__.py": "package_init.py.jinja",
    "client.py": "client.py.jinja",
    "errors.py": "errors.py.jinja",
    "types.py": "types.py.jinja",
    "api/__init__.py": "api_init.py.jinja",
    "api/*/__init__.py": "endpoint_init.py.jinja",
    "models/__init__.py": "models_init.py.jinja",
}
_IMPORTS = re.compile(
    r"from (?:__future__|attrs|collections\.abc|datetime|typing"
    r"|\.\.\.client|\.\.\.types|\.\.types|\.\.\.models\.(?![A-Z])\w+|\.(?![A-Z])\w+) import [\w, ]+\Z"
)
_CALLS = re.compile(
    r"(?:Credential|Operation|Request|UnexpectedStatus|_field|as_is|build|bytes|cast|client\.send|cls\.__new__"
    r"|data\.keys|decode|found\.append|new|decode_list|decode_model|decode_page|decode_value|dict|extras|fill_path|form_content|form_parts"
    r"|frozenset|get|has_media_type|header_fields|is_content|isinstance|parse|path_segment|read_best"
    r"|read_date|read_datetime|read_instant|read_json|read_list|read_map|redirect|response\.content\.decode"
    r"|to_json|with_query|(?![a-z_])\w+\.(?:read|from_dict))\Z"
)
_BASES = re.compile(r"(?:Model|LateModel|OpenEnum)\Z")
_DECORATORS = re.compile(r"(?:_define|classmethod)\Z")
_NODES = (
    ast.Module, ast.Expr, ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.Name, ast.Attribute, ast.Load,
    ast.Store, ast.Import, ast.ImportFrom, ast.alias, ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Call,
    ast.keyword, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.arguments, ast.arg,
    ast.For, ast.Return, ast.Raise, ast.If, ast.IfExp, ast.Compare, ast.BoolOp, ast.And, ast.Or, ast.BinOp,
    ast.BitOr, ast.Is, ast.NotIn, ast.Eq, ast.LtE, ast.Lt, ast.Subscript, ast.Tuple, ast.List, ast.Dict,
    ast.Await, ast.Pass,
)  # fmt: skip


def prove(package: Path, templates: Path) -> None:
    """Raise ContractError unless every module of a generated package is as templates make it."""
    environment = _placeholders(templates)
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package)
        try:
            text = path.read_text(encoding="utf-8")
            tree = _compiled(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise _refused(relative, f"it is not valid Python: {error}") from None
        template = next((name for glob, name in _FIXED.items() if _matches(relative, glob)), None)
        if template is not None:
            expected = environment.get_template(template).render(imports=["x"], alls=["x"])
            if _skeleton(text) != _skeleton(expected):
                raise _refused(relative, f"it is not what {template} makes")
        elif relative.as_posix() == "responses.py":
            _check_table(tree, relative)
        else:
            _check(tree, relative)


# Most modules that are the same for every contract are also the same text.
@lru_cache(maxsize=32)
def _compiled(text: str) -> ast.Module:
    """The syntax of a module that also compiles, which is not to be changed."""
    tree = ast.parse(text)
    compile(text, "<unknown>", "exec", dont_inherit=True)
    return tree


def _matches(path: Path, pattern: str) -> bool:
    return len(path.parts) == pattern.count("/") + 1 and path.match(pattern)


def _refused(path: Path, reason: str) -> ContractError:
    return ContractError(
        f"The contract makes code that no template writes, in {path.as_posix()}: {one_line(reason)}. "
        "Nothing was run."
    )


# Modules with code from the contract


def _check(tree: ast.Module, path: Path) -> None:
    for reason in [*_strange_nodes(tree), *_repeated_names(tree)]:
        raise _refused(path, reason)


def _strange_nodes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            yield f"line {getattr(node, 'lineno', 0)} has a {type(node).__name__}"
        match node:
            case ast.Import():
                yield f"`{ast.unparse(node)}`"
            case ast.ImportFrom() if not _IMPORTS.match(_without_aliases(node)):
                yield f"`{ast.unparse(node)}`"
            case ast.Call() if not _CALLS.match(ast.unparse(node.func)):
                yield f"a call of `{ast.unparse(node.func)}`"
            case ast.FormattedValue() if (
                node.conversion != -1 or node.format_spec or not _is_segment(node.value)
            ):
                yield f"`{ast.unparse(node)}` in a format string"
            case ast.ClassDef() if node.keywords or not all(_BASES.match(ast.unparse(b)) for b in node.bases):
                yield f"the bases of class {node.name}"
            case ast.Attribute() if node.attr.startswith("__") and ast.unparse(node) != "cls.__new__":
                yield f"the attribute `{node.attr}`"
            case ast.For() if ast.unparse(node.target) != "record" or ast.unparse(node.iter) != "records":
                yield f"a loop over `{ast.unparse(node.iter)}`"
            case ast.Lambda() if ast.unparse(node.args) != "value":
                yield f"`{ast.unparse(node)}`"
        yield from _strange_parts(node)


def _strange_parts(node: ast.AST) -> Iterator[str]:
    for decorator in getattr(node, "decorator_list", []):
        if not _DECORATORS.match(ast.unparse(decorator)):
            yield f"the decorator `{ast.unparse(decorator)}`"
    for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
        if isinstance(annotation, ast.AST) and not all(map(_is_type, ast.walk(annotation))):
            yield f"the annotation `{ast.unparse(annotation)}`"


def _is_type(node: ast.AST) -> bool:
    # Annotations are evaluated when somebody asks for them; text in them would be, too.
    if isinstance(node, ast.Constant):
        return node.value is None
    return isinstance(node, (ast.Name, ast.Load, ast.Subscript, ast.Tuple, ast.BinOp, ast.BitOr))


def _is_segment(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and bool(re.fullmatch(r"path_segment\(\w+\)", ast.unparse(node)))


def _without_aliases(node: ast.ImportFrom) -> str:
    if any(name.asname not in (None, f"_{name.name}") for name in node.names):
        return ""
    return f"from {'.' * node.level}{node.module or ''} import {', '.join(name.name for name in node.names)}"


def _repeated_names(tree: ast.Module) -> Iterator[str]:
    seen: set[str] = set()
    for statement in tree.body:
        for name in _bound(statement):
            if name in seen:
                yield f"the name `{name}` is defined twice"
            seen.add(name)


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.ImportFrom():
            yield from (name.asname or name.name for name in statement.names)
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            yield statement.name
        case ast.Assign():
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))


def _check_table(tree: ast.Module, path: Path) -> None:
    for statement in tree.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.ImportFrom(module="__future__" | "typing", level=0):
                continue
            case ast.AnnAssign(target=ast.Name(id="RESPONSES" | "SCHEMAS"), value=ast.expr() as value):
                if _is_data(value):
                    continue
        raise _refused(path, f"line {statement.lineno} is not data")


def _is_data(node: ast.expr) -> bool:
    allowed = (ast.Dict, ast.List, ast.Tuple, ast.Constant, ast.Load)
    return all(isinstance(inner, allowed) for inner in ast.walk(node))


# Modules that are the same for every contract


@lru_cache(maxsize=4)
def _placeholders(templates: Path) -> Environment:
    """Templates whose filters write placeholders, which `_skeleton` leaves out on both sides."""
    environment = Environment(
        loader=FileSystemLoader(templates), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    texts = {
        "literal": "'x'",
        "as_docstring": '"""x"""',
        "model_import": "from .x import x",
        "name_and_module": "'x': 'x'",
    }
    environment.filters.update({name: partial(_always, text) for name, text in texts.items()})
    return environment


def _always(text: str, value: object) -> str:
    del value
    return text


@lru_cache(maxsize=64)
def _skeleton(text: str) -> list[str]:
    """The statements in an order that does not depend on the sorting of imports, without data."""
    emptied = _WithoutData().visit(ast.parse(text))
    return sorted(ast.dump(statement) for statement in emptied.body)


class _WithoutData(ast.NodeTransformer):
    """Leaves out the literals that a fixed module has from the contract, if they are literals."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        node.names.sort(key=lambda name: name.name)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if ast.unparse(node.target) == "base_url" and _is_text(node.value):
            node.value = None
        match node:
            case ast.AnnAssign(target=ast.Name(id="_MODULES"), value=ast.Dict(keys=keys, values=values)):
                if all(map(_is_text, [*keys, *values])):
                    node.value = ast.Dict([], [])
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.List(elts=names)):
                if all(map(_is_text, names)):
                    node.value = ast.List([], ast.Load())
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        is_empty = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
        if ast.unparse(node.test) == "TYPE_CHECKING" and (is_empty or all(map(_is_model_import, node.body))):
            node.body = [ast.Pass()]
        return self.generic_visit(node)


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_model_import(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ImportFrom) or node.level != 1:
        return False
    return "." not in (node.module or ".") and all(name.asname is None for name in node.names)
