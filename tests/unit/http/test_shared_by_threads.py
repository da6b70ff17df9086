"""What threads that share a sync client change at the same time is neither lost nor done twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import ComfyCloud, NotSupported
from comfy_cloud._http.closing_sockets import ClosingSockets
from comfy_cloud._http.forks import ForkSafeLock
from comfy_cloud._sync._http.fallback import Fallback
from comfy_cloud._sync._submission import key_use
from comfy_cloud._sync._submission.search import SubmissionSearch


class WatchedLock:
    """A lock that says when a second thread wants it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_wanted_twice = threading.Event()

    def __enter__(self) -> None:
        if not self.lock.acquire(blocking=False):
            self.is_wanted_twice.set()
            self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


class Intruder:
    """Does something in another thread, in the middle of what this thread does."""

    def __init__(self, work: Callable[[], object], holder: ForkSafeLock) -> None:
        self.has_begun = False
        self._lock = WatchedLock()
        holder.lock = self._lock  # type: ignore[assignment]
        self._thread = threading.Thread(target=self._do, args=[work])

    def intrude(self) -> None:
        """Let it begin, the first time, and go on when it waits for a lock, or is done."""
        if not self.has_begun:
            self.has_begun = True
            self._thread.start()
            assert self._lock.is_wanted_twice.wait(10)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            self._lock.is_wanted_twice.set()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join(10)
        assert not self._thread.is_alive()


def test_threads_that_miss_a_source_at_the_same_time_switch_once() -> None:
    with ComfyCloud(base_url="http://localhost") as cloud:
        made: list[str] = []
        error = NotSupported("missing", method="GET", path="/a")

        def in_v2() -> str:
            intruder.intrude()
            made.append("v2")
            return "v2"

        fallback = Fallback(cloud._session, ["a"], str, in_v2)
        intruder = Intruder(lambda: fallback.skip("a", error), fallback._switching)
        fallback.skip("a", error)
        intruder.join()
        assert made == ["v2"]
        assert fallback.current == "v2"
        with pytest.raises(NotSupported):  # there is no other
            fallback.skip("v2", error)


def test_waits_of_threads_for_the_same_job_are_counted() -> None:
    class Counts(dict[str, int]):
        def get(self, *arguments: Any) -> Any:
            found = super().get(*arguments)
            intruder.intrude()
            return found

    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        polls = cloud.jobs._operations._polls
        polls._followed = Counts()
        intruder = Intruder(lambda: polls.follow("job"), polls._counting)
        polls.follow("job")
        intruder.join()
        assert polls._followed == {"job": 2}
        intruder = Intruder(lambda: polls.leave("job"), polls._counting)
        polls.leave("job")
        intruder.join()
        assert polls._followed == {}


def test_every_websocket_is_waited_for_that_threads_close_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client that is closed leaves none open."""
    works: list[Callable[[], None]] = []
    monkeypatch.setattr("_thread.start_new_thread", lambda work, _: works.append(work))
    closing, closed = ClosingSockets(), list[object]()

    class Socket:
        def close(self) -> None:
            closed.append(self)

    class Lock:
        """While one thread looks whether an earlier websocket is closed, another closes one."""

        def __init__(self) -> None:
            self.lock = threading.Lock()

        def acquire(self, timeout: float = -1) -> bool:
            waited_for.append(self)
            return self.lock.acquire(timeout=0)

        def locked(self) -> bool:
            if len(works) == 2:
                closing.close(Socket())  # type: ignore[arg-type]
            return self.lock.locked()

    waited_for: list[Lock] = []
    monkeypatch.setattr("_thread.allocate_lock", Lock)
    closing.close(Socket())  # type: ignore[arg-type]
    closing.close(Socket())  # type: ignore[arg-type]
    if len(works) == 2:
        closing.close(Socket())  # type: ignore[arg-type]
    waited_for.clear()
    closing.wait()
    assert len(waited_for) == len(works) == 3


def test_a_submission_begins_while_another_thread_adds_a_job() -> None:
    class Known(OrderedDict[str, str]):
        def __reversed__(self) -> Any:
            found = super().__reversed__()
            if "other" not in self:
                self["other"] = "its nonce"  # before the last one was read
            return found

    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        known = Known(job="nonce")
        search = SubmissionSearch(cloud._session, cloud.queue, "new", lambda _: False, known)
    assert search._known_before == "other"


def test_a_client_has_one_store_of_idempotency_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for its maps: another store could mean connections that nobody closes."""
    made: list[object] = []
    usual, descriptor = key_use.store_from, vars(key_use.KeyUse)["store"]

    def store_from(value: object) -> object:
        made.append(value)
        intruder.intrude()
        return usual(value)

    monkeypatch.setattr(key_use, "store_from", store_from)
    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        keys = cloud._parts.workflow_runner._submitter.keys
        found: list[object] = []
        with monkeypatch.context() as watched:
            watched.setattr(descriptor, "lock", None, raising=False)
            intruder = Intruder(lambda: found.append(keys.store), descriptor)
            found.append(keys.store)
            intruder.join()
        found += [keys.for_map().store, keys.for_map().store]
    assert found == [found[0]] * 4
    assert len(made) == 1
