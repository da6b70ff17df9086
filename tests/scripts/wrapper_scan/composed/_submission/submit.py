from __future__ import annotations

from .._http.session import AsyncSession
from .._jobs.job import AsyncJob
from ..files import AsyncFiles
from . import AsyncPayload
from .payload import AsyncFileReader


async def submit(session: AsyncSession, files: AsyncFiles, graph: object) -> AsyncJob:
    payload = AsyncPayload(graph, "", AsyncFileReader())
    await payload.send(session)
    return files.job
