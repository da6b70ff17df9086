"""Assets: stored files with names, tags and metadata. Upload, find, tag, import, delete.

`_files` has the uploads, imports, lists and downloads, `pages` the walk over a list that changes.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Unpack, overload

from comfy_cloud_api.api.asset import (
    add_asset_tags,
    get_asset_tag_histogram,
    get_remote_asset_metadata,
    list_tags,
    remove_asset_tags,
)
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.models.asset_metadata_response import AssetMetadataResponse
from comfy_cloud_api.models.asset_updated import AssetUpdated
from comfy_cloud_api.models.tag_info import TagInfo
from comfy_cloud_api.models.tags_modification_response import TagsModificationResponse

from .._files.destinations import destination_for
from .._files.download_options import IfExists, SaveOptions, checked_if_exists
from .._files.names import safe_name
from .._files.progress import ProgressOption, progress_function
from .._files.upload_sources import Source, UploadSource, name_of_source
from .._http.concurrency import async_in_thread
from .._http.page_arguments import LONGEST_ASSETS_PAGE, LONGEST_TAGS_PAGE, check_page, check_walk
from .._http.page_items import items_of
from ..asset_filters import AssetFilter, TagOptions, filter_query, needed_tags, tag_count_query
from ..errors import ConfigurationError
from ..hashing import asset_hash
from ._files.asset_calls import AsyncAssetCalls
from ._files.asset_import import AsyncImports
from ._files.asset_lists import listed_assets, walk_assets
from ._files.asset_sources import AsyncSingleAssets
from ._files.download import save
from ._files.file_content import AsyncFileContent
from ._files.transfer import AsyncTransfer
from ._http.iteration import at_most, walk_by_offset
from ._http.session import AsyncSession
from .tasks import AsyncTasks

Sort = Literal["name", "created_at", "updated_at", "size", "last_access_time"]


class AsyncAssets:
    """`cloud.assets`: stored files. Methods take the `id` of an asset, graphs the asset itself."""

    def __init__(self, session: AsyncSession, tasks: AsyncTasks) -> None:
        self._session = session
        self._calls = AsyncAssetCalls(session)
        self._single = AsyncSingleAssets(session, self._calls)
        self._imports = AsyncImports(session, tasks)

    def __aiter__(self) -> AsyncIterator[Asset]:
        return self.iter()

    async def list(
        self,
        *,
        limit: int = 100,
        offset: int = 0,
        sort: Sort | None = None,
        order: Literal["asc", "desc"] | None = None,
        **filters: Unpack[AssetFilter],
    ) -> builtins.list[Asset]:
        """One page of assets, by default the newest first (GET /api/assets).

        Args:
            limit: The maximum number of assets to return, 1 to 500.
            offset: How many to skip. The list may change between two calls; `iter` allows for that.
            sort: The field to sort by; created_at by default.
            order: "desc" (the default) or "asc".
            filters: Which assets: tags, tags_any, exclude_tags, name_contains, metadata, hash,
                job_ids, include_public; see `comfy_cloud.asset_filters.AssetFilter`.

        Raises:
            ConfigurationError: An argument is not valid.
            NotSupported: The server has no assets, like many self-hosted ones; or it ignores
                job_ids, and `strict` is set.
        """
        check_page(limit, offset, LONGEST_ASSETS_PAGE)
        query = filter_query(**filters)
        query.update(sort=sort, order=order)
        return await listed_assets(self._session, query, limit, offset)

    async def iter(
        self,
        *,
        limit: int | None = None,
        page_size: int = 200,
        sort: Sort | None = None,
        order: Literal["asc", "desc"] | None = None,
        **filters: Unpack[AssetFilter],
    ) -> AsyncIterator[Asset]:
        """Every asset, by default the newest first (GET /api/assets, page by page).

        Pages are requested by cursor where the server has cursors, else by offset, with allowance
        for a list that changes: an asset that is there throughout is neither lost nor repeated.

        Args:
            limit: Stop after this many assets.
            page_size: How many assets to request at a time, 1 to 500.
            sort: As for `list`; so are `order` and the filters.

        Raises:
            ConfigurationError: An argument is not valid.
            NotSupported: The server has no assets.
        """
        query = filter_query(**filters)
        query.update(sort=sort, order=order)
        check_walk(limit, page_size, LONGEST_ASSETS_PAGE)
        async for asset in at_most(limit, walk_assets(self._session, query, page_size)):
            yield asset

    async def get(self, asset_id: str) -> Asset:
        """One asset (GET /api/assets/{id}). Raises NotFound when you have no asset with this id.

        By API v2 it is GET /api/v2/assets/{id}, which has fewer fields.
        """
        return await self._single.get(asset_id)

    async def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        tags: Iterable[str] = ("input",),
        mime_type: str | None = None,
        user_metadata: Mapping[str, Any] | None = None,
        preview_id: str | None = None,
        asset_id: str | None = None,
        progress: ProgressOption = None,
        deduplicate: bool = True,
    ) -> AssetCreated:
        """Store a file as an asset (POST /api/assets); content that is there already is not sent.

        The file's BLAKE3 hash is computed first and looked up (HEAD /api/assets/hash/{hash}). If
        the service has the content, the asset is made from it (POST /api/assets/from-hash). Else
        the file is sent as it is read from the disk.

        By API v2 it is POST /api/v2/assets/from-hash, else POST /api/v2/assets, without
        `user_metadata`, `preview_id` and `asset_id`.

        Args:
            source: A path, bytes, a file opened in binary mode, or with the extra `fsspec` a URL
                such as `s3://bucket/file`.
            name: The display name; by default that of the source.
            tags: At least one tag. By convention the first is models, input, output or temp.
            mime_type: The media type; by default derived from the name.
            user_metadata: A JSON object to store with the asset.
            preview_id: The id of the asset to show as its preview.
            asset_id: The UUID of the new asset; by default a random one. Uploading again with the
                same id does no harm.
            progress: Called as `progress(sent, total)` in bytes; restarts at 0 on a retry, and is
                called once with the size if nothing needs to be sent. True draws a bar, as for
                `cloud.files.download`.
            deduplicate: Whether to look up the content first.

        Raises:
            ConfigurationError: The source or a tag is not valid.
            PayloadTooLarge: The file is larger than the server accepts.
            UnexpectedResponse: The server stored other content than was sent.
        """
        with (
            await async_in_thread(UploadSource, source, name, mime_type, undo=UploadSource.close) as upload,
            progress_function(progress, upload.name) as report,
        ):
            return await self._single.upload(
                upload,
                tags=needed_tags(tags),
                user_metadata=dict(user_metadata) if user_metadata is not None else None,
                preview_id=preview_id,
                asset_id=asset_id,
                progress=report,
                deduplicate=deduplicate,
            )

    async def import_url(
        self,
        url: str,
        *,
        tags: Iterable[str] = ("models",),
        user_metadata: Mapping[str, Any] | None = None,
        preview_id: str | None = None,
        timeout: float | None = None,
        progress: ProgressOption = None,
    ) -> Asset:
        """Import a file from the web into the service and wait for it (POST /api/assets/download).

        Args:
            url: The download URL, on huggingface.co or civitai.com.
            tags: Tags of the new asset; for a model `models` and its folder, such as `loras`.
            user_metadata: A JSON object to store with the asset.
            preview_id: The id of the asset to show as its preview.
            timeout: Seconds to wait; by default there is no limit.
            progress: Called as `progress(done, total)` in bytes, with None for an unknown total,
                where the service reports them. True draws a bar, as for `cloud.files.download`.

        Raises:
            ConfigurationError: The URL or a tag is not valid.
            BadRequest: The service does not import from this host, or not this kind of file.
            TaskFailed: The import started, and failed or was cancelled.
            WaitTimeout: The import was not finished in time; the service continues it.
        """
        if not url.lower().startswith(("https://", "http://")):
            raise ConfigurationError(
                f"An import needs a URL such as https://huggingface.co/..., not {url[:80]!r}"
            )
        with progress_function(progress, name_of_source(url)) as report:
            return await self._imports.run(
                url,
                tags=needed_tags(tags),
                user_metadata=user_metadata,
                preview_id=preview_id,
                timeout=timeout,
                progress=report,
            )

    async def download_model(
        self,
        url: str,
        folder: str,
        *,
        user_metadata: Mapping[str, Any] | None = None,
        preview_id: str | None = None,
        timeout: float | None = None,
        progress: ProgressOption = None,
    ) -> Asset:
        """Import a model from the web into a model folder (POST /api/assets/download).

        `folder` is the kind of model, such as checkpoints, loras or vae (see
        `cloud.models.folders`). The other arguments and the errors are those of `import_url`.
        """
        return await self.import_url(
            url,
            tags=("models", folder),
            user_metadata=user_metadata,
            preview_id=preview_id,
            timeout=timeout,
            progress=progress,
        )

    async def from_hash(
        self,
        hash: str,
        *,
        tags: Iterable[str] = ("input",),
        name: str | None = None,
        mime_type: str | None = None,
        user_metadata: Mapping[str, Any] | None = None,
    ) -> AssetCreated:
        """Make an asset from content that the service already has (POST /api/assets/from-hash).

        `hash` is a BLAKE3 hash in any common form: 64 hex digits, with or without `blake3:` in
        front, or a stored file name. Raises NotFound when the service does not have the content,
        and ConfigurationError when the hash or a tag is not valid.

        By API v2 it is POST /api/v2/assets/from-hash, without `mime_type` and `user_metadata`.
        """
        return await self._single.from_hash(
            hash, tags=needed_tags(tags), name=name, mime_type=mime_type, user_metadata=user_metadata
        )

    async def exists(self, hash: str) -> bool:
        """Whether the service has content with this hash (HEAD /api/assets/hash/{hash}).

        `hash` takes the same forms as in `from_hash`. Raises NotSupported when the server has no
        assets, or has them switched off. By API v2 it is HEAD /api/v2/assets/by-hash/{hash}.
        """
        return await self._single.exists(hash)

    async def update(
        self,
        asset_id: str,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        preview_id: str | None = None,
        user_metadata: Mapping[str, Any] | None = None,
    ) -> AssetUpdated:
        """Change the given fields of an asset and leave the others (PUT /api/assets/{id}).

        To change tags use `add_tags` and `remove_tags`.

        Raises:
            ConfigurationError: No field was given.
            NotFound: You have no such asset.
        """
        return await self._calls.update(
            asset_id,
            name=name,
            mime_type=mime_type,
            preview_id=preview_id,
            user_metadata=user_metadata,
        )

    async def delete(self, *asset_ids: str) -> None:
        """Delete assets, one after the other (DELETE /api/assets/{id}).

        Raises NotFound when you have no asset with an id, and Conflict when an asset is in use. The
        assets before it are deleted by then. By API v2 it is DELETE /api/v2/assets/{id}.
        """
        for asset_id in asset_ids:
            await self._single.delete(asset_id)

    async def add_tags(self, asset_id: str, *tags: str) -> TagsModificationResponse:
        """Add tags (POST /api/assets/{id}/tags); returns the new ones and all tags."""
        request = add_asset_tags.build(asset_id, body={"tags": needed_tags(tags)})
        return await self._session.call(request, add_asset_tags.parse)

    async def remove_tags(self, asset_id: str, *tags: str) -> TagsModificationResponse:
        """Remove tags (DELETE /api/assets/{id}/tags); returns the removed and remaining ones."""
        request = remove_asset_tags.build(asset_id, body={"tags": needed_tags(tags)})
        return await self._session.call(request, remove_asset_tags.parse)

    async def tags(
        self,
        *,
        prefix: str | None = None,
        limit: int = 1000,
        offset: int = 0,
        order: Literal["count_desc", "name_asc"] | None = None,
        include_zero: bool | None = None,
        include_public: bool = False,
    ) -> builtins.list[TagInfo]:
        """One page of the tags in use, each with the number of its assets (GET /api/tags).

        `limit` is the maximum number of tags to return, 1 to 1000; `offset` how many to skip.
        """
        check_page(limit, offset, LONGEST_TAGS_PAGE)
        request = list_tags.build(
            prefix=prefix,
            limit=limit,
            offset=offset or None,
            order=order,
            include_zero=include_zero,
            include_public=include_public,
        )
        return items_of((await self._session.call(request, list_tags.parse)).tags)

    async def iter_tags(
        self, *, limit: int | None = None, page_size: int = 1000, **options: Unpack[TagOptions]
    ) -> AsyncIterator[TagInfo]:
        """Every tag in use (GET /api/tags, page by page).

        `options` are prefix, order, include_zero and include_public of `tags`.
        """

        async def fetch(size: int, offset: int | None) -> builtins.list[TagInfo]:
            return await self.tags(limit=size, offset=offset or 0, **options)

        async for tag in walk_by_offset(
            fetch,
            lambda tag: tag.name or "",
            limit=limit,
            page_size=page_size,
            longest_page=LONGEST_TAGS_PAGE,
        ):
            yield tag

    async def tag_histogram(
        self,
        *,
        limit: int | None = None,
        **filters: Unpack[AssetFilter],
    ) -> dict[str, int]:
        """By tag, how many of the assets that match a filter have it (GET /api/assets/tags/refine).

        The possible filters are tags, exclude_tags, name_contains, metadata and include_public;
        any other raises ConfigurationError.
        """
        request = get_asset_tag_histogram.build(**tag_count_query(**filters), limit=limit)
        return (await self._session.call(request, get_asset_tag_histogram.parse)).tag_counts or {}

    async def remote_metadata(self, url: str) -> AssetMetadataResponse:
        """The metadata of a file on the web, before an import (GET /api/assets/remote-metadata).

        `validation` says whether the file can be imported, and if not, why. Raises BadRequest for a
        URL on an unsupported host.
        """
        request = get_remote_asset_metadata.build(url_query=url)
        return await self._session.call(request, get_remote_asset_metadata.parse)

    def open(self, asset_id: str) -> AsyncFileContent:
        """The content of an asset, for an `async with` (GET /api/assets/{id}/content).

        Where API v2 is in use it is GET /api/v2/assets/{id}/content.
        """
        return AsyncFileContent(AsyncTransfer(self._session, self._single.content_request(asset_id)))

    @overload
    async def download(
        self, asset: str | Asset | AssetCreated, target: PathLike[str], **options: Unpack[SaveOptions]
    ) -> Path: ...
    @overload
    async def download(
        self,
        asset: str | Asset | AssetCreated,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        **options: Unpack[SaveOptions],
    ) -> Path | str: ...
    async def download(
        self,
        asset: str | Asset | AssetCreated,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        if_exists: IfExists | None = None,
        overwrite: bool = False,
        progress: ProgressOption = None,
        verify: bool = True,
    ) -> Path | str:
        """Save the content of an asset (GET /api/assets/{id}/content); returns the path.

        `asset` is an asset or its id. `target` is a path or a folder; in a folder the file gets the
        asset's name, made safe for every platform. With the extra `fsspec` `target` may be a URL,
        or a path on a `filesystem`; then the URL is returned. The other arguments and the errors
        are those of `cloud.files.download`. Where API v2 is in use it is GET
        /api/v2/assets/{id}/content.
        """
        what_if_exists = checked_if_exists(if_exists, overwrite=overwrite)
        found = await self.get(asset) if isinstance(asset, str) else asset
        name = safe_name(found.display_name or found.name or found.id or "")
        destination = await async_in_thread(destination_for, target, name, filesystem)
        expected_hash = asset_hash(found) if verify else None
        request = self._single.content_request(found.id or "")
        with progress_function(progress, destination.name) as report:
            saved = await save(
                self._session,
                request,
                destination,
                what_if_exists,
                report,
                expected_hash,
                listed_size=(found.size or None) if verify else None,
            )
        return saved.path
