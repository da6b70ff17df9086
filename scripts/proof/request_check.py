"""Whether a request is what the contract has for some values; written from OpenAPI alone.

Nothing here looks at generated code: paths, queries, headers and bodies are taken apart again, and
compared with the values.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from email.parser import BytesParser
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from comfy_cloud.contract._documents.reader import resolved
from scripts.proof.exchanger import BASE_URL, KEY
from scripts.proof.exchanges import RequestSample
from scripts.proof.read_back import comparable, nulls

_IN_PATH = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*\Z")
_USUAL_HEADERS = frozenset(
    {
        "accept", "accept-encoding", "connection", "content-length", "content-type", "host",
        "transfer-encoding", "user-agent", "cookie", "authorization",
    }
)  # fmt: skip
_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|", "simple": ","}

Wire = dict[str, Any]


def request_problems(sample: RequestSample, wire: Wire, document: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a request as it was sent."""
    if wire["method"] != sample.operation.method:
        yield f"the method is {wire['method']}"
    path, _, query = wire["target"].partition("?")
    headers = dict(wire["headers"])
    key_places = list(_key_places(sample, document))
    yield from _path(sample, path)
    yield from _query(sample, query, {name for where, name in key_places if where == "query"})
    yield from _headers(sample, headers, {name.lower() for where, name in key_places if where == "header"})
    yield from _key(sample, wire, headers, document)
    yield from _body(sample, headers, base64.b64decode(wire["body"]))


# Parameters


def _declared(sample: RequestSample, location: str) -> Iterator[tuple[dict[str, Any], Any]]:
    for (name, where), parameter in sample.operation.parameters.items():
        if where == location and (location, name) in sample.values:
            yield parameter, sample.values[location, name]


def _path(sample: RequestSample, path: str) -> Iterator[str]:
    template = urlsplit(BASE_URL).path + sample.operation.path
    expected, end = "", 0
    for match in _IN_PATH.finditer(template):
        parameter = sample.operation.parameters[match[1], "path"]
        expected += unquote(_encoded(template[end : match.start()]))
        expected += _path_text(parameter, sample.values["path", match[1]])
        end = match.end()
    expected += unquote(_encoded(template[end:]))
    # With as many slashes as the template has, no value reaches over into another segment.
    if not _PATH.match(path) or unquote(path) != expected or path.count("/") != template.count("/"):
        yield f"the path is {path!r} where {expected!r} is to be encoded"


def _encoded(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=~")


def _path_text(parameter: dict[str, Any], value: Any) -> str:
    style, explode = parameter.get("style", "simple"), parameter.get("explode", False)
    name = parameter["name"]
    if isinstance(value, dict):
        pairs = [(key, _text(item)) for key, item in value.items()]
        parts = [f"{key}={item}" if explode else f"{key},{item}" for key, item in pairs]
    else:
        parts = [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
    if style == "label":
        return "." + (".".join(parts) if explode else ",".join(parts))
    if style == "matrix" and isinstance(value, list) and explode:
        return "".join(f";{name}={part}" for part in parts)
    if style == "matrix":
        return "".join(f";{part}" for part in parts) if explode else f";{name}={','.join(parts)}"
    return ",".join(parts)


def _query(sample: RequestSample, query: str, keys: set[str]) -> Iterator[str]:
    expected: list[tuple[str, str]] = []
    found = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    given = [pair for pair in found if pair[0] not in keys or pair[1] != KEY]
    for parameter, value in _declared(sample, "query"):
        name = parameter["name"]
        if "content" in parameter:
            texts = [text for other, text in given if other == name]
            if len(texts) != 1 or json.loads(texts[0]) != value:
                yield f"the query parameter {name} is {texts!r} where {value!r} is to be sent as JSON"
            given = [pair for pair in given if pair[0] != name]
        else:
            expected += _pairs(parameter, value)
    if sorted(given) != sorted(expected):
        yield f"the query is {sorted(given)!r} where {sorted(expected)!r} was to be sent"


def _pairs(parameter: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    style = parameter.get("style", "form")
    explode = parameter.get("explode", style == "form")
    name, delimiter = parameter["name"], _DELIMITERS.get(style, ",")
    if isinstance(value, dict) and style == "deepObject":
        return [(f"{name}[{key}]", _text(item)) for key, item in value.items()]
    if isinstance(value, dict):
        pairs = [(key, _text(item)) for key, item in value.items()]
        return pairs if explode else [(name, delimiter.join(text for pair in pairs for text in pair))]
    if isinstance(value, list):
        texts = [_text(item) for item in value]
        return [(name, text) for text in texts] if explode else [(name, delimiter.join(texts))]
    return [(name, _text(value))]


def _headers(sample: RequestSample, headers: dict[str, str], keys: set[str]) -> Iterator[str]:
    declared = set(keys)
    for parameter, value in _declared(sample, "header"):
        name = parameter["name"].lower()
        declared.add(name)
        if name in ("accept", "content-type", "authorization"):
            continue
        found = headers.get(name)
        if found is None or not _same_text(found, parameter, value):
            yield f"the header {parameter['name']} is {found!r} where {value!r} was to be sent"
    if more := sorted(headers.keys() - _USUAL_HEADERS - declared):
        yield f"the headers {', '.join(more)} are not in the contract"
    cookies: dict[str, str] = {}
    for text in headers.get("cookie", "").split(";"):
        name, _, content = text.strip().partition("=")
        cookies[name] = content
    for parameter, value in _declared(sample, "cookie"):
        found = cookies.get(parameter["name"])
        if found is None or not _same_text(unquote(found), parameter, value):
            yield f"the cookie {parameter['name']} is {found!r} where {value!r} was to be sent"


def _same_text(found: str, parameter: dict[str, Any], value: Any) -> bool:
    if "content" in parameter:
        return bool(json.loads(found) == value)
    if isinstance(value, dict):
        joint = "=" if parameter.get("explode") else ","
        return found == ",".join(f"{key}{joint}{_text(item)}" for key, item in value.items())
    return found == (",".join(map(_text, value)) if isinstance(value, list) else _text(value))


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


# The key


def _requirements(sample: RequestSample, document: dict[str, Any]) -> list[dict[str, Any]]:
    return sample.operation.raw.get("security", document.get("security")) or []


def _key_places(sample: RequestSample, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    for requirement in _requirements(sample, document):
        for name in requirement:
            scheme = resolved(schemes.get(name, {}), document)
            yield (
                (scheme["in"], scheme["name"])
                if scheme.get("type") == "apiKey"
                else ("header", "authorization")
            )


def _key(
    sample: RequestSample, wire: Wire, headers: dict[str, str], document: dict[str, Any]
) -> Iterator[str]:
    requirements = _requirements(sample, document)
    if not requirements:
        if KEY in wire["target"] or any(KEY in value for value in headers.values()):
            yield "the key is sent to an operation that takes none"
        return
    schemes = document.get("components", {}).get("securitySchemes", {})
    wanted = [requirement for requirement in requirements if requirement]
    if wanted and not any(
        all(_has_key(resolved(schemes.get(name, {}), document), wire, headers) for name in requirement)
        for requirement in wanted
    ):
        names = ", ".join(name for each in wanted for name in each)
        yield f"the key is not where the contract has it: {names}"


def _has_key(scheme: dict[str, Any], wire: Wire, headers: dict[str, str]) -> bool:
    if scheme.get("type") == "apiKey":
        name = scheme["name"]
        if scheme["in"] == "header":
            return headers.get(name.lower()) == KEY
        if scheme["in"] == "query":
            return (name, KEY) in parse_qsl(wire["target"].partition("?")[2])
        return f"{name}={KEY}" in headers.get("cookie", "").split("; ")
    if scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "basic":
        return headers.get("authorization", "").startswith("Basic ")
    return headers.get("authorization") == f"Bearer {KEY}"


# Bodies


def _body(sample: RequestSample, headers: dict[str, str], body: bytes) -> Iterator[str]:
    media_type = headers.get("content-type", "")
    if sample.media_type is None:
        if body or media_type:
            yield f"a body of {media_type!r} is sent where none was given"
        return
    plain = _plain(sample.media_type)
    if _plain(media_type) != plain:
        yield f"the Content-Type is {media_type!r} where the contract has {sample.media_type!r}"
    elif plain.endswith(("/json", "+json")):
        sent = json.loads(body)
        if comparable(sent) != comparable(sample.body) or nulls(sent) != nulls(sample.body):
            yield f"the body is {body[:300]!r}"
    elif plain == "multipart/form-data":
        parts = _parts(media_type, body)
        yield from _heads(sample, parts)
        yield from _fields(sample, [(_name(part), bytes(part.get_payload(decode=True))) for part in parts])
    elif plain == "application/x-www-form-urlencoded":
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        yield from _fields(sample, [(name, text.encode()) for name, text in pairs])
    elif body != (sample.body if isinstance(sample.body, bytes) else str(sample.body).encode()):
        yield f"the body is {body[:300]!r}"


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _parts(media_type: str, body: bytes) -> list[Any]:
    message = BytesParser().parsebytes(b"Content-Type: " + media_type.encode() + b"\r\n\r\n" + body)
    return [part for part in message.walk() if not part.is_multipart()]


def _name(part: Any) -> str:
    return str(part.get_param("name", header="content-disposition"))


def _heads(sample: RequestSample, parts: list[Any]) -> Iterator[str]:
    """The media types and headers of the parts of a form, where the contract has some."""
    for part in parts:
        name = _name(part)
        kinds = sample.part_types.get(name)
        given = _plain(part["content-type"] or "text/plain")
        if kinds is not None and not any(fnmatchcase(given, _plain(kind)) for kind in kinds.split(",")):
            yield f"the media type of {name} is {given!r} where the contract has {kinds!r}"
        for header, text in sample.part_headers.get(name, {}).items():
            if part[header] != text:
                yield f"the header {header} of {name} is {part[header]!r} where {text!r} was to be sent"


def _fields(sample: RequestSample, parts: list[tuple[str, bytes]]) -> Iterator[str]:
    value = sample.body
    if not isinstance(value, dict):
        yield f"a form cannot have the value {value!r}"
        return
    styled = {name: item for name, item in value.items() if name in sample.styled and item is not None}
    pairs = [pair for name, item in styled.items() for pair in _pairs(sample.styled[name], item)]
    for name, text in pairs:
        if (name, text.encode()) not in parts:
            yield f"the form has no field {name} with {text!r}"
            return
        parts.remove((name, text.encode()))
    value = {name: item for name, item in value.items() if name not in styled}
    given: dict[str, list[bytes]] = {}
    for name, content in parts:
        given.setdefault(name, []).append(content)
    wanted = {name: item for name, item in value.items() if item not in (None, [])}
    if given.keys() != wanted.keys():
        yield f"the fields of the form are {sorted(given)!r} where {sorted(wanted)!r} were to be sent"
        return
    for name, item in wanted.items():
        items = item if isinstance(item, list) else [item]
        is_same = len(items) == len(given[name]) and all(map(_is_same, given[name], items))
        if not is_same and not (len(given[name]) == 1 and _is_same(given[name][0], item)):
            yield f"the field {name} of the form is {given[name]!r} where {item!r} was to be sent"


def _is_same(content: bytes, value: Any) -> bool:
    if isinstance(value, bytes):
        return content == value
    if isinstance(value, (dict, list)):
        try:
            return bool(comparable(json.loads(content)) == comparable(value))
        except ValueError:
            return False
    return bool(comparable(content.decode()) == comparable(_text(value)))
