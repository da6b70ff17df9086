"""Which operation of a contract a method and a path belong to. Pure.

Paths are taken as they were sent: a slash inside a parameter is %2F there, and a plain slash always
separates segments. Values are decoded after that, each in the style of its parameter. (openapi-core
0.23 never decodes them: `a%20b` would be checked with its percent sign, and `/%61pi/user` would not
be found.)
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Any
from urllib.parse import unquote

from .._documents.operations import ContractOperation, operations_of

_PIECE = re.compile(r"\{[^{}]*\}|[^{]+|\{")
_Segment = tuple[list[str], list[str]]
_Entry = tuple[list[_Segment], dict[str, ContractOperation]]


class Routes:
    """All operations of a contract, found by method and path."""

    def __init__(self, document: dict[str, Any]) -> None:
        by_path: dict[str, dict[str, ContractOperation]] = {path: {} for path in document["paths"]}
        self._operations = operations_of(document)
        for operation in self._operations:
            by_path[operation.path][operation.method] = operation
        self._paths: dict[int, list[_Entry]] = {}
        for path, operations in by_path.items():
            segments = [_parts_of(segment) for segment in path.split("/")]
            self._paths.setdefault(len(segments), []).append((segments, operations))

    def operations(self) -> list[ContractOperation]:
        """Every operation, in the order of the contract."""
        return self._operations

    def find(self, method: str, path: str) -> tuple[ContractOperation, dict[str, str]] | None:
        """The operation and its path parameters as sent. HEAD finds a GET if it is not declared."""
        wanted = [method.upper(), "GET"] if method.upper() == "HEAD" else [method.upper()]
        for operations, values in self._matching(path):
            for name in wanted:
                if name in operations:
                    return operations[name], values
        return None

    def knows_path(self, path: str) -> bool:
        """Whether any operation has this path, whatever its method."""
        return bool(self._matching(path))

    def _matching(self, path: str) -> list[tuple[dict[str, ContractOperation], dict[str, str]]]:
        """The paths that match. Those with most literal segments come first, as in OpenAPI."""
        sent = path.split("/")
        decoded = [unquote(segment) for segment in sent]
        found = []
        for segments, operations in self._paths.get(len(sent), []):
            values = _values_of(segments, sent, decoded)
            if values is not None:
                rank = (
                    sum(bool(names) for _, names in segments),
                    -sum(len(text) for texts, _ in segments for text in texts),
                )
                found.append((rank, operations, values))
        found.sort(key=itemgetter(0))
        # A path without parameters hides those with parameters, whatever methods it has.
        if found and found[0][0][0] == 0:
            del found[1:]
        return [(operations, values) for _, operations, values in found]


def _values_of(segments: list[_Segment], sent: list[str], decoded: list[str]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for segment, text, plain in zip(segments, sent, decoded, strict=True):
        texts, names = segment
        if not names:
            if texts[0] != plain:
                return None
            continue
        found = _values_in(segment, text)
        if found is None:
            return None
        values |= found
    return values


def _parts_of(segment: str) -> tuple[list[str], list[str]]:
    """The literal texts of a segment and the names between them: `{a}.png` has "", ".png" and a."""
    texts, names = [""], []
    for piece in _PIECE.findall(segment):
        if piece.startswith("{") and piece.endswith("}"):
            names.append(piece[1:-1])
            texts.append("")
        else:
            texts[-1] += piece
    return texts, names


def _values_in(segment: _Segment, sent: str) -> dict[str, str] | None:
    """The parameters of a segment that has some, as sent; None when it does not match.

    Each parameter has at least one character, and ends where the text behind it first begins.
    """
    texts, names = segment
    first, *between, last = texts
    if not (sent.startswith(first) and sent.endswith(last) and len(sent) > len(first) + len(last)):
        return None
    values, start, end = {}, len(first), len(sent) - len(last)
    for name, text in zip(names, between, strict=False):
        found = sent.find(text, start + 1, end)
        if found < 0:
            return None
        values[name], start = sent[start:found], found + len(text)
    if start >= end:
        return None
    return {**values, names[-1]: sent[start:end]}
