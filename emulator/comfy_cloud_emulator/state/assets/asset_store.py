"""The assets: names, tags and metadata of the account's files.

An asset refers to content by its blake3 digest; several may refer to the same. Deleting an asset
leaves its content. Public models are assets that nobody may change. `search` decides which assets a
client sees, `documents` how they look.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import orjson

from comfy_cloud_emulator.media.media_types import UNKNOWN, media_type
from comfy_cloud_emulator.state.database import Database
from comfy_cloud_emulator.state.files.file_store import FileStore, StoredFile
from comfy_cloud_emulator.state.json_values import Json

# Tags and metadata pairs have separate tables, so that they can be searched; triggers maintain
# them. true and 1 are the same value to SQLite, hence is_flag.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS assets (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    digest TEXT NOT NULL,
    filename TEXT NOT NULL,
    size INTEGER NOT NULL,
    mime_type TEXT NOT NULL,
    tags TEXT NOT NULL,
    user_metadata TEXT NOT NULL,
    metadata TEXT NOT NULL,
    preview_id TEXT,
    job_id TEXT,
    node_id TEXT,
    output_key TEXT,
    output_index INTEGER,
    is_public INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_access_time INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS assets_by_digest ON assets (digest);
CREATE INDEX IF NOT EXISTS assets_by_job ON assets (job_id);
CREATE INDEX IF NOT EXISTS assets_by_preview ON assets (preview_id);
CREATE INDEX IF NOT EXISTS assets_by_filename ON assets (filename);
CREATE INDEX IF NOT EXISTS public_assets ON assets (number) WHERE is_public;
CREATE INDEX IF NOT EXISTS assets_by_name ON assets (folded, number);
CREATE INDEX IF NOT EXISTS assets_by_age ON assets (created_at, number);
CREATE INDEX IF NOT EXISTS assets_by_change ON assets (updated_at, number);
CREATE INDEX IF NOT EXISTS assets_by_use ON assets (last_access_time, number);
CREATE INDEX IF NOT EXISTS assets_by_size ON assets (size, number);
CREATE TABLE IF NOT EXISTS asset_tags (
    tag TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (tag, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_asset ON asset_tags (number, tag);
CREATE TABLE IF NOT EXISTS asset_pairs (
    key TEXT NOT NULL,
    is_flag INTEGER NOT NULL,
    value,
    number INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS pairs_by_value ON asset_pairs (key, is_flag, value, number);
CREATE INDEX IF NOT EXISTS pairs_by_asset ON asset_pairs (number);
CREATE TRIGGER IF NOT EXISTS asset_added AFTER INSERT ON assets BEGIN
    INSERT OR IGNORE INTO asset_tags SELECT value, NEW.number FROM json_each(NEW.tags);
    INSERT INTO asset_pairs SELECT key, type IN ('true', 'false'), value, NEW.number
        FROM json_each(NEW.user_metadata) WHERE type NOT IN ('array', 'object');
END;
CREATE TRIGGER IF NOT EXISTS asset_gone AFTER DELETE ON assets BEGIN
    DELETE FROM asset_tags WHERE number = OLD.number;
    DELETE FROM asset_pairs WHERE number = OLD.number;
END;
"""


class AssetRow(NamedTuple):
    """One row of `assets`, in the order of reading and writing, without the folded name."""

    id: str
    name: str
    digest: str
    filename: str
    size: int
    mime_type: str
    tags: str
    user_metadata: str
    metadata: str
    preview_id: str | None
    job_id: str | None
    node_id: str | None
    output_key: str | None
    output_index: int | None
    is_public: bool
    created_at: int
    updated_at: int
    last_access_time: int
    number: int | None


COLUMNS: Final = ", ".join(AssetRow._fields)
_INSERT: Final = f"INSERT INTO assets ({COLUMNS}, folded) VALUES ({'?, ' * len(AssetRow._fields)}?)"  # noqa: S608
_MOVE: Final = """
UPDATE assets SET created_at = created_at + :by, updated_at = updated_at + :by,
    last_access_time = last_access_time + :by
"""


class AssetTaken(ValueError):
    """An asset with this id exists already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One asset. Instants are Unix milliseconds.

    `filename` is the stored name of the content, `digest` its blake3. `number` is the position in
    order of creation; 0 before the asset is stored. `node_id`, `output_key` and `output_index`
    identify the output of the job `job_id`.
    """

    id: str
    name: str
    digest: str
    filename: str
    size: int
    mime_type: str
    tags: tuple[str, ...] = ()
    user_metadata: Json = field(default_factory=dict[str, Any])
    metadata: Json = field(default_factory=dict[str, Any])
    preview_id: str | None = None
    job_id: str | None = None
    node_id: str | None = None
    output_key: str | None = None
    output_index: int | None = None
    is_public: bool = False
    created_at: int
    updated_at: int
    last_access_time: int
    number: int = 0


class AssetStore:
    """Assets by id. `now` gives Unix milliseconds. Safe to use from any thread."""

    def __init__(self, database: Database, files: FileStore, now: Callable[[], int]) -> None:
        self._database = database
        self._files = files
        self._now = now
        database.create(SCHEMA)

    def __len__(self) -> int:
        count: int = self._database.read("SELECT count(*) FROM assets WHERE NOT is_public")[0][0]
        return count

    @property
    def changes(self) -> int:
        """A number that changes with every change in the database of the assets."""
        return self._database.changes

    def extent(self) -> tuple[int, int]:
        """Number of the account's own assets, and their size in bytes."""
        found = self._database.read("SELECT count(*), coalesce(sum(size), 0) FROM assets WHERE NOT is_public")
        return found[0][0], found[0][1]

    # Writing

    def add(
        self,
        file: StoredFile,
        *,
        name: str | None = None,
        id: str | None = None,
        mime_type: str | None = None,
        tags: Sequence[str] = (),
        user_metadata: Json | None = None,
        metadata: Json | None = None,
        preview_id: str | None = None,
        **output: Any,
    ) -> Asset:
        """Add an asset for a stored file, created now.

        `output` may contain job_id, node_id, output_key, output_index. Without a name it gets the
        file's display name. Raises AssetTaken when the id is taken.
        """
        now = self._now()
        name = name or file.display_name or file.filename
        asset = Asset(
            id=str(uuid.uuid4()) if id is None else id,
            name=name,
            digest=file.digest,
            filename=file.filename,
            size=file.size,
            mime_type=mime_type or _guessed(name, file.filename),
            tags=tuple(dict.fromkeys(tags)),
            user_metadata=user_metadata or {},
            metadata=metadata or {},
            preview_id=preview_id,
            created_at=now,
            updated_at=now,
            last_access_time=now,
            **output,
        )
        self.add_all([asset])
        return self._existing(asset.id)

    def add_output(
        self,
        filename: str,
        job_id: str,
        node_id: str,
        key: str,
        index: int,
        *,
        created_at: int | None = None,
        name: str | None = None,
    ) -> Asset:
        """List a file that a job made: the item `index` of the list `key` of a node's outputs.

        Its tag is the file's kind; without a name it has the file's display name. Raises ValueError
        when no file has this stored name.
        """
        file = self._files.record(filename)
        if file is None:
            raise ValueError(f"no file is stored as {filename!r}; put it into the store's files first")
        asset = self.add(
            file,
            name=name,
            tags=(file.kind,),
            job_id=job_id,
            node_id=node_id,
            output_key=key,
            output_index=index,
        )
        if created_at is not None:
            asset = replace(asset, created_at=created_at, updated_at=created_at, last_access_time=created_at)
            self.update(asset)
        return asset

    def add_all(self, assets: Iterable[Asset]) -> None:
        """Add assets, all or none. Raises AssetTaken when an id is taken."""
        self.add_rows(map(encode_asset, assets))

    def add_rows(self, asset_rows: Iterable[AssetRow]) -> None:
        """Add encoded rows, all or none. Raises AssetTaken when an id is taken."""
        try:
            with self._database.write() as database:
                database.executemany(_INSERT, map(_folded, asset_rows))
        except sqlite3.IntegrityError as error:
            raise AssetTaken("an asset with that id exists already") from error

    def move(self, by: int) -> None:
        """Move all instants of every asset by a number of milliseconds."""
        with self._database.write() as database:
            database.execute(_MOVE, {"by": by})

    def update(self, asset: Asset) -> None:
        """Replace the stored asset with the same id."""
        with self._database.write() as database:
            database.execute("DELETE FROM assets WHERE id = ?", (asset.id,))
            database.execute(_INSERT, _folded(encode_asset(asset)))

    def touch(self, asset: Asset) -> None:
        """Record that the content was used now."""
        with self._database.write() as database:
            database.execute("UPDATE assets SET last_access_time = ? WHERE id = ?", (self._now(), asset.id))

    def delete(self, id: str) -> bool:
        """Delete an asset, also where it is the preview of another. False when it is unknown."""
        with self._database.write() as database:
            database.execute("UPDATE assets SET preview_id = NULL WHERE preview_id = ?", (id,))
            return database.execute("DELETE FROM assets WHERE id = ?", (id,)).rowcount > 0

    def clear(self) -> None:
        """Delete all assets, public ones too."""
        with self._database.write() as database:
            database.execute("DELETE FROM assets")

    def delete_of_job(self, job_id: str) -> list[str]:
        """Delete every asset that a job made. Returns their ids."""
        with self._database.write():
            ids = [asset.id for asset in self.of_job(job_id)]
            for id in ids:
                self.delete(id)
        return ids

    # Reading

    def get(self, id: str) -> Asset | None:
        """The asset with this id (in any spelling of the UUID), or None."""
        return self._one("id = ?", (id.lower(),))

    def by_digest(self, digest: str, *, include_public: bool = True) -> Asset | None:
        """The oldest asset with this content (64 hexadecimal digits), or None."""
        return self._one(f"digest = ? {'' if include_public else 'AND NOT is_public'}", (digest,))

    def of_job(self, job_id: str) -> list[Asset]:
        """The assets that a job made, in the order in which they were listed."""
        return self.select("job_id = ? ORDER BY number", (job_id,))

    def previewed_by(self, id: str) -> list[Asset]:
        """The other assets that have this one as their preview."""
        return self.select("preview_id = ? AND id <> ? ORDER BY number", (id, id))

    def select(self, condition: str, parameters: Iterable[object] = ()) -> list[Asset]:
        """The assets that meet an SQL condition, which may end in an order; for `state` only."""
        rows = self._database.read(f"SELECT {COLUMNS} FROM assets WHERE {condition}", parameters)  # noqa: S608
        return [_asset(row) for row in rows]

    def _one(self, condition: str, parameters: Iterable[object]) -> Asset | None:
        found = self.select(f"{condition} ORDER BY number LIMIT 1", parameters)
        return found[0] if found else None

    def _existing(self, id: str) -> Asset:
        asset = self.get(id)
        if asset is None:
            raise LookupError(f"the asset {id} is gone")
        return asset


def _guessed(name: str, filename: str) -> str:
    by_name = media_type(name)
    return media_type(filename) if by_name == UNKNOWN else by_name


def encode_asset(asset: Asset) -> AssetRow:
    """The row of an asset."""
    return AssetRow(
        asset.id.lower(),
        asset.name,
        asset.digest,
        asset.filename,
        asset.size,
        asset.mime_type,
        _text(list(asset.tags)),
        _text(asset.user_metadata),
        _text(asset.metadata),
        asset.preview_id,
        asset.job_id,
        asset.node_id,
        asset.output_key,
        asset.output_index,
        asset.is_public,
        asset.created_at,
        asset.updated_at,
        asset.last_access_time,
        asset.number or None,
    )


def moved_asset(row: AssetRow, by: int) -> AssetRow:
    """The row of an asset with its instants moved by a number of milliseconds."""
    return row._replace(
        created_at=row.created_at + by,
        updated_at=row.updated_at + by,
        last_access_time=row.last_access_time + by,
    )


def _folded(row: AssetRow) -> tuple[Any, ...]:
    return (*row, row.name.casefold())


def _asset(row: Sequence[Any]) -> Asset:
    values = AssetRow(*row)._asdict()
    values["tags"] = tuple(orjson.loads(values["tags"]))
    for name in ("user_metadata", "metadata"):
        values[name] = orjson.loads(values[name])
    values["is_public"] = bool(values["is_public"])
    return Asset(**values)


def _text(value: object) -> str:
    # Sorted keys, so that equal objects are equal texts where the search compares them.
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
