"""From a list of operations to a router that answers JSON for unknown paths and wrong methods.

An operation is one method on one path. Starlette keeps a route per path; operations on the same path are gathered, so
that a refused method is told every method there is.
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
"""What answers an exception, or a status that no operation gave."""


class Operation(NamedTuple):
    """One method on one path, and who answers it."""

    method: str
    path: str
    handler: Handler


def router(
    operations: Iterable[Operation],
    handlers: Mapping[
        int | type[Exception], Callable[[Request, Exception], Awaitable[Response]]
    ] = MappingProxyType({}),
) -> Starlette:
    """An application that serves the operations. Of two for the same method and path the later one counts.

    `handlers` take the place of the forms of what goes wrong.
    """
    by_path: dict[str, dict[str, Handler]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation.handler
    application = Starlette(
        routes=[
            (Route if "{" in path else _PlainRoute)(path, _choosing(by_method), methods=list(by_method))
            # A path without parts to fill in is never taken for one with them, so it comes first.
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
    # A redirect for a slash too many would hide mistakes of a client.
    application.router.redirect_slashes = False
    return application


class _FilePath(Convertor[str]):
    """A path of any characters. Starlette's own would not take a line break, which has to be refused in words."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """From the decoded address to the value."""
        return value

    def to_string(self, value: str) -> str:
        """From the value to the address."""
        return value


register_url_convertor("userdata_path", _FilePath())


class _PlainRoute(Route):
    """A route that keeps its path to itself: a method it does not have is refused, not looked for elsewhere."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """How well a request fits."""
        match, found = super().matches(scope)
        return Match.FULL if match is Match.PARTIAL else match, found


def _choosing(by_method: dict[str, Handler]) -> Handler:
    if len(by_method) == 1:
        return next(iter(by_method.values()))

    async def choose(request: Request) -> Response:
        # HEAD is served wherever GET is; the server leaves the body away.
        method = "GET" if request.method == "HEAD" and "HEAD" not in by_method else request.method
        return await by_method[method](request)

    return choose
