# Made from wrapper/comfy_cloud/_async/assets.py by `make unasync`. Do not edit.
"""Assets: stored files with names, tags and metadata. Upload, find, label, import, delete.

The walk over a list that changes is in `pages`; uploads, imports, lists and downloads are in `_files`.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from comfy_cloud_api.api.asset import (
    add_asset_tags,
    delete_asset,
    get_asset_content,
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
from .._files.download_options import SaveOptions
from .._files.names import safe_name
from .._files.progress import ProgressCallback
from .._files.upload_sources import Source, UploadSource
from .._http.page_arguments import check_page, check_walk
from .._http.runtime import in_thread
from ..asset_filters import LONGEST_PAGE, AssetFilter, TagOptions, filter_query, tag_list
from ..errors import ConfigurationError
from ..hashing import asset_hash
from ._files.asset_calls import AssetCalls
from ._files.asset_import import Imports
from ._files.asset_lists import assets_page, walk_assets
from ._files.asset_upload import Uploads
from ._files.download import save
from ._files.file_content import FileContent
from ._files.transfer import Transfer
from ._http.iteration import at_most, walk_by_offset
from ._http.session import Session

if TYPE_CHECKING:
    from .tasks import Tasks

_MOST_TAGS = 1000

Sort = Literal["name", "created_at", "updated_at", "size", "last_access_time"]


class Assets:
    """`cloud.assets`. An asset's `id` names it here; in a graph use `comfy_cloud.hashing.graph_name(asset)`."""

    def __init__(self, session: Session, tasks: Tasks) -> None:
        self._session = session
        self._calls = AssetCalls(session)
        self._uploads = Uploads(session, self._calls)
        self._imports = Imports(session, tasks)

    def __iter__(self) -> Iterator[Asset]:
        return self.iter()

    def list(
        self,
        *,
        limit: int = 100,
        offset: int = 0,
        sort: Sort | None = None,
        order: Literal["asc", "desc"] | None = None,
        **filters: Unpack[AssetFilter],
    ) -> builtins.list[Asset]:
        """One page of assets, newest first unless told (GET /api/assets).

        Args:
            limit: The most assets to return, 1 to 500.
            offset: How many to skip. Between two calls the list may move; `iter` allows for that.
            sort: The field to order by; created_at unless told.
            order: desc unless told.
            filters: Which assets: tags, tags_any, exclude_tags, name_contains, metadata, hash, job_ids, include_public; see
                `comfy_cloud.asset_filters.AssetFilter`.

        Raises:
            ConfigurationError: An argument cannot be used.
            NotSupported: The server has no assets, as many self-hosted ones.
        """
        check_page(limit, offset, LONGEST_PAGE)
        query = filter_query(**filters)
        query.update(limit=limit, offset=offset or None, sort=sort, order=order)
        return (assets_page(self._session, query)).assets or []

    def iter(
        self,
        *,
        limit: int | None = None,
        page_size: int = 200,
        sort: Sort | None = None,
        order: Literal["asc", "desc"] | None = None,
        **filters: Unpack[AssetFilter],
    ) -> Iterator[Asset]:
        """Every asset, newest first unless told (GET /api/assets, page by page).

        By cursors where the server has them. Else by offsets that allow for a list that moves meanwhile: no asset that is
        there throughout is lost or repeated. The arguments are those of `list`, but for these:

        Args:
            limit: Stop after this many.
            page_size: How many to ask for at a time, 1 to 500.
            sort: As for `list`; so are `order` and the filters.

        Raises:
            ConfigurationError: An argument cannot be used.
            NotSupported: The server has no assets.
        """
        query = filter_query(**filters)
        query.update(sort=sort, order=order)
        check_walk(limit, page_size, LONGEST_PAGE)
        for asset in at_most(limit, walk_assets(self._session, query, page_size)):
            yield asset

    def get(self, asset_id: str) -> Asset:
        """One asset (GET /api/assets/{id}). Raises NotFound when there is none of yours with this id."""
        return self._calls.get(asset_id)

    def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        tags: Iterable[str] = ("input",),
        mime_type: str | None = None,
        user_metadata: Mapping[str, Any] | None = None,
        preview_id: str | None = None,
        asset_id: str | None = None,
        progress: ProgressCallback | None = None,
        deduplicate: bool = True,
    ) -> AssetCreated:
        """Store a file as an asset; nothing is sent when the service has the content already.

        Its BLAKE3 is made first, then asked for (HEAD /api/assets/hash/{hash}). When it is there, the asset is made from it
        (POST /api/assets/from-hash), else the file is sent (POST /api/assets), as it is read from the disk.

        Args:
            source: A path, bytes, a file opened in binary mode, or with the extra `fsspec` a URL such as `s3://bucket/file`.
            name: The name for people; that of the source unless told.
            tags: Labels; at least one. By custom the first is models, input, output or temp.
            mime_type: Its media type; by the name unless told.
            user_metadata: Anything to keep with it, as a JSON object.
            preview_id: The asset to show as its preview.
            asset_id: The UUID that it shall have; a random one unless told. Sending the same one again does no harm.
            progress: Called with the bytes sent and their number in all. When a try fails, it begins from 0 again.
            deduplicate: Whether to ask for the content first.

        Raises:
            ConfigurationError: The source or a tag cannot be used.
            PayloadTooLarge: It is larger than the server takes.
            UnexpectedResponse: The server stored something else than was sent.
        """
        with in_thread(UploadSource, source, name, mime_type) as upload:
            return self._uploads.run(
                upload,
                tags=_tags(tags),
                user_metadata=dict(user_metadata) if user_metadata is not None else None,
                preview_id=preview_id,
                asset_id=asset_id,
                progress=progress,
                deduplicate=deduplicate,
            )

    def import_url(
        self,
        url: str,
        *,
        tags: Iterable[str] = ("models",),
        user_metadata: Mapping[str, Any] | None = None,
        preview_id: str | None = None,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> Asset:
        """Let the service fetch a file from the web, and wait until it is there (POST /api/assets/download).

        Args:
            url: Its download address, on huggingface.co or civitai.com.
            tags: Labels; for a model `models` and its folder, such as `loras`.
            user_metadata: Anything to keep with it.
            preview_id: The asset to show as its preview.
            timeout: Seconds to wait; without end unless told.
            progress: Called with the bytes fetched and their number in all (None when unknown), where the service tells them.

        Raises:
            ConfigurationError: The address or a tag cannot be used.
            BadRequest: The service does not fetch from there, or not such a file.
            TaskFailed: It began, and failed or was cancelled.
            WaitTimeout: It was not finished in time; the service goes on with it.
        """
        if not url.lower().startswith(("https://", "http://")):
            raise ConfigurationError(
                f"An import needs a web address such as https://huggingface.co/..., not {url[:80]!r}"
            )
        return self._imports.run(
            url,
            tags=_tags(tags),
            user_metadata=user_metadata,
            preview_id=preview_id,
            timeout=timeout,
            progress=progress,
        )

    def download_model(
        self,
        url: str,
        folder: str,
        *,
        user_metadata: Mapping[str, Any] | None = None,
        preview_id: str | None = None,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> Asset:
        """Let the service fetch a model from the web into one of its model folders (POST /api/assets/download).

        `folder` is the kind of model, such as checkpoints, loras or vae (see `cloud.models.folders`). All else is as for
        `import_url`.
        """
        return self.import_url(
            url,
            tags=("models", folder),
            user_metadata=user_metadata,
            preview_id=preview_id,
            timeout=timeout,
            progress=progress,
        )

    def from_hash(
        self,
        hash: str,
        *,
        tags: Iterable[str] = ("input",),
        name: str | None = None,
        mime_type: str | None = None,
        user_metadata: Mapping[str, Any] | None = None,
    ) -> AssetCreated:
        """Make an asset of content that the service has (POST /api/assets/from-hash).

        `hash` is a BLAKE3 in any form in use: `blake3:` and 64 hex digits, these alone, or a stored file name. Raises
        NotFound when the service does not have the content, ConfigurationError when the hash or a tag cannot be used.
        """
        return self._calls.from_hash(
            hash, tags=_tags(tags), name=name, mime_type=mime_type, user_metadata=user_metadata
        )

    def exists(self, hash: str) -> bool:
        """Whether the service has content with this hash (HEAD /api/assets/hash/{hash}); forms as for `from_hash`.

        Raises NotSupported when the server has no assets, or has them switched off.
        """
        return self._calls.exists(hash)

    def update(
        self,
        asset_id: str,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        preview_id: str | None = None,
        user_metadata: Mapping[str, Any] | None = None,
    ) -> AssetUpdated:
        """Change what is given, and leave the rest (PUT /api/assets/{id}). Tags have `add_tags` and `remove_tags`.

        Raises:
            ConfigurationError: Nothing to change was given.
            NotFound: There is no such asset of yours.
        """
        return self._calls.update(
            asset_id,
            name=name,
            mime_type=mime_type,
            preview_id=preview_id,
            user_metadata=user_metadata,
        )

    def delete(self, *asset_ids: str) -> None:
        """Delete assets, one after the other (DELETE /api/assets/{id}).

        Raises NotFound when there is none of yours with an id, and Conflict when one is in use; those before it are gone.
        """
        for asset_id in asset_ids:
            self._session.call(delete_asset.build(asset_id), delete_asset.parse)

    def add_tags(self, asset_id: str, *tags: str) -> TagsModificationResponse:
        """Add labels (POST /api/assets/{id}/tags). The result tells which are new, and all that it has now."""
        request = add_asset_tags.build(asset_id, body={"tags": _tags(tags)})
        return self._session.call(request, add_asset_tags.parse)

    def remove_tags(self, asset_id: str, *tags: str) -> TagsModificationResponse:
        """Take labels off (DELETE /api/assets/{id}/tags). The result tells which were there, and all that are left."""
        request = remove_asset_tags.build(asset_id, body={"tags": _tags(tags)})
        return self._session.call(request, remove_asset_tags.parse)

    def tags(
        self,
        *,
        prefix: str | None = None,
        limit: int = 1000,
        offset: int = 0,
        order: Literal["count_desc", "name_asc"] | None = None,
        include_zero: bool | None = None,
        include_public: bool = False,
    ) -> builtins.list[TagInfo]:
        """The tags in use with the number of their assets (GET /api/tags), at most `limit` (1 to 1000) of them."""
        check_page(limit, offset, _MOST_TAGS)
        request = list_tags.build(
            prefix=prefix,
            limit=limit,
            offset=offset or None,
            order=order,
            include_zero=include_zero,
            include_public=include_public,
        )
        return (self._session.call(request, list_tags.parse)).tags or []

    def iter_tags(
        self, *, limit: int | None = None, page_size: int = 1000, **options: Unpack[TagOptions]
    ) -> Iterator[TagInfo]:
        """Every tag in use, page by page (GET /api/tags). `options` are prefix, order, include_zero, include_public of `tags`."""

        def fetch(size: int, offset: int | None) -> builtins.list[TagInfo]:
            return self.tags(limit=size, offset=offset or 0, **options)

        for tag in walk_by_offset(
            fetch, lambda tag: tag.name or "", limit=limit, page_size=page_size, longest_page=_MOST_TAGS
        ):
            yield tag

    def tag_histogram(
        self,
        *,
        limit: int | None = None,
        **filters: Unpack[AssetFilter],
    ) -> dict[str, int]:
        """How many of the assets that pass a filter carry each tag (GET /api/assets/tags/refine).

        Of the filters it takes tags, exclude_tags, name_contains, metadata and include_public.
        """
        request = get_asset_tag_histogram.build(**filter_query(**filters), limit=limit)
        return (self._session.call(request, get_asset_tag_histogram.parse)).tag_counts or {}

    def remote_metadata(self, url: str) -> AssetMetadataResponse:
        """What the service finds out about a file on the web, before an import (GET /api/assets/remote-metadata).

        Its `validation` says whether it can be imported, and why not. Raises BadRequest for an address of other hosts.
        """
        request = get_remote_asset_metadata.build(url_query=url)
        return self._session.call(request, get_remote_asset_metadata.parse)

    def open(self, asset_id: str) -> FileContent:
        """The content of an asset, for an `with` (GET /api/assets/{id}/content)."""
        return FileContent(Transfer(self._session, get_asset_content.build(asset_id)))

    @overload
    def download(
        self, asset: str | Asset | AssetCreated, target: PathLike[str], **options: Unpack[SaveOptions]
    ) -> Path: ...
    @overload
    def download(
        self,
        asset: str | Asset | AssetCreated,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        **options: Unpack[SaveOptions],
    ) -> Path | str: ...
    def download(
        self,
        asset: str | Asset | AssetCreated,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        overwrite: bool = False,
        progress: ProgressCallback | None = None,
        verify: bool = True,
    ) -> Path | str:
        """Save the content of an asset, given by itself or its id (GET /api/assets/{id}/content); returns the path.

        `target` is a path; or a folder, where it gets the asset's name, made safe. With the extra `fsspec` it may be a URL, or
        a path on a `filesystem`; then the URL is returned. All else is as for `cloud.files.download`.
        """
        found = self.get(asset) if isinstance(asset, str) else asset
        name = safe_name(found.display_name or found.name or found.id or "")
        place = in_thread(destination_for, target, name, filesystem)
        expected = asset_hash(found) if verify else None
        request = get_asset_content.build(found.id or "")
        return save(self._session, request, place, overwrite, progress, expected)


def _tags(tags: Iterable[str]) -> builtins.list[str]:
    found = tag_list("tags", tags)
    if not found:
        raise ConfigurationError("tags: at least one is needed, such as 'input'")
    return found
