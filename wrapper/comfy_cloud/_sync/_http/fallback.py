# Made from wrapper/comfy_cloud/_async/_http/fallback.py by `make unasync`. Do not edit.
"""The one rule for servers that lack an operation: use the next best source, and say so once.

What the sources are, each resource knows: history has three, the state of a job three, lists of jobs two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ..._http.runtime import Call
from ...errors import NotSupported
from .session import Session

S = TypeVar("S")
T = TypeVar("T")


class Fallback(Generic[S]):
    """Which of several sources of the same data this server has: the first, until it turns out to be missing.

    Once a later source has worked, `notice(source)` is given as a warning, once per client. With the setting `strict`
    a missing source is an error.
    """

    def __init__(self, session: Session, sources: Sequence[S], notice: Callable[[S], str]) -> None:
        self._session = session
        self._sources = sources
        self._notice = notice
        self._index = 0

    @property
    def current(self) -> S:
        """The source that is used now."""
        return self._sources[self._index]

    def ask(self, call: Call[S, T], *, is_quiet: bool = False) -> T:
        """Call with the current source, and with the next one each time a source turns out to be missing.

        With `is_quiet` there is no warning: the caller is part of another fallback, which gives one.
        """
        while True:
            source = self.current
            try:
                found = call(source)
            except NotSupported as error:
                self.skip(source, error)
            else:
                if not is_quiet:
                    self.has_worked(source)
                return found

    def skip(self, source: S, error: NotSupported) -> None:
        """Turn to the source after this one; raise `error` when there is none, or in strict mode."""
        if self.current is not source:
            return  # another task has turned already
        if self._session.settings.strict or self._index + 1 == len(self._sources):
            raise error
        self._index += 1

    def has_worked(self, source: S) -> None:
        """Warn, if this source is not the first one."""
        if source is not self._sources[0]:
            self._session.warn_once(self._notice(source))
