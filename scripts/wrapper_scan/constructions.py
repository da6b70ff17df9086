"""Where classes are constructed, and which arguments each parameter gets there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scripts.wrapper_scan.modules import Class, Function, Sources


class Constructions:
    """The calls of classes by their name in the functions of one folder."""

    def __init__(self, sources: Sources) -> None:
        """Find all calls."""
        self._sources = sources
        self._calls: dict[Class, list[tuple[ast.Call, Function]]] = {}
        self._arguments: set[int] = set()
        for function in sources.functions():
            for node in ast.walk(function.node):
                if isinstance(node, ast.Call):
                    called = node.func.value if isinstance(node.func, ast.Subscript) else node.func
                    cls = sources.named(function.module, called)
                    if isinstance(cls, Class):
                        self._calls.setdefault(cls, []).append((node, function))
                        self._arguments |= {id(argument) for argument in node.args}
                        self._arguments |= {id(keyword.value) for keyword in node.keywords}

    def is_argument(self, node: ast.expr) -> bool:
        """Whether the expression is passed to a class, which keeps it to be called later."""
        return id(node) in self._arguments

    def passed(self, cls: Class, parameter: str) -> Iterator[tuple[ast.expr, Function]]:
        """What is passed for a parameter of a class, and in which function."""
        names = self._parameters(cls)
        for call, function in self._calls.get(cls, []):
            given = dict(zip(names, call.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
            if parameter in given:
                yield given[parameter], function

    def _parameters(self, cls: Class) -> list[str]:
        """The positional parameters of a class; of a dataclass its fields."""
        if (method := self._sources.method(cls, "__init__")) is not None:
            return [parameter.arg for parameter in method.node.args.args[1:]]
        fields = [
            node.target.id
            for member in reversed(self._sources.family(cls))
            for node in member.node.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        ]
        return list(dict.fromkeys(fields))
