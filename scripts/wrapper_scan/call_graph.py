"""Which functions of a folder lead to which others, and which generated modules they use.

Naming a function counts as calling it, since it may be passed on as a callback. One that is passed
to a class, or assigned to an attribute, counts where that attribute is named. Whether a branch is
ever taken is not judged.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.wrapper_scan.constructions import Constructions
from scripts.wrapper_scan.values import UNKNOWN, Bound, ClassItself, Evaluator, Instance, Scope

# What sends the request of a generated module, as opposed to `parse` or `OPERATION`.
_CALLS_OF_GENERATED = {"build", "sync", "asyncio"}


@dataclass(frozen=True)
class Step:
    """What one function does itself: the generated modules it uses, the functions it names."""

    uses: frozenset[str]
    callees: frozenset[Bound]


class CallGraph:
    """The functions of one folder, and methods once per class that they are called on."""

    def __init__(self, constructions: Constructions, evaluator: Evaluator) -> None:
        """Build the graph as it is asked for."""
        self._constructions = constructions
        self._evaluator = evaluator
        self._steps: dict[Bound, Step] = {}

    def reached(self, start: Bound) -> dict[str, int]:
        """The generated modules that a function leads to, with the number of functions between."""
        found: dict[str, int] = {}
        seen = {start}
        level, hops = [start], 0
        while level:
            following: list[Bound] = []
            for bound in level:
                step = self.step(bound)
                for module in step.uses:
                    found.setdefault(module, hops)
                fresh = step.callees - seen
                seen |= fresh
                following += fresh
            level, hops = following, hops + 1
        return found

    def step(self, bound: Bound) -> Step:
        """What one function does itself."""
        if bound not in self._steps:
            function = bound.function
            scope = Scope(function.module, function, bound.receiver)
            nodes = list(ast.walk(function.node))
            stored = set(_stored(nodes))
            callees: set[Bound] = set()
            for node in nodes:
                callees.update(self._called_at(node, scope))
                if id(node) not in stored:
                    callees.update(self._named_at(node, scope))
            uses = frozenset(_uses(nodes, function.module.generated))
            self._steps[bound] = Step(uses, frozenset(callees))
        return self._steps[bound]

    def _named_at(self, node: ast.AST, scope: Scope) -> Iterator[Bound]:
        """The functions that a node names."""
        match node:
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                if not self._constructions.is_argument(node):
                    values = self._evaluator.values(node, scope)
                    yield from (value for value in values if isinstance(value, Bound))
            case _:
                pass

    def _called_at(self, node: ast.AST, scope: Scope) -> Iterator[Bound]:
        """The functions that a node calls without naming them."""
        match node:
            case ast.Attribute(value=base, attr=attr, ctx=ast.Load()):
                for value in self._evaluator.values(base, scope):
                    yield from (it for it in self._evaluator.methods(value, attr) if it.function.is_property)
            case ast.Call(func=func):
                yield from self._called(func, scope)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                names = ("__enter__", "__exit__", "__aenter__", "__aexit__")
                for item in items:
                    yield from self._special(item.context_expr, names, scope)
            case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable) | ast.comprehension(iter=iterable):
                yield from self._special(iterable, ("__iter__", "__next__", "__aiter__", "__anext__"), scope)
            case ast.Await(value=inner):
                yield from self._special(inner, ("__await__",), scope)
            case _:
                pass

    def _called(self, func: ast.expr, scope: Scope) -> Iterator[Bound]:
        values = self._evaluator.values(func, scope)
        if values == {UNKNOWN} and isinstance(func, ast.Attribute):
            yield from self._evaluator.guessed(func.attr)
        for value in values:
            if isinstance(value, ClassItself):
                for name in ("__init__", "__post_init__", "__new__"):
                    yield from self._evaluator.methods(value, name)
            elif isinstance(value, Instance):
                yield from self._evaluator.methods(value, "__call__")

    def _special(self, node: ast.expr, names: tuple[str, ...], scope: Scope) -> Iterator[Bound]:
        for value in self._evaluator.values(node, scope):
            if isinstance(value, Instance):
                for name in names:
                    yield from self._evaluator.methods(value, name)


def _stored(nodes: list[ast.AST]) -> Iterator[int]:
    """The ids of the expressions that are assigned to attributes as they are."""
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Attribute()], value=value):
                yield id(value)
            case ast.AnnAssign(target=ast.Attribute(), value=ast.expr() as value):
                yield id(value)
            case _:
                pass


def _uses(nodes: list[ast.AST], generated: dict[str, str]) -> Iterator[str]:
    """The generated modules whose requests are made here, or that are passed on as a whole."""
    reads = {
        id(node.value)
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr not in _CALLS_OF_GENERATED
    }
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in generated and id(node) not in reads:
            yield generated[node.id]
