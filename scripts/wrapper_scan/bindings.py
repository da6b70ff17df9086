"""What is assigned to the local names of a function, and to the attributes of a class."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from scripts.wrapper_scan.modules import Class, Function, FunctionNode, decorators_of


class Kind(Enum):
    """How a name gets its value from the node of a binding."""

    SELF = "it is the instance that the method is called on"
    CLASS = "it is the class that the method is called on"
    ANNOTATED = "the node is its type"
    MANY = "the node is the type of its items"
    VALUE = "the node is its value"
    ELEMENT = "the node is what it is taken out of"
    ENTERED = "the node is a context manager that gives it"
    HIDDEN = "the source does not show it"


@dataclass(frozen=True)
class Binding:
    """One way in which a name gets a value."""

    kind: Kind
    node: ast.expr | None = None


@cache
def local_bindings(function: Function) -> dict[str, list[Binding]]:
    """Everything that a function binds to each local name, those of nested functions included."""
    found: dict[str, list[Binding]] = {}
    for name, binding in _bindings(function.node, function.owner is not None):
        found.setdefault(name, []).append(binding)
    return found


@cache
def attribute_bindings(cls: Class) -> dict[str, list[tuple[Function | None, Binding]]]:
    """What a class assigns to attributes of its instances, with the method that does so."""
    found: dict[str, list[tuple[Function | None, Binding]]] = {}
    for node in cls.node.body:
        for name, binding in _of_assignment(node, _plain_name):
            found.setdefault(name, []).append((None, binding))
    for method in cls.methods.values():
        for inner in ast.walk(method.node):
            for name, binding in _of_assignment(inner, _own_attribute):
                found.setdefault(name, []).append((method, binding))
    return found


def _bindings(function: FunctionNode, is_method: bool) -> Iterator[tuple[str, Binding]]:
    for node in ast.walk(function):
        match node:
            case ast.arguments():
                is_own = node is function.args
                yield from _of_parameters(node, decorators_of(function) if is_own and is_method else None)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node is not function:
                yield node.name, Binding(Kind.MANY if node.returns else Kind.HIDDEN, node.returns)
            case ast.Assign() | ast.AnnAssign():
                yield from _of_assignment(node, _plain_name)
            case ast.Call():
                yield from _of_lambdas(node)
            case ast.NamedExpr():
                yield node.target.id, Binding(Kind.VALUE, node.value)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                yield from _of_targets([node.target], Binding(Kind.ELEMENT, node.iter), _plain_name)
            case ast.withitem(optional_vars=ast.expr() as target):
                yield from _of_targets([target], Binding(Kind.ENTERED, node.context_expr), _plain_name)
            case ast.MatchAs(name=str() as name, pattern=ast.MatchClass(cls=cls)):
                yield name, Binding(Kind.ANNOTATED, cls)
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name, Binding(Kind.HIDDEN)
            case _:
                pass


def _of_lambdas(call: ast.Call) -> Iterator[tuple[str, Binding]]:
    """The parameters of the lambdas that a call gets.

    They are taken to be items of the other arguments, or of the object whose method is called.
    """
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    origins = [argument for argument in arguments if not isinstance(argument, ast.Lambda)]
    if isinstance(call.func, ast.Attribute):
        origins.append(call.func.value)
    for argument in arguments:
        if isinstance(argument, ast.Lambda):
            for parameter in argument.args.args:
                for origin in origins:
                    yield parameter.arg, Binding(Kind.ELEMENT, origin)


def _of_parameters(spec: ast.arguments, method_decorators: set[str] | None) -> Iterator[tuple[str, Binding]]:
    """The parameters of a function; the decorators are given when it is a method."""
    plain = [*spec.posonlyargs, *spec.args]
    if method_decorators is not None and "staticmethod" not in method_decorators and plain:
        first = plain.pop(0)
        yield first.arg, Binding(Kind.CLASS if "classmethod" in method_decorators else Kind.SELF)
    for parameter in [*plain, *spec.kwonlyargs]:
        kind = Kind.ANNOTATED if parameter.annotation else Kind.HIDDEN
        yield parameter.arg, Binding(kind, parameter.annotation)
    for parameter in filter(None, [spec.vararg, spec.kwarg]):
        kind = Kind.MANY if parameter.annotation else Kind.HIDDEN
        yield parameter.arg, Binding(kind, parameter.annotation)


def _of_assignment(node: ast.AST, name_of: Callable[[ast.expr], str | None]) -> Iterator[tuple[str, Binding]]:
    """The names that a statement assigns to: by its value, and by its annotation."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from _of_targets(targets, Binding(Kind.VALUE, value), name_of)
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            yield from _of_targets([target], Binding(Kind.ANNOTATED, annotation), name_of)
            if value is not None:
                yield from _of_targets([target], Binding(Kind.VALUE, value), name_of)
        case _:
            pass


def _of_targets(
    targets: list[ast.expr], binding: Binding, name_of: Callable[[ast.expr], str | None]
) -> Iterator[tuple[str, Binding]]:
    """The names that an assignment binds, each with its part of what is assigned."""
    for target in targets:
        if (name := name_of(target)) is not None:
            yield name, binding
        elif isinstance(target, ast.Starred):
            yield from _of_targets([target.value], binding, name_of)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = binding.node.elts if isinstance(binding.node, ast.Tuple | ast.List) else []
            if len(parts) == len(target.elts) and binding.kind is Kind.VALUE:
                for inner, part in zip(target.elts, parts, strict=True):
                    yield from _of_targets([inner], Binding(Kind.VALUE, part), name_of)
            else:
                kind = Kind.ELEMENT if binding.kind is Kind.VALUE else binding.kind
                yield from _of_targets(target.elts, Binding(kind, binding.node), name_of)


def _plain_name(target: ast.expr) -> str | None:
    return target.id if isinstance(target, ast.Name) else None


def _own_attribute(target: ast.expr) -> str | None:
    match target:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case _:
            return None
