"""The form of everything in a contract that becomes a name, a path or an address.

Names hold no quotes and no line breaks, paths are those of RFC 3986 with declared parameters,
servers are http(s) URLs. Prose may be anything: it is quoted. The first errors are raised together,
each with its place in the contract. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from comfy_cloud.contract._documents.keywords import NodeKind, kind_below
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import ContractError, resolved
from comfy_cloud.contract._documents.sources import one_line
from scripts.generator.servers import server_url

_MOST_LISTED = 10
_LONGEST_TEXT = 1000
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(
    rf"https?://(?:[A-Za-z0-9.-]{{1,253}}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?(?:/{_PCHAR}*)*\Z"
)
_VERSION = re.compile(r"3\.[0-9]{1,2}(?:\.[0-9]{1,3})?(?:-[a-z0-9.]{1,20})?\Z")
_FOREIGN = r"[^\x00-\x7f]"
_PARAMETER_NAME = rf"(?:[A-Za-z0-9_$@]|{_FOREIGN})(?:[A-Za-z0-9_$@.\[\]:~-]|{_FOREIGN}){{0,99}}"
_PATH = re.compile(rf"(?:/(?:{_PCHAR}|{_FOREIGN}|\{{{_PARAMETER_NAME}\}})*)+\Z")
_OPERATION = re.compile(r"\w[\w./: ,+()\[\]{}-]{0,199}\Z")
_TAG = re.compile(r"[^'\"`\\{}<>]{1,100}\Z")
_PARAMETER = re.compile(rf"{_PARAMETER_NAME}\Z")
_COMPONENT = re.compile(r"\w[\w.-]{0,99}\Z")
_MEMBER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}\Z")
_STATUS = re.compile(r"(?:[1-5](?:[0-9][0-9]|XX)|default)\Z")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+*-]{1,100}/[A-Za-z0-9.+*-]{1,100}(?:; ?[ -~]{1,100})?\Z")
# The names of headers and cookies, by RFC 9110 and RFC 6265.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
# Headers that say where a request goes and where it ends.
_OF_THE_CONNECTION = frozenset(
    {
        "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_NAMED_TITLE = 200
_MOST_JOINED = 1000

Problem = tuple[str, object, str]


def check_grammar(document: dict[str, Any]) -> None:
    """Raise ContractError unless every name, path and address of a contract has its form.

    The document must have the form of an OpenAPI contract already.
    """
    problems = [
        *_version(document),
        *_servers(document),
        *_paths(document),
        *_operations(document),
        *_components(document),
        *_security_schemes(document),
        *_schemas(document, NodeKind.OBJECT, ""),
        *_joined_schemas(document),
    ]
    if problems:
        listed = "\n".join(
            f"  {one_line(place)}: {_shown(value)} {rule}" for place, value, rule in problems[:_MOST_LISTED]
        )
        more = f"\n  and {len(problems) - _MOST_LISTED} more" if len(problems) > _MOST_LISTED else ""
        raise ContractError(f"The contract has names or addresses that no client is made of:\n{listed}{more}")


def _shown(value: object) -> str:
    return one_line(ascii(value) if isinstance(value, str) else type(value).__name__)


def _version(document: dict[str, Any]) -> Iterator[Problem]:
    version = document.get("openapi")
    if not isinstance(version, str) or not _VERSION.match(version):
        yield "openapi", version, "is not a version of OpenAPI 3"


def _servers(document: dict[str, Any]) -> Iterator[Problem]:
    # Generated code has the first one only.
    url = server_url(document)
    if url is None or len(url) > _LONGEST_TEXT or not _URL.match(url):
        yield "servers[0].url", url, "is not an http(s) URL without user, query and variables without default"


def _paths(document: dict[str, Any]) -> Iterator[Problem]:
    for path in document["paths"]:
        if not (_PATH.match(path) and _is_plain(path)):
            yield "paths", path, "is not a path with `{name}` parameters"


def _operations(document: dict[str, Any]) -> Iterator[Problem]:
    for operation in operations_of(document):
        place = f"paths.{operation.path}.{operation.method.lower()}"
        name = operation.raw.get("operationId", "x")
        if not isinstance(name, str) or not (_OPERATION.match(name) and _is_plain(name)):
            yield f"{place}.operationId", name, "is not an identifier of at most 200 characters"
        for tag in operation.raw.get("tags", []):
            if not (_TAG.match(tag) and _is_plain(tag)):
                yield (
                    f"{place}.tags",
                    tag,
                    "is not a tag of at most 100 characters, without quotes and braces",
                )
        for name, where in operation.parameters:
            if not (_PARAMETER.match(name) and _is_plain(name)):
                yield f"{place}.parameters", name, "is not the name of a parameter of at most 100 characters"
            elif where in ("header", "cookie") and not _is_field_name(name, where):
                yield f"{place}.parameters", name, f"is not the name of a {where} that a client may send"
        for status in operation.raw.get("responses", {}):
            if not _STATUS.match(status) and not status.startswith("x-"):
                yield f"{place}.responses", status, "is not a status such as 200, 4XX or default"


def _components(document: dict[str, Any]) -> Iterator[Problem]:
    for kind, parts in document.get("components", {}).items():
        for name in parts if isinstance(parts, dict) else ():
            if not (_COMPONENT.match(name) and _is_plain(name)):
                yield f"components.{kind}", name, "is not a name of letters, digits, `.`, `_` and `-`"


def _security_schemes(document: dict[str, Any]) -> Iterator[Problem]:
    """The names under which a key is sent."""
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        given = resolved(scheme, document)
        sent, where = given.get("name"), given.get("in")
        if given.get("type") != "apiKey" or not isinstance(sent, str):
            continue
        is_name = (
            _PARAMETER.match(sent) and _is_plain(sent) if where == "query" else _is_field_name(sent, where)
        )
        if not is_name:
            yield f"components.securitySchemes.{name}.name", sent, f"is not the name of a {where} for a key"


def _is_field_name(name: str, where: object) -> bool:
    """Whether a header or cookie can have the name; no header decides where a request goes."""
    return bool(_TOKEN.match(name)) and not (where == "header" and name.lower() in _OF_THE_CONNECTION)


def _joined_schemas(document: dict[str, Any]) -> Iterator[Problem]:
    """Schemas that join so many others, which join others again, that making them never ends."""
    sizes: dict[str, int] = {}

    def size(node: Any) -> int:
        reference = node.get("$ref") if isinstance(node, dict) else None
        if reference is None:
            parts = node.get("allOf", []) if isinstance(node, dict) else []
            return 1 + sum(map(size, parts))
        if reference not in sizes:
            sizes[reference] = 1  # in case the schema contains itself
            sizes[reference] = size(resolved(node, document))
        return sizes[reference]

    for name, schema in document.get("components", {}).get("schemas", {}).items():
        if size(schema) > _MOST_JOINED:
            yield f"components.schemas.{name}.allOf", name, f"joins more than {_MOST_JOINED} schemas"


def _schemas(node: Any, kind: NodeKind, place: str) -> Iterator[Problem]:
    """What is wrong with fields, titles, values of enums and media types, wherever they are."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _schemas(item, kind, f"{place}[{number}]")
    if not isinstance(node, dict) or kind.is_data:
        return
    if kind is NodeKind.OBJECT:
        yield from _schema(node, place)
    for key, value in node.items():
        if isinstance(value, (dict, list)):
            yield from _schemas(value, kind_below(kind, key, value), f"{place}.{key}".lstrip("."))


def _schema(node: dict[str, Any], place: str) -> Iterator[Problem]:
    for name in _keys(node, "properties"):
        if not _is_short_text(name):
            yield f"{place}.properties", name, f"is not printable text of at most {_NAMED_TITLE} characters"
    for name in _keys(node, "content"):
        if not _MEDIA_TYPE.match(name):
            yield f"{place}.content", name, "is not a media type"
    encoding = node.get("encoding")
    for name, entry in encoding.items() if isinstance(encoding, dict) else ():
        # It becomes a header of a part; several media types may be listed.
        found = entry.get("contentType", "*/*") if isinstance(entry, dict) else "*/*"
        if not isinstance(found, str) or not all(
            _MEDIA_TYPE.match(each.strip(" ")) for each in found.split(",")
        ):
            yield f"{place}.encoding.{name}.contentType", found, "is not a media type"
    title = node.get("title")
    if title is not None and place != "info" and not _is_short_text(title):
        yield f"{place}.title", title, f"is not printable text of at most {_NAMED_TITLE} characters"
    values = node.get("enum")
    for value in values if isinstance(values, list) else ():
        if isinstance(value, str) and not (value.isprintable() and len(value) <= _LONGEST_TEXT):
            yield f"{place}.enum", value, f"is not printable text of at most {_LONGEST_TEXT} characters"
    names = node.get("x-enum-varnames", [])
    for name in names if isinstance(names, list) else [names]:
        if not isinstance(name, str) or not _MEMBER.match(name):
            yield f"{place}.x-enum-varnames", name, "is not an identifier of at most 100 characters"


def _is_plain(text: str) -> bool:
    """Whether a name has no invisible letters, no folded ones, and no way out of a folder."""
    return text.isprintable() and ".." not in text and unicodedata.normalize("NFKC", text) == text


def _is_short_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= _NAMED_TITLE


def _keys(node: dict[str, Any], name: str) -> list[str]:
    found = node.get(name)
    return list(found) if isinstance(found, dict) else []
