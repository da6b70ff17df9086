"""As much of Celery as the cookbook uses: a task is the function, with the options it was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Task(Generic[_P, _R]):
    def __init__(self, function: Callable[_P, _R], options: dict[str, Any]) -> None:
        self.function = function
        self.options = options

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return self.function(*args, **kwargs)


class Celery:
    def __init__(self, main: str, *, broker: str) -> None:
        self.main = main
        self.broker = broker

    def task(self, **options: Any) -> Callable[[Callable[_P, _R]], Task[_P, _R]]:
        return lambda function: Task(function, options)
