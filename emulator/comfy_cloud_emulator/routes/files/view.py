"""Viewing files: `GET /api/view` and `GET /api/assets/{id}/content`.

A plain request is redirected to a signed URL of the storage. Only a channel or a smaller image,
which have to be made, are sent directly.
"""

from __future__ import annotations

import io
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.decoding_threads import run_decoder
from comfy_cloud_emulator.http.request_reading import bounded, choice
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.media import images
from comfy_cloud_emulator.state.files.lookup import find_file
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.signed_urls import Signer

SMALLEST: Final = 64
LARGEST: Final = 1024
"""Bounds of `res`, in pixels."""


def routes(store: Store, signer: Signer) -> list[Operation]:
    """The operations of this module over a store."""

    async def view(request: Request) -> Response:
        filename = request.query_params.get("filename")
        if not filename:
            raise ApiProblem(400, "filename: name the file to view")
        channel = choice(request, "channel", ("rgb", "a", "alpha"))
        has_box = "res" in request.query_params
        box = bounded(request, "res", LARGEST, least=SMALLEST, most=LARGEST)
        file = find_file(store, filename)
        if file is None:
            raise ApiProblem(404, "there is no such file, or it belongs to somebody else")
        if channel is None and not has_box:
            return _redirect(signer.url(file.filename, file.display_name or file.filename))

        def shown() -> bytes:
            opened = store.files.open(file.filename)
            if opened is None:
                raise images.ImageRefused("the file is gone")
            with opened:
                if channel is None:
                    return images.fitted_jpeg(opened, box)
                content = images.channel(opened, channel)
            return images.fitted_jpeg(io.BytesIO(content), box) if has_box else content

        try:
            content = await run_decoder(shown)
        except images.ImageRefused as error:
            raise ApiProblem(400, str(error)) from error
        return Response(content, headers=_caching(), media_type="image/jpeg" if has_box else "image/png")

    async def get_asset_content(request: Request) -> Response:
        store.tasks.settle()
        asset = store.assets.get(request.path_params["id"])
        if asset is None:
            raise ApiProblem(404, f"no asset {request.path_params['id']}")
        if store.files.record(asset.filename) is None:
            raise ApiProblem(404, f"the content of {asset.name} cannot be fetched; public models only run")
        store.assets.touch(asset)
        # Anything but `inline` means the default.
        attachment = request.query_params.get("disposition") != "inline"
        return _redirect(signer.url(asset.filename, asset.name, attachment=attachment))

    return [
        Operation("GET", "/api/view", view),
        Operation("GET", "/api/assets/{id}/content", get_asset_content),
    ]


def _redirect(url: str) -> Response:
    return Response(status_code=302, headers={"location": url, **_caching()})


def _caching() -> dict[str, str]:
    # Shorter than the lifetime of a signed URL, so that no cached redirect leads to an expired one.
    return {"cache-control": "private, max-age=300", "vary": "Authorization, X-API-Key"}
