"""Ctrl-C at each moment of a request leaves no lock taken and no connection in use by nobody.

Interruptions are raised in functions of httpcore and of the session, one place after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import httpx
import pytest

from comfy_cloud import ComfyCloud, Retry
from comfy_cloud._http.clients import tls_context
from comfy_cloud._sync._submission import interruption
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime
from tests.interruption.interruption_points import Interrupter, outcome_within, place_name
from tests.interruption.waiting_program import GRAPH

# A connection that is interrupted while it is being opened belongs to nobody yet.
pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
# Far more than anything here takes.
LONGEST = 20


@pytest.fixture(scope="module")
def frozen() -> Iterator[Emulator]:
    """A server whose time stands still: jobs wait until they are cancelled."""
    with Emulator(tier="pro", time="virtual") as emulator:
        yield emulator


def client(emulator: Emulator, **options: Any) -> ComfyCloud:
    """A client with a single connection, so that one that is lost is noticed."""
    options = {"max_connections": 1, "timeout": 5, "retry": Retry.none(), **options}
    runtime = FakeTime(datetime(2026, 11, 23, 12, 0, tzinfo=UTC)).runtime()
    return ComfyCloud(base_url=emulator.url, api_key=emulator.key, runtime=runtime, **options)


def connections(cloud: ComfyCloud) -> list[Any]:
    transport: Any = cloud._session._http._transport
    return list(transport._pool.connections)


def sends_requests(code: CodeType) -> bool:
    path = code.co_filename
    return "httpcore/_sync" in path or path.endswith(
        ("httpcore/_synchronization.py", "_sync/_http/session.py", "/deviations.py", "/_http/forks.py")
    )


def takes_locks(code: CodeType) -> bool:
    """The functions of httpcore's pool around its locks, and those of its locks."""
    return code.co_filename.endswith("httpcore/_synchronization.py") or code.co_qualname in (
        "ConnectionPool.handle_request",
        "PoolByteStream.close",
        "HTTP11Connection._response_closed",
    )


def problems_of(
    call: Callable[[Interrupter], ComfyCloud],
    check: Callable[[ComfyCloud], object],
    is_chosen: Callable[[CodeType], bool],
) -> tuple[int, list[str]]:
    """Interrupt a call at each place, and use its client again.

    Returns the number of places, and the problems.
    """
    listing = Interrupter(is_chosen)
    outcome_within(LONGEST, lambda: call(listing).close())
    count, problems = 0, []
    for place in listing.places:
        interrupter = Interrupter(is_chosen, place)

        def try_it(interrupter: Interrupter = interrupter) -> None:
            cloud = call(interrupter)
            check(cloud)
            cloud.close()

        try:
            error = outcome_within(LONGEST, try_it)
        except AssertionError as hangs:
            return count, [f"{place_name(place)}: {hangs}"]  # each takes long, so one is enough
        count += interrupter.has_interrupted
        if error is not None:
            problems.append(f"{place_name(place)}: {error!r}")
        if len(problems) == 3:
            break
    return count, problems


SLOW_USED, SLOW_OWN = (
    pytest.param(kind, marks=pytest.mark.slow) for kind in ("used connection", "own client")
)


@pytest.mark.parametrize("kind", ["new connection", SLOW_USED, SLOW_OWN])
def test_a_request_can_be_interrupted_anywhere(frozen: Emulator, kind: str) -> None:
    def call(interrupter: Interrupter) -> ComfyCloud:
        limits = httpx.Limits(max_connections=1)
        own: dict[str, Any] = {}
        if kind == "own client":
            own["http_client"] = httpx.Client(limits=limits, verify=tls_context())
        cloud = client(frozen, **own)
        if kind == "used connection":
            cloud.queue.get()
        interrupter.start()
        with suppress(KeyboardInterrupt):
            cloud.queue.get()
        interrupter.stop()
        return cloud

    def check(cloud: ComfyCloud) -> None:
        cloud.queue.get()
        assert cloud.deviations.answers
        assert len(connections(cloud)) == 1
        if kind == "own client":
            cloud._session._http.close()

    count, problems = problems_of(call, check, sends_requests)
    assert not problems, "\n".join(problems)
    assert count > 150


def test_a_download_from_a_storage_can_be_interrupted_anywhere(frozen: Emulator, tmp_path: Path) -> None:
    name = frozen.store.files.put(bytes(1000), "mp4")

    def call(interrupter: Interrupter) -> ComfyCloud:
        cloud = client(frozen)
        storage = cloud._session.storage
        hooks = storage.event_hooks

        def start(_: httpx.Request) -> None:
            interrupter.start()

        storage.event_hooks = {**hooks, "request": [*hooks["request"], start]}
        with suppress(KeyboardInterrupt):
            cloud.files.download(name, tmp_path / "interrupted.mp4", if_exists="overwrite")
        interrupter.stop()
        storage.event_hooks = hooks
        return cloud

    def check(cloud: ComfyCloud) -> None:
        path = cloud.files.download(name, tmp_path / "again.mp4", if_exists="overwrite")
        assert path.read_bytes() == bytes(1000)

    count, problems = problems_of(call, check, takes_locks)
    assert not problems, "\n".join(problems)
    assert count > 10


def test_every_lock_of_a_pool_is_taken_in_one_step(frozen: Emulator) -> None:
    """Another thread may take a connection from the pool before an interruption is noticed."""
    cloud = client(frozen)
    cloud.queue.get()
    pool: Any = cloud._session._http._transport._pool  # type: ignore[attr-defined]
    owners = [pool, *pool.connections]
    owners += [connection._connection for connection in pool.connections]
    locks = [value for owner in owners for value in vars(owner).values() if is_lock(value)]
    assert len(locks) == 3
    assert not [lock for lock in locks if isinstance(type(lock).__enter__, FunctionType)]
    cloud.close()


def is_lock(value: object) -> bool:
    return hasattr(value, "__enter__") and "lock" in type(value).__name__.lower()


def submit_and_wait(cloud: ComfyCloud) -> None:
    job = cloud.submit(GRAPH)
    try:
        job.wait()
    except KeyboardInterrupt:
        job.cancel()  # which `wait` leaves to the program
        raise


CALLS: dict[str, Callable[[ComfyCloud], object]] = {
    "run": lambda cloud: cloud.run(GRAPH),
    "submit": lambda cloud: cloud.submit(GRAPH),
    "map": lambda cloud: list(cloud.map(GRAPH, [{"1.color": 1}, {"1.color": 2}], concurrency=2)),
    "wait": submit_and_wait,
}


@pytest.mark.parametrize(
    ("method", "operation", "number"),
    [
        ("run", "executePrompt", 1),
        pytest.param("run", "getJobDetail", 1, marks=pytest.mark.slow),
        ("submit", "executePrompt", 1),
        ("map", "executePrompt", 2),
        pytest.param("map", "getJobDetail", 1, marks=pytest.mark.slow),
        pytest.param("wait", "getJobDetail", 2, marks=pytest.mark.slow),
    ],
)
def test_no_job_runs_on_wherever_a_program_is_interrupted(
    frozen: Emulator, monkeypatch: pytest.MonkeyPatch, method: str, operation: str, number: int
) -> None:
    """The requests that search for the job and cancel it must not wait for a lock either."""
    monkeypatch.setattr(interruption, "SEARCH_SECONDS", 0.1)  # of fake time: it was accepted or not

    first = 0

    def call(interrupter: Interrupter) -> ComfyCloud:
        nonlocal first
        first, seen = len(frozen.submissions), 0
        is_started = is_over = False

        def start(info: Any) -> None:
            nonlocal seen, is_started, is_over
            if is_started and not is_over and not interrupter.has_interrupted:
                interrupter.stop()  # the places of one request are enough
                is_over = True
                raise KeyboardInterrupt
            seen += info.operation == operation
            if seen == number and not is_started:
                is_started = True
                interrupter.start()

        cloud = client(frozen, on_request=start)
        with suppress(KeyboardInterrupt):
            CALLS[method](cloud)
        interrupter.stop()
        return cloud

    def check(cloud: ComfyCloud) -> None:
        cloud.queue.get()
        jobs = [frozen.store.get(submission.prompt_id) for submission in frozen.submissions[first:]]
        assert all(job is not None and job.status == "cancelled" for job in jobs)

    count, problems = problems_of(call, check, takes_locks)
    assert not problems, "\n".join(problems)
    assert count > 10
