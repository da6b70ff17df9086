"""What an expression may stand for, as far as types and assignments show it.

Only classes and functions of the scanned folder matter, so the analysis stays small: it ignores the
order of statements, and everything from elsewhere is an empty set. `UNKNOWN` is a value that could
be anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scripts.wrapper_scan.bindings import Binding, Kind, attribute_bindings, local_bindings
from scripts.wrapper_scan.constructions import Constructions
from scripts.wrapper_scan.modules import Class, Function, Module, Sources, Variable


@dataclass(frozen=True)
class Instance:
    """An instance of a class; of a subclass too, unless `is_exact`."""

    cls: Class
    is_exact: bool = False


@dataclass(frozen=True)
class ClassItself:
    """A class as a value, to call or to read from; a subclass too, unless `is_exact`."""

    cls: Class
    is_exact: bool = False


@dataclass(frozen=True)
class Bound:
    """A function, or a method with the class of its `self`."""

    function: Function
    receiver: Class | None = None


@dataclass(frozen=True)
class Super:
    """`super()` in a class, for an instance of `receiver`."""

    owner: Class
    receiver: Class


@dataclass(frozen=True)
class Holder:
    """What gives `content` when it is indexed, iterated, entered, called, or read from."""

    content: Value


@dataclass(frozen=True)
class Unknown:
    """A value that the source does not show."""


Value = Instance | ClassItself | Bound | Super | Holder | Module | Unknown
Values = frozenset[Value]
UNKNOWN = Unknown()
_NOTHING: Values = frozenset()
_ANYTHING: Values = frozenset({UNKNOWN})

# Annotations that mean what is inside them; every other subscript is a holder of it.
_TRANSPARENT = {"Awaitable", "Coroutine", "Optional", "Union", "Annotated", "Final", "ClassVar", "Required"}


class Scope:
    """The names in one function, called on one class of `self`; or those of a module."""

    def __init__(
        self, module: Module, function: Function | None = None, receiver: Class | None = None
    ) -> None:
        self.module = module
        self.function = function
        self.receiver = receiver

    @property
    def key(self) -> tuple[object, ...]:
        """What identifies this scope."""
        return (self.module, self.function, self.receiver)

    @property
    def bindings(self) -> dict[str, list[Binding]]:
        """The local names, each with everything that is assigned to it."""
        return local_bindings(self.function) if self.function else {}


class Evaluator:
    """Finds the values of expressions in the modules of one folder."""

    def __init__(self, sources: Sources, constructions: Constructions, public: set[Class]) -> None:
        """Methods of the `public` classes are never guessed by their name alone."""
        self._sources = sources
        self._constructions = constructions
        self._public = public
        self._known: dict[tuple[object, ...], Values] = {}
        self._active: set[tuple[object, ...]] = set()
        self._cut: set[tuple[object, ...]] = set()

    def values(self, node: ast.expr, scope: Scope) -> Values:
        """What an expression may stand for."""
        match node:
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute(value=base, attr=attr):
                return self._union(self._part(value, attr) for value in self.values(base, scope))
            case ast.Call():
                return self._call(node, scope)
            case ast.Await(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.values(inner, scope)
            case ast.Subscript(value=base, slice=inner):
                return self._union(
                    self._generic(value, inner, scope)
                    if isinstance(value, ClassItself)
                    else self.contents(value)
                    for value in self.values(base, scope)
                )
            case ast.IfExp(body=body, orelse=other):
                return self.values(body, scope) | self.values(other, scope)
            case ast.BoolOp(values=parts):
                return self._union(self.values(part, scope) for part in parts)
            case ast.BinOp(left=left, right=right):
                return self.values(left, scope) | self.values(right, scope)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return self._held(self._union(self.values(part, scope) for part in parts))
            case ast.Dict(values=parts):
                return self._held(self._union(self.values(part, scope) for part in parts))
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
                return self._held(self.values(part, scope))
            case ast.DictComp(value=part):
                return self._held(self.values(part, scope))
            case _:
                return _NOTHING

    def annotated(self, node: ast.expr | None, scope: Scope) -> Values:
        """What a value with this annotation may be."""
        match node:
            case None:
                return _ANYTHING
            case ast.Constant(value=str() as text):
                return self.annotated(ast.parse(text, mode="eval").body, scope)
            case ast.Name(id="Any") | ast.Attribute(attr="Any"):
                return _ANYTHING
            case ast.Name(id="Self") | ast.Attribute(attr="Self") if scope.receiver is not None:
                return frozenset({Instance(scope.receiver, is_exact=True)})
            case ast.Name() | ast.Attribute():
                return self._annotated_name(node, scope)
            case ast.BinOp(left=left, right=right):
                return self.annotated(left, scope) | self.annotated(right, scope)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._union(self.annotated(part, scope) for part in parts)
            case ast.Subscript(value=base, slice=inner):
                return self._annotated_subscript(base, inner, scope)
            case _:
                return _NOTHING

    def contents(self, value: Value) -> Values:
        """What a value gives when it is indexed, iterated or entered."""
        match value:
            case Holder(content=content):
                return frozenset({content})
            case Instance():
                names = ("__aiter__", "__iter__", "__aenter__", "__enter__", "__getitem__")
                found = self._union(
                    self.returned(bound) for name in names for bound in self.methods(value, name)
                )
                return self._union(
                    {inner} if isinstance(inner, Instance) else self.contents(inner) for inner in found
                )
            case Unknown():
                return _ANYTHING
            case _:
                return _NOTHING

    def methods(self, value: Value, name: str) -> Iterator[Bound]:
        """The methods and properties that this name may mean on a value."""
        match value:
            case Instance(cls=cls, is_exact=is_exact) | ClassItself(cls=cls, is_exact=is_exact):
                for receiver in [cls] if is_exact else self._sources.subclasses(cls):
                    if (method := self._sources.method(receiver, name)) is not None:
                        yield Bound(method, receiver)
            case Super(owner=owner, receiver=receiver):
                if (method := self._sources.method(receiver, name, after=owner)) is not None:
                    yield Bound(method, receiver)
            case _:
                pass

    def guessed(self, name: str) -> Iterator[Bound]:
        """The method of this name, if exactly one private class (with its subclasses) has one."""
        having = [found for found in self._sources.classes if name in found.methods]
        roots = [found for found in having if not set(self._sources.family(found)[1:]) & set(having)]
        if len(roots) == 1 and not self._public & set(self._sources.subclasses(roots[0])):
            yield from self.methods(Instance(roots[0]), name)

    def returned(self, bound: Bound) -> Values:
        """What calling a function gives, by its annotation."""
        function = bound.function
        return self.annotated(function.node.returns, Scope(function.module, function, bound.receiver))

    # Names

    def _name(self, name: str, scope: Scope) -> Values:
        if name in scope.bindings:
            key = (*scope.key, name)
            return self._once(key, lambda: self._local(name, scope))
        found = self._sources.lookup(scope.module, name)
        match found:
            case Class():
                return frozenset({ClassItself(found, is_exact=True)})
            case Function():
                return frozenset({Bound(found)})
            case Module():
                return frozenset({found})
            case Variable():
                return self._once((found,), lambda: self._variable(found))
            case None:
                return _NOTHING

    def _variable(self, found: Variable) -> Values:
        scope = Scope(found.module)
        declared = _NOTHING if found.annotation is None else self.annotated(found.annotation, scope)
        if declared - _ANYTHING or found.value is None:
            return declared
        return self.values(found.value, scope)

    def _local(self, name: str, scope: Scope) -> Values:
        found = self._bound_values([(binding, scope) for binding in scope.bindings[name]])
        function = scope.function
        if function is not None and function.name == "__init__" and scope.receiver is not None:
            found |= self._callbacks(scope.receiver, name)
        return found

    def _bound_values(self, bindings: list[tuple[Binding, Scope]]) -> Values:
        """The union of what is assigned to a name."""
        return self._union(self.assigned(binding, scope) for binding, scope in bindings)

    def _callbacks(self, cls: Class, parameter: str) -> Values:
        """The functions that are passed for a parameter wherever a class is constructed."""
        found = self._union(
            self.values(argument, Scope(function.module, function, function.owner))
            for argument, function in self._constructions.passed(cls, parameter)
        )
        return frozenset(value for value in found if isinstance(value, Bound))

    def assigned(self, binding: Binding, scope: Scope) -> Values:
        """What one binding gives to its name."""
        match binding.kind, binding.node:
            case Kind.SELF, _:
                return frozenset({Instance(scope.receiver, is_exact=True)}) if scope.receiver else _ANYTHING
            case Kind.CLASS, _:
                return (
                    frozenset({ClassItself(scope.receiver, is_exact=True)}) if scope.receiver else _ANYTHING
                )
            case Kind.ANNOTATED, node:
                return self.annotated(node, scope)
            case Kind.MANY, node:
                return self._held(self.annotated(node, scope))
            case Kind.VALUE, ast.expr() as node:
                return self.values(node, scope)
            case Kind.ELEMENT, ast.expr() as node:
                return self._union(self.contents(value) for value in self.values(node, scope))
            case Kind.ENTERED, ast.expr() as node:
                return self._union(self._entered(value) for value in self.values(node, scope))
            case _:
                return _ANYTHING

    def _entered(self, value: Value) -> Values:
        if isinstance(value, Instance):
            names = ("__aenter__", "__enter__")
            return self._union(self.returned(bound) for name in names for bound in self.methods(value, name))
        return self.contents(value)

    # Annotations

    def _annotated_name(self, node: ast.expr, scope: Scope) -> Values:
        found = self._sources.named(scope.module, node)
        match found:
            case Class():
                return frozenset({Instance(found)})
            case Variable(value=ast.Call()):
                return _ANYTHING  # a TypeVar
            case Variable(value=ast.expr() as alias):
                key = ("alias", found, scope.receiver)
                return self._once(
                    key, lambda: self.annotated(alias, Scope(found.module, None, scope.receiver))
                )
            case _:
                return _NOTHING

    def _annotated_subscript(self, base: ast.expr, inner: ast.expr, scope: Scope) -> Values:
        name = ast.unparse(base).rpartition(".")[2]
        if name == "Callable" and isinstance(inner, ast.Tuple):
            return self._held(self.annotated(inner.elts[-1], scope))
        if name == "Literal":
            return _NOTHING
        found = self.annotated(inner, scope)
        if name in _TRANSPARENT:
            return found
        if name == "type":
            return frozenset(ClassItself(value.cls) for value in found if isinstance(value, Instance))
        return self.annotated(base, scope) | self._held(found)

    def _generic(self, cls: ClassItself, arguments: ast.expr, scope: Scope) -> Values:
        """A generic class with type arguments: its instances also hold values of these types."""
        return frozenset({cls}) | self._held(self._held(self.annotated(arguments, scope)))

    # Attributes and calls

    def _part(self, value: Value, attr: str) -> Values:
        """What `value.attr` may be."""
        match value:
            case Instance(cls=cls, is_exact=is_exact) | ClassItself(cls=cls, is_exact=is_exact):
                found = self._union(
                    self.returned(bound)
                    if bound.function.is_property and isinstance(value, Instance)
                    else {bound}
                    for bound in self.methods(value, attr)
                )
                for receiver in [cls] if is_exact else self._sources.subclasses(cls):
                    found |= self._field(receiver, attr)
                return found
            case Super():
                return frozenset(self.methods(value, attr))
            case Module():
                return self._name(attr, Scope(value))
            case Holder(content=content):
                return frozenset({content, value})
            case Unknown():
                return _ANYTHING
            case Bound():
                return _NOTHING

    def _field(self, receiver: Class, attr: str) -> Values:
        return self._once((receiver, attr), lambda: self._field_values(receiver, attr))

    def _field_values(self, receiver: Class, attr: str) -> Values:
        bindings: list[tuple[Binding, Scope]] = []
        callbacks: Values = _NOTHING
        for member in self._sources.family(receiver):
            for function, binding in attribute_bindings(member).get(attr, []):
                bindings.append((binding, Scope(member.module, function, receiver)))
                if function is None:
                    callbacks |= self._callbacks(receiver, attr)
        return self._bound_values(bindings) | callbacks

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            owner = scope.function.owner if scope.function else None
            return frozenset({Super(owner, scope.receiver)}) if owner and scope.receiver else _NOTHING
        callees = self.values(node.func, scope)
        if callees == _ANYTHING and isinstance(node.func, ast.Attribute):
            callees = frozenset(self.guessed(node.func.attr)) or _ANYTHING
        if not callees:  # a function from elsewhere: whatever it is given, it may give back
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            given = self._union(self.values(argument, scope) for argument in arguments)
            kept = frozenset(value for value in given if isinstance(value, Instance | ClassItself | Holder))
            return kept | self._held(kept)
        return self._union(self._called(callee) for callee in callees)

    def _called(self, callee: Value) -> Values:
        match callee:
            case ClassItself(cls=cls, is_exact=is_exact):
                return frozenset({Instance(cls, is_exact)})
            case Bound():
                return self.returned(callee)
            case Holder(content=content):
                return frozenset({content})
            case Unknown():
                return _ANYTHING
            case _:
                return _NOTHING

    # Sets

    def _once(self, key: tuple[object, ...], compute: Callable[[], Values]) -> Values:
        """The values under a key, computed once; nothing while they are being computed."""
        if key in self._known:
            return self._known[key]
        if key in self._active:
            self._cut.add(key)
            return _NOTHING
        self._active.add(key)
        found = compute()
        self._active.discard(key)
        self._cut.discard(key)
        if not self._cut:  # else something that is still being computed is missing in it
            self._known[key] = found
        return found

    @staticmethod
    def _union(parts: Iterable[Iterable[Value]]) -> Values:
        return frozenset(value for part in parts for value in part)

    @staticmethod
    def _held(values: Values) -> Values:
        # Holders of holders are not told apart further: that is as deep as annotations go here.
        return frozenset(Holder(value) for value in values)
