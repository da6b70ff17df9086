"""The variants of one workflow that `cloud.map` runs: what makes two of them the same, and how many may run at a time.

A variant is known by the digest of its filled-in graph, so it does not matter how an input was addressed. Local files count
by their content. Digests cannot be turned back into what they were made of, so they may be written to a journal. This module
reads local files and sends nothing; which variant was submitted as which job is in `journal`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .._workflows.workflow import Workflow
from ..errors import ConfigurationError
from ..hashing import hash_file

_DIGEST_BYTES = 20
# What is known of plans whose number of concurrent jobs the service does not tell.
_JOBS_OF_TIER = {"free": 1, "standard": 1, "founders": 1, "creator": 3, "pro": 5, "team": 25}
_TIER_NAMES = ("subscription_tier", "tier", "plan")
_MOST_FILES_KNOWN = 10_000

FileKey = tuple[str, int, int]


def graph_digest(graph: Mapping[str, Any]) -> str:
    """The digest of what a graph runs: its nodes with their classes and inputs, in any order. What else stands beside a
    node does not count: servers add to it.

    Raises ConfigurationError when a local file stands in it; see `FileDigests` for those.
    """
    return _digest({str(node_id): _core(node) for node_id, node in graph.items()})


class FileDigests:
    """Digests of graphs in which local files stand. Files that did not change are not read twice."""

    def __init__(self) -> None:
        self._known: dict[FileKey, str] = {}

    def of(self, workflow: Workflow, *beside: object) -> str:
        """The digest of a workflow, local files by their content; `beside` is what else tells variants apart.

        Raises ConfigurationError when a file cannot be read.
        """
        nodes = {node_id: _core(node) for node_id, node in workflow.graph.items()}
        return _digest([self._by_content(nodes), *beside])

    def _by_content(self, value: Any) -> Any:
        if isinstance(value, Path):
            return {"content of a local file": self._content(value.expanduser())}
        if isinstance(value, dict):
            return {key: self._by_content(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._by_content(part) for part in value]
        return value

    def _content(self, path: Path) -> str:
        key = file_key(path)
        if key not in self._known:
            try:
                with path.open("rb") as file:
                    found = hash_file(file)
            except OSError as error:
                raise _unreadable(path, error) from error
            if len(self._known) >= _MOST_FILES_KNOWN:
                self._known.clear()
            self._known[key] = found
        return self._known[key]


def file_key(path: Path) -> FileKey:
    """What tells a local file from what it was or will be at another time: its path, size and time of change.

    Raises ConfigurationError when it cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return str(path.absolute()), status.st_size, status.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"The local file {path} cannot be read: {error.strerror or error}. Give another one"
    )


def concurrency_of(features: Mapping[str, Any] | None) -> int:
    """How many jobs an account may run at a time, by the features of the server; 1 when nothing tells."""
    told = features or {}
    number = told.get("max_concurrent_jobs")
    if isinstance(number, int) and not isinstance(number, bool) and number >= 1:
        return number
    for name in _TIER_NAMES:
        tier = told.get(name)
        if isinstance(tier, str) and tier.strip().lower() in _JOBS_OF_TIER:
            return _JOBS_OF_TIER[tier.strip().lower()]
    return 1


def checked_inputs(inputs: object) -> Iterable[Any]:
    """The inputs of a map, if they are many. Raises ConfigurationError for what is no series of variants."""
    if isinstance(inputs, (str, bytes, Mapping)) or not isinstance(inputs, Iterable):
        raise ConfigurationError(
            "map() takes the inputs of many variants, such as [{'6.text': 'a cat'}, {'6.text': 'a dog'}], not "
            f"{type(inputs).__name__}. For one variant there is run()"
        )
    return inputs


def checked_concurrency(concurrency: object) -> int | None:
    """The number of variants to run at a time, if it is one. Raises ConfigurationError."""
    if concurrency is None:
        return None
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise ConfigurationError(f"concurrency is a whole number of 1 or more, not {concurrency!r}")
    return concurrency


def _core(node: object) -> object:
    if not isinstance(node, Mapping):
        return node
    return [node.get("class_type"), node.get("inputs") or {}]


def _digest(value: object) -> str:
    text = json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_refuse
    )
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _plain(value: object) -> object:
    """2.0 is 2, as it is when graphs are compared: a server may write the one for the other."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


def _refuse(value: object) -> str:
    raise ConfigurationError(f"A {type(value).__name__} stands in the graph, which JSON cannot say")
