"""Annotations whose names are imported when somebody evaluates the annotations.

A module imports what only its annotations name under TYPE_CHECKING, which saves import time. But
then `typing.get_type_hints`, `inspect.signature(eval_str=True)`, FastAPI and pydantic find names
that the module does not have. They all read the annotations of a function or class before they
evaluate them, and this is when the names are imported into its module.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FunctionType
from typing import Any, TypeVar

C = TypeVar("C", bound=type | Callable[..., object])


def names_imported_late(*sources: str, **modules: str) -> Callable[[C], C]:
    """Decorate a class or function with names that its module imports for type checkers only.

    Args:
        sources: Modules of which all names are imported, absolute or relative to that of the class.
        modules: The module of each name. For the name of a module, that module.
    """

    def decorated(thing: C) -> C:
        for value in (thing, *vars(thing).values()):
            found = getattr(value, "fget", None) or getattr(value, "func", None)  # of properties
            found = found or getattr(value, "__func__", value)  # of class methods and static ones
            # Classes may share functions of other modules, such as `__getstate__` of `dataclasses`.
            is_own = isinstance(found, FunctionType) and found.__module__ == thing.__module__
            if found is thing or is_own:
                found.__annotations__ = _Annotations(
                    found.__annotations__, thing.__module__, sources, modules
                )
        return thing

    return decorated


class _Annotations(dict[str, Any]):
    """Annotations that import what they name when they are read."""

    def __init__(
        self, annotations: dict[str, Any], module: str, sources: tuple[str, ...], modules: dict[str, str]
    ) -> None:
        super().__init__(annotations)
        self._module = module
        self._sources = sources
        self._modules = modules

    def _import(self) -> None:
        namespace = vars(sys.modules[self._module])
        for source in self._sources:
            for name, value in vars(import_module(source, namespace["__package__"])).items():
                if not name.startswith("_"):
                    namespace.setdefault(name, value)
        for name, source in self._modules.items():
            if name not in namespace:
                module = import_module(source, namespace["__package__"])
                namespace[name] = module if source == name else getattr(module, name)

    def __iter__(self) -> Iterator[str]:
        self._import()
        return super().__iter__()

    def keys(self) -> Any:
        self._import()
        return super().keys()

    def values(self) -> Any:
        self._import()
        return super().values()

    def items(self) -> Any:
        self._import()
        return super().items()

    def get(self, name: str, default: Any = None) -> Any:
        self._import()
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self._import()
        return super().__getitem__(name)

    def copy(self) -> dict[str, Any]:
        return dict(self)
