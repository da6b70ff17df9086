"""From a list of operations to a router that handles unknown paths and methods with JSON.

An operation is one method on one path. Starlette has a route per path, so operations on the same
path are grouped; a refused method then gets every allowed one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

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
        routes=[
            (Route if "{" in path else _PlainRoute)(path, _by_method(by_method), methods=list(by_method))
            # Fixed paths come first, so that none is mistaken for one with parameters.
            for path, by_method in sorted(by_path.items(), key=lambda item: "{" in item[0])
        ],
        exception_handlers={
            ApiProblem: on_problem,
            404: on_unknown_path,
            405: on_wrong_method,
            Exception: on_crash,
            **handlers,
        },
    )
    # Redirecting a superfluous slash would hide mistakes of a client.
    application.router.redirect_slashes = False
    return application


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


class _PlainRoute(Route):
    """A route that owns its path: other methods are refused instead of tried on other routes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """How well a request matches."""
        match, found = super().matches(scope)
        return Match.FULL if match is Match.PARTIAL else match, found


def _by_method(by_method: dict[str, Handler]) -> Handler:
    if len(by_method) == 1:
        return next(iter(by_method.values()))

    async def choose(request: Request) -> Response:
        # HEAD is served wherever GET is; the server drops the body.
        method = "GET" if request.method == "HEAD" and "HEAD" not in by_method else request.method
        return await by_method[method](request)

    return choose
