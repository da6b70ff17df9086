from __future__ import annotations

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
