"""The account's personal files: `/api/userdata`. Errors are plain text here, as in the service.

A file's path is ONE segment of the URL, its slashes encoded as %2F.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from comfy_cloud_emulator.http.request_reading import boolean, choice
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Handler, Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.assets.documents import instant
from comfy_cloud_emulator.state.files.userdata import PathRefused
from comfy_cloud_emulator.state.store import Store

PREFIX: Final = "/api/userdata/"


def routes(store: Store, quirks: Quirks) -> list[Operation]:
    """The operations of this module over a store."""

    async def list_files(request: Request) -> Response:
        folder = request.query_params.get("dir")
        if not folder:
            return _refusal(400, "dir: name the folder to list, with a slash at its end")
        recurse = boolean(request, "recurse", default=False)
        for name in ("split", "full_info"):
            boolean(request, name, default=False)  # no effect, but validated
        try:
            files = store.userdata.list("" if folder == "/" else folder, recurse=recurse)
        except PathRefused as error:
            return _refusal(404, str(error))
        return json_response(
            [{"path": file.path, "size": file.size, "modified": file.modified} for file in files]
        )

    async def read_file(request: Request) -> Response:
        try:
            content = store.userdata.read(_path(request))
        except PathRefused as error:
            return _refusal(400, str(error))
        if content is None:
            return _refusal(404, "there is no such file")
        return Response(content, media_type="application/octet-stream")

    async def write_file(request: Request) -> Response:
        overwrite = choice(request, "overwrite", ("true", "false")) != "false"
        is_full = choice(request, "full_info", ("true", "false")) == "true"
        content = await request.body()
        if not content and "content-type" not in request.headers:
            # A media type distinguishes an empty file from a forgotten body.
            return _refusal(400, "send the content of the file as the body, as application/octet-stream")
        try:
            file = store.userdata.write(_path(request), content, overwrite=overwrite)
        except PathRefused as error:
            return _refusal(403, str(error))
        if file is None:
            return _refusal(
                409, "the file exists already; allow it to be overwritten, or choose another name"
            )
        if quirks.published_userdata:
            return json_response({"path": file.path, "size": file.size, "modified": instant(file.modified)})
        full = {"path": file.path, "size": file.size, "modified": file.modified}
        return json_response(full if is_full else file.path)

    async def delete_file(request: Request) -> Response:
        try:
            deleted = store.userdata.delete(_path(request))
        except PathRefused as error:
            return _refusal(404, str(error))
        return Response(status_code=204) if deleted else _refusal(404, "there is no such file")

    file = f"{PREFIX}{{file:userdata_path}}"
    return [
        Operation("GET", "/api/userdata", _in_plain_text(list_files)),
        Operation("GET", file, _in_plain_text(_one_segment(read_file))),
        Operation("POST", file, _in_plain_text(_one_segment(write_file))),
        Operation("DELETE", file, _in_plain_text(_one_segment(delete_file))),
    ]


def _path(request: Request) -> str:
    path: str = request.path_params["file"]
    return path


def _refusal(status: int, message: str) -> Response:
    return PlainTextResponse(message, status)


def _in_plain_text(handler: Handler) -> Handler:
    """The handler, with errors as plain text."""

    async def respond(request: Request) -> Response:
        try:
            return await handler(request)
        except ApiProblem as problem:
            return _refusal(problem.status, problem.message)

    return respond


def _one_segment(handler: Handler) -> Handler:
    """The handler, for paths with encoded slashes; others are unknown."""

    async def respond(request: Request) -> Response:
        sent = request.scope["raw_path"].decode("latin-1").removeprefix(PREFIX)
        if not sent or "/" in sent:
            return _refusal(404, "the path of a file is one segment; write its slashes as %2F")
        return await handler(request)

    return respond
