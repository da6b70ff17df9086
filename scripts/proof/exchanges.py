"""The exchanges of the proof: for every operation, requests to build and responses to read."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from comfy_cloud.contract._documents.operations import ContractOperation
from scripts.generator.plans import OperationPlan
from scripts.generator.stock_responses import BYTES, TEXT, media_kind
from scripts.proof.sample_values import SampleValues

FILE = b"\x00file\xff"
_PLAIN_TEXTS = ("one", "two-2", "three.3", "four")
_JSON_BODY = ("/json", "+json")


@dataclass
class RequestSample:
    """A request to build.

    Attributes:
        operation: As the contract has it.
        module: The module of the operation, below `api`.
        values: By location and name, the values of parameters as the contract has them.
        positional, named: The same values as arguments of `build`.
        media_type: Of the body; None without a body.
        body: The value of the body; bytes for a body that is no text and no JSON.
        styled: The fields of a form that are written as parameters are, each with its encoding.
        part_headers: The headers that parts of a form must have, by field.
        part_types: The media types that a part of a form may have, by field.
    """

    operation: ContractOperation
    module: str
    values: dict[tuple[str, str], Any]
    positional: list[Any]
    named: dict[str, Any]
    media_type: str | None = None
    body: Any = None
    styled: dict[str, dict[str, Any]] = field(default_factory=dict)
    part_headers: dict[str, dict[str, str]] = field(default_factory=dict)
    part_types: dict[str, str] = field(default_factory=dict)


@dataclass
class ResponseSample:
    """A response to read, and the status and value in it."""

    operation: ContractOperation
    module: str
    status: int
    media_type: str | None
    value: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body of the response."""
        if self.media_type is None:
            return b""
        if isinstance(self.value, bytes):
            return self.value
        if media_kind(self.media_type, {}) == TEXT:
            return str(self.value).encode()
        return json.dumps(self.value).encode()


def request_samples(plan: OperationPlan, samples: SampleValues) -> Iterator[RequestSample]:
    """The requests of one operation: one with what is required, some with everything."""
    operation = plan.operation
    contents = list((operation.raw.get("requestBody") or {}).get("content", {}).items())
    schemas = [parameter.schema for parameter in plan.parameters]
    schemas += [media.get("schema", {}) for _, media in contents]
    most = max([samples.variants(schema) for schema in schemas], default=1)
    for variant in range(most if schemas else 1):
        sample = RequestSample(operation, f"{plan.tag}.{plan.module}", {}, [], {})
        for parameter in plan.parameters:
            if not (parameter.required or variant):
                continue
            value = samples.of(parameter.schema, variant or 1)
            if parameter.style != "json":
                value = _without_nesting(value)
                if parameter.location in ("header", "cookie") or not isinstance(value, (str, int, float)):
                    value = _with_plain_texts(value, variant)
            if value is None or value in ([], {}):
                continue
            sample.values[parameter.location, parameter.name] = value
            if parameter.location == "path":
                sample.positional.append(value)
            else:
                sample.named[parameter.python_name] = value
        if not contents or not (variant or plan.is_body_required):
            yield sample
        for media_type, media in contents if variant or plan.is_body_required else []:
            kind = "image/png" if "*" in media_type else media_type
            named = dict(sample.named)
            if len(contents) > 1 or "*" in media_type:
                named["content_type"] = kind
            body = _body(kind, media.get("schema", {}), samples, variant)
            styled = _styled(media.get("encoding"))
            body = _with_plain_fields(body, styled, variant)
            if _is_empty(body) and not _plain(kind).endswith(_JSON_BODY):
                continue  # a form without fields has no form
            if body is None and not plan.is_body_required:
                continue  # without a body, not with null
            sent = replace(sample, named=named, media_type=kind, body=body, styled=styled)
            sent.part_headers = samples.part_headers(media.get("encoding"))
            sent.part_types = _part_types(media.get("encoding"))
            yield sent


def response_samples(plan: OperationPlan, samples: SampleValues) -> Iterator[ResponseSample]:
    """The responses of one operation that are a success, in some variants."""
    module = f"{plan.tag}.{plan.module}"
    documented = plan.operation.raw.get("responses", {})
    is_head = plan.operation.method == "HEAD"
    for name, response in documented.items():
        status = _status(name, documented)
        if status is None:
            continue
        if 300 <= status <= 399 and status != 304:
            headers = {"location": "https://things.test/there"}
            yield ResponseSample(plan.operation, module, status, None, headers["location"], headers)
            continue
        content = {} if is_head or status in (204, 205, 304) else response.get("content") or {}
        if not content:
            yield ResponseSample(plan.operation, module, status, None, None)
        for media_type, media in content.items():
            schema = media.get("schema", {})
            kind = media_kind(media_type, schema)
            sent = media_type.replace("*/*", "application/json").replace("/*", "/png")
            if kind in (TEXT, BYTES):
                sent = sent.replace("application/json", "video/mp4") if kind == BYTES else sent
                value: Any = FILE if kind == BYTES else "some text"
                yield ResponseSample(plan.operation, module, status, sent, value, {"content-type": sent})
                continue
            for variant in range(samples.variants(schema)):
                value = samples.of(schema, variant)
                yield ResponseSample(plan.operation, module, status, sent, value, {"content-type": sent})


def tagged(value: Any) -> Any:
    """The value as JSON, with bytes as an object that no contract has."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: tagged(item) for name, item in value.items()}
    return [tagged(item) for item in value] if isinstance(value, list) else value


def _status(name: str, documented: dict[str, Any]) -> int | None:
    if name.isdigit():
        return int(name) if int(name) < 400 else None
    if name in ("2XX", "3XX"):
        return next(code for code in range(int(name[0]) * 100 + 7, 999) if str(code) not in documented)
    is_only = name == "default" and not any(other.startswith("2") for other in documented)
    return 200 if is_only else None


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _without_nesting(value: Any) -> Any:
    """The value of a parameter, which has scalars, or one array or object of them."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, (str, int, float))]
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if isinstance(item, (str, int, float))}
    return value


def _is_empty(body: Any) -> bool:
    return isinstance(body, dict) and all(item in (None, [], {}) for item in body.values())


def _styled(encoding: Any) -> dict[str, dict[str, Any]]:
    return {
        name: {"name": name, **entry}
        for name, entry in (encoding or {}).items()
        if isinstance(entry, dict) and ("style" in entry or "explode" in entry)
    }


def _part_types(encoding: Any) -> dict[str, str]:
    """The media types of parts, where the contract has one that needs no word of the caller."""
    return {
        name: entry["contentType"]
        for name, entry in (encoding or {}).items()
        if isinstance(entry, dict)
        and isinstance(entry.get("contentType"), str)
        and any("*" not in kind for kind in entry["contentType"].split(","))
    }


def _with_plain_fields(body: Any, styled: dict[str, dict[str, Any]], variant: int) -> Any:
    """The body with values of these fields that a parameter could have."""
    if not styled or not isinstance(body, dict):
        return body
    return {
        name: _with_plain_texts(_without_nesting(item), variant) if name in styled else item
        for name, item in body.items()
    }


def _with_plain_texts(value: Any, variant: int) -> Any:
    """The value with texts that need no encoding, so that no delimiter is in them."""
    if isinstance(value, list):
        return [_with_plain_texts(item, variant + number) for number, item in enumerate(value)]
    if isinstance(value, dict):
        return {
            name.replace(" ", "-"): _with_plain_texts(item, variant + number)
            for number, (name, item) in enumerate(value.items())
        }
    is_plain = not isinstance(value, str) or (value.isascii() and value.replace("-", "").isalnum())
    return value if is_plain else _PLAIN_TEXTS[variant % len(_PLAIN_TEXTS)]


def _body(media_type: str, schema: Any, samples: SampleValues, variant: int) -> Any:
    plain = _plain(media_type)
    if plain.endswith(_JSON_BODY):
        return samples.of(schema, variant)
    if plain in ("multipart/form-data", "application/x-www-form-urlencoded"):
        form = samples.of(schema, variant)
        form = form if isinstance(form, dict) else {}  # of a schema that is no object
        return _with_files(schema, form, samples) if plain.startswith("multipart/") else form
    if plain.startswith("text/"):
        return samples.of({"type": "string"}, variant)
    return FILE


def _with_files(schema: Any, value: Any, samples: SampleValues) -> Any:
    fields = samples.fields_of(schema)
    if not isinstance(value, dict):
        return value
    return {
        name: [FILE for _ in item]
        if _is_file(samples.plain(fields.get(name, {})).get("items"), samples) and isinstance(item, list)
        else FILE
        if _is_file(fields.get(name), samples)
        else item
        for name, item in value.items()
    }


def _is_file(schema: Any, samples: SampleValues) -> bool:
    return samples.plain(schema).get("format") == "binary"
