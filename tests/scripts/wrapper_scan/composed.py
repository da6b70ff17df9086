"""A small client in the shape of ours: nouns and free functions that are given what they work with.

Each operation stands for one way in which a method can lead to it.
"""

from __future__ import annotations

from pathlib import Path

FILES = {
    "__init__.py": "",
    "client.py": """
from functools import cached_property
from typing import TYPE_CHECKING

from comfy_cloud_api.api.user import get_user

from ._http.session import AsyncSession
from ._submission.submit import submit
from .files import AsyncFiles

if TYPE_CHECKING:
    from ._jobs.job import AsyncJob
    from .history import AsyncHistory
    from .jobs import AsyncJobs
    from .queue import AsyncQueue


class AsyncComfyCloud:
    def __init__(self, key: str) -> None:
        self._session = AsyncSession(key)
        self.files = AsyncFiles(self._session, self._session.ping)

    @cached_property
    def queue(self) -> "AsyncQueue":
        from .queue import AsyncQueue

        return AsyncQueue(self._session)

    @cached_property
    def jobs(self) -> AsyncJobs:
        from .jobs import AsyncJobs

        return AsyncJobs(self._session, self.queue, on_delete=self.queue.forget)

    @cached_property
    def history(self) -> AsyncHistory:
        from .history import AsyncHistory

        return AsyncHistory(self._session)

    async def whoami(self) -> str:
        return await self._session.call(get_user.build())

    async def submit(self, graph: object) -> AsyncJob:
        return await submit(self._session, self.files, graph)

    async def remaining(self) -> int:
        return await self.queue.remaining()

    async def everything(self) -> object:
        return await self.jobs.list()
""",
    "_http/__init__.py": "",
    "_http/session.py": """
from comfy_cloud_api.api.system import get_features, get_system_stats


class AsyncSession:
    def __init__(self, key: str) -> None:
        self.key = key

    async def call(self, request: object) -> object: ...

    async def ping(self) -> None:
        await self.call(get_system_stats.build())

    async def cancel(self) -> None:
        await self.call(get_features.build())
""",
    "queue.py": """
from comfy_cloud_api.api.job import cancel_queued, forget_job, get_queue

from ._http.session import AsyncSession


class AsyncQueue:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self) -> object:
        return await self._session.call(get_queue.build())

    async def remaining(self) -> int:
        return len(await self.get())

    async def cancel(self, job_id: str) -> None:
        await self._session.call(cancel_queued.build(job_id))

    async def forget(self, job_id: str) -> None:
        await self._session.call(forget_job.build(job_id))
""",
    "jobs.py": """
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from comfy_cloud_api.api.job import get_job, list_assets, list_retried

from ._http.session import AsyncSession
from ._jobs.job import AsyncJob
from ._jobs.sources import SOURCES, AsyncDetails, AsyncSource
from ._jobs.watch import AsyncWatch, opened
from .queue import AsyncQueue


class AsyncJobs:
    def __init__(self, session: AsyncSession, queue: AsyncQueue, on_delete: Callable[[str], object]) -> None:
        self._session, self._waiting = session, queue
        self._on_delete = on_delete
        self._source: AsyncSource = AsyncDetails(session)

    async def get(self, job_id: str) -> AsyncJob:
        job = AsyncJob(self, job_id)
        await job.refresh()
        return job

    async def list(self) -> list[AsyncJob]:
        return [AsyncJob(self, found) for found in await self._source.page()]

    async def iter(self) -> AsyncIterator[AsyncJob]:
        async for job in self.walk(await self.list()):
            yield job

    async def walk(self, jobs: list[AsyncJob]) -> AsyncIterator[AsyncJob]:
        for job in jobs:
            yield job

    async def first(self) -> None:
        async for job in self.iter():
            await job.read_outputs()

    async def second(self) -> None:
        named = {job.id: job for job in await self.list()}
        await named["a"].read_texts()

    async def third(self, other: object) -> None:
        match other:
            case AsyncJob() as job:
                await job.read_texts()

    async def fourth(self, *jobs: AsyncJob) -> None:
        await jobs[0].read_outputs()

    async def fifth(self, jobs: list[AsyncJob]) -> None:
        for index, job in enumerate(jobs):
            await job.read_texts()

    async def cancel(self, job: AsyncJob | str) -> None:
        await self._waiting.cancel(job if isinstance(job, str) else job.id)

    async def fetch(self, job_id: str) -> AsyncJob:
        return await AsyncJob.fetched(self, job_id)

    async def retried(self) -> object:
        return await AsyncRetry("why", self._retried).run()

    async def _retried(self) -> object:
        return await self._session.call(list_retried.build())

    async def delete(self, job_id: str) -> None:
        await self._on_delete(job_id)

    async def wait(self, job: AsyncJob) -> None:
        async with AsyncWatch(job) as watch:
            await watch.until_end()

    async def look(self, job: AsyncJob) -> None:
        async with opened(job) as watch:
            await watch.once()

    async def assets(self) -> object:
        return await retried(self._assets)

    def turn(self) -> None:
        self._source = SOURCES[1](self._session)

    async def _assets(self) -> object:
        return await self._session.call(list_assets.build())

    async def _read(self, job: AsyncJob) -> None:
        await self._session.call(get_job.build(job.id))


async def retried(function: Callable[[], object]) -> object: ...


@dataclass
class AsyncRetry:
    reason: str
    action: Callable[[], object]

    async def run(self) -> object:
        return await self.action()
""",
    "_jobs/__init__.py": "",
    "_jobs/job.py": """
from typing import TYPE_CHECKING, Self

from comfy_cloud_api.api.job import get_outputs, get_texts, get_workflow

if TYPE_CHECKING:
    from ..jobs import AsyncJobs


class AsyncJob:
    def __init__(self, jobs: "AsyncJobs", job_id: str) -> None:
        self._jobs = jobs
        self.id = job_id

    @classmethod
    async def fetched(cls, jobs: "AsyncJobs", job_id: str) -> Self:
        job = cls(jobs, job_id)
        return await job.refresh()

    @property
    def raw(self) -> object:
        return get_workflow.build()

    async def refresh(self) -> Self:
        await self._jobs._read(self)
        return self

    async def workflow(self) -> object:
        return (await self.refresh()).raw

    async def read_outputs(self) -> object:
        return await self._jobs._session.call(get_outputs.build())

    async def read_texts(self) -> object:
        return await self._jobs._session.call(get_texts.build())
""",
    "_jobs/sources.py": """
from comfy_cloud_api.api.job import list_by_details, list_by_names, list_unused

from .._http.session import AsyncSession


class AsyncSource:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self) -> list[str]:
        raise NotImplementedError


class AsyncDetails(AsyncSource):
    async def page(self) -> list[str]:
        return await self._session.call(list_by_details.build())


class AsyncNames(AsyncDetails):
    async def page(self) -> list[str]:
        return await super().page() or await self._session.call(list_by_names.build())


class AsyncUnrelated:
    async def page(self) -> object:
        return list_unused.build()


SOURCES: tuple[type[AsyncSource], ...] = (AsyncDetails, AsyncNames)
""",
    "_jobs/watch.py": """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from comfy_cloud_api.api.job import close_watch, make_watch, open_watch, poll_once, poll_until_end

from .job import AsyncJob


class AsyncWatch:
    def __init__(self, job: AsyncJob) -> None:
        self._session = job._jobs._session
        self._request = make_watch.build()

    async def __aenter__(self) -> "AsyncWatch":
        await self._session.call(open_watch)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.call(close_watch)

    async def until_end(self) -> None:
        await self._session.call(poll_until_end.build())

    async def once(self) -> None:
        await self._session.call(poll_once.build())


@asynccontextmanager
async def opened(job: AsyncJob) -> AsyncIterator[AsyncWatch]:
    yield AsyncWatch(job)
""",
    "_submission/__init__.py": "from .payload import AsyncPayload as AsyncPayload",
    "_submission/payload.py": """
from typing import Any, Protocol

from comfy_cloud_api.api.file import check_graph, check_text, finish_upload, upload_model, upload_part
from comfy_cloud_api.api.workflow import execute_prompt

from .._http.session import AsyncSession


class AsyncReader(Protocol):
    async def read(self, session: AsyncSession) -> bytes: ...


class AsyncFileReader:
    async def read(self, session: AsyncSession) -> bytes:
        return await session.call(upload_part.build())


class AsyncUpload:
    async def finish(self) -> object:
        return finish_upload.build()

    async def check(self) -> object:
        return check_text.build()


class AsyncUploader:
    async def upload_everything(self) -> AsyncUpload:
        upload_model.build()
        return AsyncUpload()

    async def finish(self) -> object: ...

    async def check(self) -> object:
        return check_graph.build()


class AsyncPayload:
    def __init__(self, graph: Any, text: str, reader: AsyncReader) -> None:
        self._graph = graph
        self._text = text
        self._reader = reader

    async def send(self, session: AsyncSession) -> object:
        upload = await self._graph.upload_everything()
        await upload.finish()
        await self._graph.check("two private classes have such a method")
        await self._graph.forget("the name of a public method is not guessed")
        self._text.read("a receiver from elsewhere is not guessed")
        return await session.call(execute_prompt.build(await self._reader.read(session)))
""",
    "_submission/submit.py": """
from .._http.session import AsyncSession
from .._jobs.job import AsyncJob
from ..files import AsyncFiles
from . import AsyncPayload
from .payload import AsyncFileReader


async def submit(session: AsyncSession, files: AsyncFiles, graph: object) -> AsyncJob:
    payload = AsyncPayload(graph, "", AsyncFileReader())
    await payload.send(session)
    return files.job
""",
    "files.py": """
from ._jobs.listing import AsyncListing


class AsyncFiles(AsyncListing):
    async def _page(self) -> object:
        from comfy_cloud_api.api.file import list_files

        return await self._session.call(list_files.build())
""",
    "history.py": """
from ._jobs import listing


class AsyncHistory(listing.AsyncListing):
    async def clear(self) -> object:
        return await super().clear()

    async def _page(self) -> object:
        return await listing.history_page(self._session)
""",
    "_jobs/listing.py": """
from collections.abc import Callable

from comfy_cloud_api.api.job import clear_list, get_history, get_other_history

from .._http.session import AsyncSession


class AsyncListing:
    def __init__(self, session: AsyncSession, on_empty: Callable[[], object] | None = None) -> None:
        self._session = session
        self._on_empty: Callable[[], object] | None = on_empty

    async def list(self) -> object:
        return await self._page() or (await self._on_empty() if self._on_empty else None)

    async def clear(self) -> object:
        return await self._session.call(clear_list.build())

    async def _page(self) -> object:
        raise NotImplementedError


async def history_page(session: AsyncSession) -> object:
    found = None
    for module in (get_history, get_other_history):
        found = found or await session.call(module)
    return found
""",
}

_LISTS = {"cloud.everything", *(f"cloud.jobs.{name}" for name in ("list", "iter", "first", "second"))}

EXPECTED = {
    # A generated module in the method itself, and in another method of the same class.
    "user.get_user": {"cloud.whoami"},
    "job.get_queue": {"cloud.queue.get", "cloud.queue.remaining", "cloud.remaining"},
    # A collaborator that `__init__` keeps, by the annotation of its parameter.
    "job.cancel_queued": {"cloud.queue.cancel", "cloud.jobs.cancel"},
    # A method that is passed to a class counts where the class names the attribute that keeps it.
    "job.forget_job": {"cloud.queue.forget", "cloud.jobs.delete"},
    "job.list_retried": {"cloud.jobs.retried"},
    "system.get_system_stats": {"cloud.files.list"},
    # A bound method that is passed to a function counts as called.
    "job.list_assets": {"cloud.jobs.assets"},
    # A local variable that is constructed, a class method, and private methods of collaborators.
    "job.get_job": {"cloud.jobs.get", "cloud.jobs.fetch", "job.fetched", "job.refresh", "job.workflow"},
    # A property of what a method returns.
    "job.get_workflow": {"job.workflow"},
    # A declared base class stands for its subclasses.
    "job.list_by_details": _LISTS,
    "job.list_by_names": _LISTS,
    # `super()` stands for the bases alone.
    "job.clear_list": {"cloud.history.clear", "cloud.files.clear"},
    # Items of async iterators and of parameters, of dictionaries, of functions from elsewhere, and
    # what a `case` binds.
    "job.get_outputs": {"cloud.jobs.first", "cloud.jobs.fourth", "job.read_outputs"},
    "job.get_texts": {"cloud.jobs.second", "cloud.jobs.third", "cloud.jobs.fifth", "job.read_texts"},
    # Constructors and context managers: their own methods, and what they give.
    "job.make_watch": {"cloud.jobs.wait", "cloud.jobs.look"},
    "job.open_watch": {"cloud.jobs.wait"},
    "job.close_watch": {"cloud.jobs.wait"},
    "job.poll_until_end": {"cloud.jobs.wait"},
    "job.poll_once": {"cloud.jobs.look"},
    # A free function, a re-exported class, and a protocol.
    "workflow.execute_prompt": {"cloud.submit"},
    "file.upload_part": {"cloud.submit"},
    # A guess by a name that only one private class has, and what that method returns.
    "file.upload_model": {"cloud.submit"},
    "file.finish_upload": {"cloud.submit"},
    # One method of a base, which calls another method of each of its subclasses.
    "file.list_files": {"cloud.files.list"},
    "job.get_history": {"cloud.history.list"},
    "job.get_other_history": {"cloud.history.list"},
    # No public method is seen to lead here: the public class of the nearest file that imports it
    # stands for it. The first is never called, the others on objects of unknown classes.
    "job.list_unused": {"cloud.jobs"},
    "system.get_features": {"cloud"},
    "file.check_graph": {"cloud"},
    "file.check_text": {"cloud"},
}


def written(folder: Path) -> Path:
    """The package, written below `folder`."""
    for name, text in FILES.items():
        path = folder / "_async" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"from __future__ import annotations\n{text}", encoding="utf-8")
    return folder / "_async"
