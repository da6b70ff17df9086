"""What identifies a variant of `cloud.map`: a digest of its graph and local files.

The graph is digested with its inputs filled in, so it does not matter how they were addressed. A
digest cannot be turned back into what it was made of, so it may be written to a journal.

This module reads local files. Which variant became which job is recorded in `journal`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .._http.concurrency import Halt
from .._workflows.file_values import FileContent, FileUrl, FileValue
from .._workflows.workflow import Workflow
from ..errors import ConfigurationError
from ..hashing import hash_bytes, hash_file
from .graph_identity import exact_digest, nodes_of

_MAX_CACHED_FILES = 10_000

FileKey = tuple[str, int, int]


class VariantDigests:
    """Computes digests of workflows, and reads a file again only if it has changed.

    `halt` stops the reading of a large file, once nobody waits for it any more.
    """

    def __init__(self) -> None:
        self.halt = Halt()
        self._cache: dict[FileKey, str] = {}

    def of(self, workflow: Workflow, *beside: object) -> str:
        """The digest of a workflow. `beside` is whatever else distinguishes variants.

        Raises ConfigurationError if a local file cannot be read.
        """
        return exact_digest([self._by_content(nodes_of(workflow.graph)), *beside])

    def _by_content(self, value: Any) -> Any:
        if isinstance(value, Path):
            # Journals depend on these words.
            return {"content of a local file": self._content(value.expanduser())}
        if isinstance(value, FileContent):
            return {"content of a local file": hash_bytes(value.content)}
        if isinstance(value, FileUrl):
            return {"content of a URL": hash_bytes(value.url.encode())}
        if isinstance(value, dict):
            return {key: self._by_content(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._by_content(part) for part in value]
        return value

    def _content(self, path: Path) -> str:
        key = file_key(path)
        if key not in self._cache:
            try:
                with path.open("rb") as file:
                    found = hash_file(file, self.halt.check)
            except OSError as error:
                raise _unreadable(path, error) from error
            if len(self._cache) >= _MAX_CACHED_FILES:
                self._cache.clear()
            self._cache[key] = found
        return self._cache[key]


def upload_key(file: FileValue) -> object:
    """Identifies what is uploaded for a file, so that it is uploaded once.

    Raises ConfigurationError if a local file cannot be read.
    """
    return file_key(file) if isinstance(file, Path) else file


def file_key(path: Path) -> FileKey:
    """Identifies the present content of a local file: its path, size and time of modification.

    Raises ConfigurationError if the file cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return str(path.absolute()), status.st_size, status.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"Cannot read the local file {path}: {error.strerror or error}. Correct its path, or give another "
        "file"
    )
