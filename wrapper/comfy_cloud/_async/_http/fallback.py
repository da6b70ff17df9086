"""The one rule for servers that lack an operation: use the next best source, and warn once.

Each resource knows its sources: there are three for the history, three for the state of a job,
and two for lists of jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ..._http.concurrency import AsyncCall
from ..._http.forks import ForkSafeLock
from ...errors import NotSupported
from .session import AsyncSession

S = TypeVar("S")
T = TypeVar("T")


class AsyncFallback(Generic[S]):
    """Chooses among several sources of the same data, best first, by what this server has.

    Once a later source has worked, `notice(source)` is issued as a warning, once per client. With
    the setting `strict` a missing first source is an error. `in_v2` makes the source in API v2,
    which comes last, or alone, or not at all, as the setting `api` says.
    """

    def __init__(
        self,
        session: AsyncSession,
        sources: Sequence[S],
        notice: Callable[[S], str],
        in_v2: Callable[[], S] | None = None,
    ) -> None:
        self._session = session
        self._sources = list(sources)
        self._notice = notice
        self._index = 0
        # Made only when it is needed, as API v2 hardly ever is.
        self._in_v2 = in_v2 if session.settings.api == "auto" else None
        self._v2: S | None = None
        self._missing: NotSupported | None = None  # of the last source in version 1
        self._switching = ForkSafeLock()
        if session.settings.api == "v2" and in_v2 is not None:
            self._sources = [in_v2()]

    @property
    def current(self) -> S:
        """The source in use."""
        return self._sources[self._index]

    async def call(self, function: AsyncCall[S, T], *, is_quiet: bool = False) -> T:
        """Call `function` with the current source, and with the next one if that is missing.

        With `is_quiet` there is no warning: the caller is part of another fallback, which warns.
        """
        while True:
            source = self.current
            try:
                found = await function(source)
            except NotSupported as error:
                self.skip(source, error)
            else:
                if not is_quiet:
                    self.confirm(source)
                return found

    def skip(self, source: S, error: NotSupported) -> None:
        """Switch to the next source; raise `error` if there is none, or in strict mode."""
        with self._switching.lock:
            if self.current is not source:
                return  # another task or thread has switched already
            if self._session.settings.strict:
                raise error
            if self._index + 1 == len(self._sources):
                if self._in_v2 is None:
                    raise self._missing or error
                self._missing = error
                self._v2 = self._in_v2()
                self._in_v2 = None
                self._sources.append(self._v2)
            self._index += 1

    def confirm(self, source: S) -> None:
        """Note that a source has worked: warn if it is not the first one."""
        if source is self._v2:
            self._session.use_v2()
        elif source is not self._sources[0]:
            self._session.warn_once(self._notice(source))
