"""From a list of operations to a router that handles unknown paths and methods with JSON.

An operation is one method on one path. Starlette has a route per path, so operations on the same
path are grouped; a refused method then gets every allowed one.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route, Router, compile_path
from starlette.types import Receive, Scope, Send

from .responses import ApiProblem, on_crash, on_problem, on_unknown_path, on_wrong_method

Handler = Callable[[Request], Awaitable[Response]]
ExceptionHandlers = dict[int | type[Exception], Callable[[Request, Exception], Awaitable[Response]]]
"""Handlers by exception class, or by a status that no operation set."""


class Operation(NamedTuple):
    """One method on one path, and its handler."""

    method: str
    path: str
    handler: Handler


def router(
    operations: Iterable[Operation],
    handlers: Mapping[
        int | type[Exception], Callable[[Request, Exception], Awaitable[Response]]
    ] = MappingProxyType({}),
) -> Starlette:
    """An application that serves the operations.

    A later operation on the same method and path wins.

    `handlers` override the default exception handlers.
    """
    by_path: dict[str, dict[str, Handler]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation.handler
    application = Starlette(
        exception_handlers={
            ApiProblem: on_problem,
            404: on_unknown_path,
            405: on_wrong_method,
            Exception: on_crash,
            **handlers,
        },
    )
    application.router = _Router(by_path)
    return application


class _Router(Router):
    """Starlette's router, whose routes are made by the first request for their path.

    Most emulators serve few of the sixty paths. A fixed path is looked up, and owns its path: other
    methods are refused instead of tried on other routes.
    """

    def __init__(self, by_path: dict[str, dict[str, Handler]]) -> None:
        # Redirecting a superfluous slash would hide mistakes of a client.
        super().__init__(redirect_slashes=False)
        self._fixed = {path: by_method for path, by_method in by_path.items() if "{" not in path}
        self._others = {path: by_method for path, by_method in by_path.items() if "{" in path}
        self._made: dict[str, Route] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request by the first route for its path and method."""
        matches = [(route, *route.matches(scope)) for route in self._routes(scope["path"])]
        if not matches:
            await self.default(scope, receive, send)
            return
        # Where none has the method, the first one refuses it.
        route, _, found = next((each for each in matches if each[1] is Match.FULL), matches[0])
        scope["route"] = route
        scope.update(found)
        await route.handle(scope, receive, send)

    def _routes(self, asked: str) -> list[Route]:
        """The routes whose paths a path matches."""
        if asked in self._fixed:
            return [self._route(asked, self._fixed[asked])]
        return [
            self._route(path, found) for path, found in self._others.items() if _pattern(path).match(asked)
        ]

    def _route(self, path: str, by_method: dict[str, Handler]) -> Route:
        if path not in self._made:
            self._made[path] = Route(path, _by_method(by_method), methods=list(by_method))
        return self._made[path]


@cache
def _pattern(path: str) -> re.Pattern[str]:
    """What a path with parameters matches."""
    return compile_path(path)[0]


class _FilePath(Convertor[str]):
    """A path of any characters.

    Starlette's does not match line breaks, which must get a proper error.
    """

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """From the decoded URL to the value."""
        return value

    def to_string(self, value: str) -> str:
        """From the value to the URL."""
        return value


register_url_convertor("userdata_path", _FilePath())


def _by_method(by_method: dict[str, Handler]) -> Handler:
    if len(by_method) == 1:
        return next(iter(by_method.values()))

    async def choose(request: Request) -> Response:
        # HEAD is served wherever GET is; the server drops the body.
        method = "GET" if request.method == "HEAD" and "HEAD" not in by_method else request.method
        return await by_method[method](request)

    return choose
