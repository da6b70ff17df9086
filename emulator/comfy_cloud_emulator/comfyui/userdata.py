"""Personal files of a self-hosted ComfyUI: `/api/userdata`, moving them, and the users.

Lists are bare paths unless more is requested. Errors have no body, except for three with a
sentence. Times are seconds as floats.
"""

from __future__ import annotations

import io
import mimetypes
from typing import Any, Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.routing import Handler, Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.files.userdata import PathRefused, UserFile, checked
from comfy_cloud_emulator.state.store import Store

from . import responses
from .file_responses import file_response

USERS: Final = {"emulated": "emulated"}
"""Ids and names of the users in multi-user mode."""
_PREFIX: Final = "userdata/"
_MOVE: Final = "/move/"


def routes(store: Store, quirks: Quirks) -> list[Operation]:
    """The operations of this module over a store."""

    async def list_files(request: Request) -> Response:
        folder = request.query_params.get("dir", "")
        if not folder:
            return responses.text_response(400, "Directory not provided")
        options = {name: _is_true(request, name) for name in ("recurse", "full_info", "split")}
        try:
            files = store.userdata.list("" if folder.strip("/") == "" else folder, recurse=True)
        except PathRefused:
            return responses.text_response(403, "Invalid directory")
        if not files and folder.strip("/"):
            return responses.text_response(404, "Directory not found")
        shown = [file for file in files if options["recurse"] or "/" not in file.path]
        if options["full_info"]:
            return responses.json_response([_described(file, quirks) for file in shown])
        if options["split"]:
            return responses.json_response([[file.path, *file.path.split("/")] for file in shown])
        return responses.json_response([file.path for file in shown])

    async def read_file(request: Request) -> Response:
        path = _path(request)
        content, file = store.userdata.read(path), store.userdata.entry(path)
        if content is None or file is None:
            return responses.empty_response(404)
        kind = mimetypes.guess_type(path)[0] or responses.BINARY_TYPE
        if quirks.newer_comfyui:
            shown = responses.NO_DOCUMENT | {"content-disposition": "attachment"}
            return file_response(request, io.BytesIO(content), len(content), file.modified, kind, shown)
        reply = Response(content)
        reply.headers["content-type"] = kind
        reply.headers.update(responses.NO_DOCUMENT)
        return reply

    async def write_file(request: Request) -> Response:
        path, content = _path(request), await request.body()
        file = store.userdata.write(path, content, overwrite=_may_overwrite(request))
        return _written(file, request)

    async def delete_file(request: Request) -> Response:
        return responses.empty_response(204 if store.userdata.delete(_path(request)) else 404)

    async def move_file(request: Request) -> Response:
        source, _, target = _raw_path(request).partition(_MOVE)
        source, target = (checked(unquote(part)) for part in (source, target))
        content = store.userdata.read(source)
        if content is None:
            return responses.empty_response(404)
        file = store.userdata.write(target, content, overwrite=_may_overwrite(request))
        if file is not None and source != target:
            store.userdata.delete(source)
        return _written(file, request)

    def _written(file: UserFile | None, request: Request) -> Response:
        if file is None:
            return responses.text_response(409, "File already exists")
        return responses.json_response(
            _described(file, quirks) if _is_true(request, "full_info") else file.path
        )

    async def post(request: Request) -> Response:
        handler = _one_segment(move_file if _MOVE in _raw_path(request) else write_file)
        return await handler(request)

    async def get_users(request: Request) -> Response:
        if quirks.multi_user:
            return responses.json_response({"storage": "server", "users": USERS})
        return responses.json_response({"storage": "server", "migrated": True})

    def guarded(handler: Handler) -> Handler:
        """The handler; in multi-user mode it crashes on a request that does not name a user."""

        async def respond(request: Request) -> Response:
            if quirks.multi_user and request.headers.get("comfy-user") not in USERS:
                raise responses.InternalError
            try:
                return await handler(request)
            except PathRefused:
                return responses.empty_response(403)

        return respond

    file = "/api/userdata/{file:userdata_path}"
    return [
        Operation("GET", "/api/userdata", guarded(list_files)),
        Operation("GET", file, guarded(_one_segment(read_file))),
        Operation("POST", file, guarded(post)),
        Operation("DELETE", file, guarded(_one_segment(delete_file))),
        Operation("GET", "/api/users", get_users),
    ]


def _described(file: UserFile, quirks: Quirks) -> dict[str, Any]:
    # Newer versions use whole milliseconds.
    written = file.modified if quirks.newer_comfyui else file.modified / 1000
    return {"path": file.path, "size": file.size, "modified": written, "created": written}


def _is_true(request: Request, name: str) -> bool:
    return request.query_params.get(name, "").lower() == "true"


def _may_overwrite(request: Request) -> bool:
    return request.query_params.get("overwrite", "true") != "false"


def _raw_path(request: Request) -> str:
    """The path below `/userdata/`, as it was sent."""
    raw: str = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    return raw.partition(_PREFIX)[2]


def _path(request: Request) -> str:
    return checked(unquote(_raw_path(request)))


def _one_segment(handler: Handler) -> Handler:
    """The handler, for paths with encoded slashes; plain slashes make another, unknown path."""

    async def respond(request: Request) -> Response:
        raw = _raw_path(request)
        if _MOVE in raw and request.method == "POST":
            raw = raw.replace(_MOVE, "", 1)
        if not raw or "/" in raw:
            return await responses.on_missing(request, LookupError())
        return await handler(request)

    return respond
