# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""What the generated modules share: requests, files, redirects, models, and lenient readers of
JSON.

The readers never raise on a value that breaks the contract: an unknown enum value stays text, an
instant that cannot be read stays as it was, an object in place of a list stays an object. Such a
value does not fit its annotation, so code that must be sure has to check. Nothing here uses the
network.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import orjson
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

T = TypeVar("T")


class Response(Protocol):
    """The parts of an HTTP response that a parser reads; `httpx.Response` has them.

    If it also has a method `look`, that is called with the JSON value as received, before it is
    parsed.
    """

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...


@frozen
class Operation:
    """An operation of the contract: id, HTTP method, path template, and whether it takes a key."""

    id: str
    method: str
    path: str
    key: Literal["required", "optional", "none"]


@define
class File:
    """A file to upload: its bytes or an open binary file, the name to send, and its media type."""

    payload: IO[bytes] | bytes = field(repr=False)
    file_name: str = "file"
    mime_type: str | None = None

    def as_part(self) -> tuple[str, IO[bytes] | bytes, str | None]:
        """The file part in the form that httpx expects."""
        return self.file_name, self.payload, self.mime_type


Content: TypeAlias = "bytes | str | IO[bytes] | Iterable[bytes] | AsyncIterable[bytes]"
Part: TypeAlias = "tuple[str, tuple[str | None, IO[bytes] | bytes | str, str | None]]"


@define
class Request:
    """What an operation sends, ready for any HTTP client. It contains no API key and no host.

    `target` is the encoded path with the query. At most one of `json`, `content` and `parts` is
    set: a JSON value, raw bytes (or a readable or iterable of them), or the parts of a multipart
    form.
    """

    operation: Operation
    target: str
    json: object = field(default=None, repr=False)
    content: Any = field(default=None, repr=False)
    content_type: str | None = None
    parts: list[Part] | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return self.operation.method


@frozen
class Redirect:
    """A 3xx response as a value: where the content is.

    `location` is what the server sent, absolute or relative. It may be a signed URL: treat it as a
    secret.
    """

    status_code: int
    location: str = field(repr=False)


class UnexpectedStatus(Exception):
    """The response has a status that is not a success of the operation; `body` is its content."""

    def __init__(self, operation: Operation, status_code: int, body: bytes) -> None:
        super().__init__(operation, status_code, body)
        self.operation = operation
        self.status_code = status_code
        self.body = body

    def __str__(self) -> str:
        excerpt = self.body[:200].decode("utf-8", "replace")
        return f"{self.operation.method} {self.operation.path} returned {self.status_code}: {excerpt}"


class UnreadableBody(ValueError):
    """A successful response breaks the contract: not JSON, JSON of another type, or no Location."""


class OpenEnum(StrEnum):
    """An enum to which the service may add values: `read` returns unknown ones unchanged."""

    @classmethod
    def read(cls, value: Any) -> Self | Any:
        """The member with this value, or `value` unchanged."""
        try:
            return cls._value2member_map_[value]
        except (KeyError, TypeError):
            return value


class Model:
    """Base of the generated models.

    A field that is absent or null is None. Fields that the contract does not define are kept in
    `additional_properties`. `model["name"]`, `in`, `get` and `keys` use the JSON names, declared or
    not.
    """

    __slots__ = ()
    _JSON_NAMES: ClassVar[Mapping[str, str]] = {}
    additional_properties: dict[str, Any]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The model of a decoded JSON object."""
        raise NotImplementedError

    @classmethod
    def read(cls, value: Any) -> Self | Any:
        """The model when `value` is an object, else `value` unchanged."""
        return cls.from_dict(value) if isinstance(value, dict) else value

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: declared fields that are not None, then the additional ones."""
        found = {name: getattr(self, python_name) for name, python_name in self._JSON_NAMES.items()}
        plain = {name: to_json(value) for name, value in found.items() if value is not None}
        plain.update((name, to_json(value)) for name, value in self.additional_properties.items())
        return plain

    def keys(self) -> list[str]:
        """The JSON names that have a value."""
        declared = [
            name for name, python_name in self._JSON_NAMES.items() if getattr(self, python_name) is not None
        ]
        return [*declared, *self.additional_properties]

    def get(self, name: str, default: Any = None) -> Any:
        """The value under a JSON name, or `default`."""
        python_name = self._JSON_NAMES.get(name)
        value = getattr(self, python_name) if python_name else self.additional_properties.get(name)
        return default if value is None else value

    def __getitem__(self, name: str) -> Any:
        python_name = self._JSON_NAMES.get(name)
        value = getattr(self, python_name) if python_name else self.additional_properties[name]
        if value is None and python_name:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __bool__(self) -> bool:
        return True


class _NoFields(dict[str, Any]):
    """An empty dict that stays empty."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError(
            "This model was decoded without additional fields and shares an empty dict with others; set "
            "model.additional_properties = {...} instead"
        )

    if not TYPE_CHECKING:
        __setitem__ = __ior__ = setdefault = update = _refuse

    def copy(self) -> dict[str, Any]:
        return {}

    __copy__ = copy

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, ()

    def __deepcopy__(self, memo: object) -> dict[str, Any]:
        return {}


# Shared by all decoded models without additional fields: one dict per model is most of the decoding
# cost.
NONE: dict[str, Any] = _NoFields()


def extras(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """The fields of a JSON object that a model does not declare."""
    return {name: value for name, value in data.items() if name not in known}


def decode_json(content: bytes | str) -> Any:
    """The JSON value in `content`, including NaN and Infinity, which some servers write.

    Raises UnreadableBody when it is not JSON.
    """
    try:
        return orjson.loads(content)
    except ValueError:
        try:
            return json.loads(content)
        except ValueError as error:
            raise UnreadableBody(f"The body is not JSON: {error}") from None


def read_json(response: Response) -> Any:
    """The JSON value of a response. Raises UnreadableBody when the body is not JSON."""
    value = decode_json(response.content)
    look = getattr(response, "look", None)
    if look is not None:
        look(value)
    return value


def decode_model(model: Callable[[dict[str, Any]], T], response: Response) -> T:
    """The model of the JSON object in a response. Raises UnreadableBody for any other JSON."""
    value = read_json(response)
    if not isinstance(value, dict):
        raise UnreadableBody(f"The body is {_kind(value)} where an object was expected")
    return model(value)


def decode_list(reader: Callable[[Any], T], response: Response) -> list[T]:
    """The items of a JSON array, through `reader`. Raises UnreadableBody for any other JSON."""
    value = read_json(response)
    if not isinstance(value, list):
        raise UnreadableBody(f"The body is {_kind(value)} where an array was expected")
    return [reader(item) for item in value]


def as_is(value: Any) -> Any:
    """The value unchanged: the reader of values that need no decoding."""
    return value


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", str: "text", bool: "true or false", type(None): "null"}
    return f"JSON, but {kinds.get(type(value), 'a number')}"


def redirect(response: Response) -> Redirect:
    """Where a 3xx response points. Raises UnreadableBody when it has no Location header."""
    location = response.headers.get("location")
    if not location:
        raise UnreadableBody(f"The {response.status_code} response has no Location header")
    return Redirect(response.status_code, location)


def read_datetime(value: Any) -> Any:
    """An aware datetime from ISO text, in UTC if it has no offset; anything else stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        from dateutil import parser  # slow to import, and rarely needed

        try:
            moment = parser.isoparse(value)
        except (ValueError, OverflowError):
            return value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_list(reader: Callable[[Any], T], value: Any) -> list[T]:
    """Every item through `reader`; anything that is not a list stays as it is."""
    return [reader(item) for item in value] if isinstance(value, list) else value


def read_map(reader: Callable[[Any], T], value: Any) -> dict[str, T]:
    """Every value of an object through `reader`; anything that is not an object stays as it is."""
    return {name: reader(item) for name, item in value.items()} if isinstance(value, dict) else value


def to_json(value: Any) -> Any:
    """The plain JSON value of models, enums, datetimes, and lists and mappings of them."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: to_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value


# What an argument that is not valid raises. A client may set a subclass of its own.
argument_error: type[ValueError] = ValueError


def path_segment(value: object) -> str:
    """A path parameter as one encoded segment: a slash in it becomes %2F.

    Raises ValueError for None, an empty value, `.` and `..`: the request would reach another
    operation.
    """
    text = "" if value is None else str(value)
    if text in {"", ".", ".."}:
        raise argument_error(
            f"A path parameter cannot be {value!r}: give the identifier or name of one thing"
        )
    try:
        return quote(text, safe="")
    except UnicodeError:
        raise argument_error(f"A path parameter cannot be {value!r}: it is not valid text") from None


def with_query(path: str, parameters: Mapping[str, Any], repeated: Collection[str] = ()) -> str:
    """The path with a query of the parameters that are not None.

    Lists are joined by commas, or become one pair per item for the names in `repeated`; an empty
    list is left out. Booleans become `true` and `false`, instants ISO text, everything else its
    text. Raises ValueError for a list item with a comma, which the server would read as two items.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if not isinstance(value, (list, tuple, set, frozenset)):
            pairs += [(name, _text(value))] if value is not None else []
        elif name in repeated:
            pairs += [(name, _text(item)) for item in value]
        elif value:
            pairs.append((name, ",".join(_item_text(name, item) for item in value)))
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def _item_text(name: str, item: Any) -> str:
    text = _text(item)
    if "," in text:
        raise argument_error(f"{name}: an item cannot contain a comma, which separates items: {text!r}")
    return text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def form_parts(body: Model | Mapping[str, Any]) -> list[Part]:
    """The parts of a multipart form.

    A File, bytes and an open binary file become file parts. Lists and objects become JSON text,
    everything else plain text. None is left out.
    """
    pairs = body.items() if isinstance(body, Mapping) else _form_fields(body)
    parts: list[Part] = []
    for name, value in pairs:
        if value is None:
            continue
        if isinstance(value, File):
            parts.append((name, value.as_part()))
        elif isinstance(value, bytes) or hasattr(value, "read"):
            parts.append((name, File(value, _file_name(value)).as_part()))
        elif isinstance(value, (list, tuple, Mapping, Model)):
            parts.append((name, (None, orjson.dumps(to_json(value)), "application/json")))
        else:
            parts.append((name, (None, _text(value), None)))
    return parts


def _file_name(value: Any) -> str:
    name = getattr(value, "name", None)
    return os.path.basename(name) if isinstance(name, str) and name else "file"


def _form_fields(body: Model) -> Iterable[tuple[str, Any]]:
    for name, python_name in body._JSON_NAMES.items():
        yield name, getattr(body, python_name)
    yield from body.additional_properties.items()
