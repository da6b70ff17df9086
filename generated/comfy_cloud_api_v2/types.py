# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""What the generated modules share: requests, files, redirects, models, and lenient readers of
JSON.

The readers never raise on a value that breaks the contract: an unknown enum value stays text, an
instant or date that cannot be read stays as it was, an object in place of a list stays an object. Such a
value does not fit its annotation, so code that must be sure has to check. Nothing here uses the
network.
"""

from __future__ import annotations

import json
import os
import re
import sys
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from threading import RLock
from types import MemberDescriptorType
from typing import (
    IO,
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
)
from urllib.parse import quote, unquote, urlencode
from weakref import ref

import orjson
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

T = TypeVar("T")
M = TypeVar("M", bound="Model")
L = TypeVar("L", bound="LateModel")


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


class Credential(NamedTuple):
    """One place of a request that the key is sent in, and what comes before it.

    `basic` is the header of HTTP Basic; the key is `user:password` then.
    """

    location: Literal["header", "query", "cookie", "basic"]
    name: str
    prefix: str = ""


X_API_KEY = (Credential("header", "X-API-Key"),)


@frozen
class Operation:
    """An operation of the contract: id, HTTP method, path template, whether it takes a key, and
    where the key is sent.
    """

    id: str
    method: str
    path: str
    key: Literal["required", "optional", "none"]
    credentials: tuple[Credential, ...] = X_API_KEY


@define
class File:
    """A file to upload: its bytes or an open binary file, the name to send, and its media type.

    `headers` are those of its part of the form. Without a `file_name`, the part is a field and no file.
    """

    payload: IO[bytes] | bytes = field(repr=False)
    file_name: str | None = "file"
    mime_type: str | None = None
    headers: Mapping[str, Any] | None = None

    def as_part(self) -> PartValue:
        """The part in the form that httpx expects. Raises ValueError for what a header cannot be."""
        if not self.headers:
            return self.file_name, self.payload, self.mime_type
        for name in self.headers:
            if not _HEADER_NAME.fullmatch(name):
                raise argument_error(f"A header of a part cannot be called {name!r}")
        return self.file_name, self.payload, self.mime_type, header_fields(self.headers) or {}


_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
Fit: TypeAlias = "Mapping[str, tuple[bool, tuple[str, ...], tuple[str, ...], bool]]"
Content: TypeAlias = "bytes | str | IO[bytes] | Iterable[bytes] | AsyncIterable[bytes]"
PlainPart: TypeAlias = "tuple[str | None, IO[bytes] | bytes | str, str | None]"
HeadedPart: TypeAlias = "tuple[str | None, IO[bytes] | bytes | str, str | None, dict[str, str]]"
PartValue: TypeAlias = "PlainPart | HeadedPart"
Part: TypeAlias = "tuple[str, PartValue]"


@define
class Request:
    """What an operation sends, ready for any HTTP client. It contains no API key and no host.

    `target` is the encoded path with the query. At most one of `json`, `content` and `parts` is
    set: a JSON value, raw bytes (or a readable or iterable of them), or the parts of a multipart
    form. `content_type` is that of `json` and `content`. `headers` are the parameters of the
    operation that are headers or cookies.
    """

    operation: Operation
    target: str
    json: object = field(default=None, repr=False)
    content: Any = field(default=None, repr=False)
    content_type: str | None = None
    parts: list[Part] | None = field(default=None, repr=False)
    headers: dict[str, str] | None = field(default=None, repr=False)

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
            return cls._value2member_map_.get(value, value)
        except TypeError:
            return value


class Model:
    """Base of the generated models.

    A field that is absent or null is None. Fields that the contract does not define are kept in
    `additional_properties`. `model["name"]`, `in`, `get` and `keys` use the JSON names, declared or
    not.
    """

    __slots__ = ()
    _JSON_NAMES: ClassVar[Mapping[str, str]] = {}
    _NULLS: ClassVar[frozenset[str]] = frozenset()  # required fields that may be null
    _FIT: ClassVar[Fit] = {}  # of models that are alternatives of others; see `read_best`
    _ITEMS: ClassVar[Mapping[str, Any]] = {}  # of pages: the models of their lists, by JSON name
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
        """The JSON object: declared fields that are not None, then the additional ones.

        A field that is None is there, as null, if the contract requires it and allows null.
        """
        found = {name: getattr(self, python_name) for name, python_name in self._JSON_NAMES.items()}
        plain = {
            name: to_json(value) for name, value in found.items() if value is not None or name in self._NULLS
        }
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


class LateModel(Model):
    """Base of the models that a page of a list is full of: free-form fields stay bytes until read.

    See `decode_page`. Such a field is a property, whose value has the place `_late_NAME`.
    """

    __slots__ = ("_page", "_undecoded")
    # By Python name: the JSON types of fields that are decoded at once, the enums of some of these, and
    # the readers of the others.
    _KINDS: ClassVar[Mapping[str, str]] = {}
    _WORDS: ClassVar[Mapping[str, Any]] = {}
    _READERS: ClassVar[Mapping[str, Any]] = {}
    _undecoded: Any  # the record of the fields, of which `_READERS` are bytes, and None once decoded
    _page: Any

    @classmethod
    def from_records(cls, records: Any, page: Any) -> list[Any]:
        """The models of the records of a page."""
        raise NotImplementedError

    def _decode_all(self, record: Any, decode: Any) -> None:
        """Decode the fields that are still bytes. Raises what `decode` raises, with some of them left."""
        raise NotImplementedError

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        for name in cls._READERS:
            slot = cls.__dict__.get(name)
            if isinstance(slot, MemberDescriptorType):  # not yet, in the class that attrs makes anew
                setattr(cls, f"_late_{name}", slot)
                setattr(cls, name, _late_property(name, slot))

    def _decode(self, name: str) -> Any:
        """Decode a field that is still bytes, or all, if the program reads all of the page's models."""
        with _decoding:  # so that threads get the same object
            record, page = self._undecoded, self._page
            if page is not None and page.read_whole >= _ENOUGH_READ_WHOLE:
                self._decode_rest(record)
            place = f"_late_{name}"
            value = getattr(self, place)
            if value is not UNREAD:  # it, or another thread, has decoded it
                return value
            raw = getattr(record, name)
            value = None if raw is None else decode_late(raw)
            reader = self._READERS[name]
            if value is not None and reader is not as_is:
                value = reader(value)
            setattr(self, place, value)
            setattr(record, name, None)
            if page is not None and all(getattr(record, other) is None for other in self._READERS):
                page.read_whole += 1
            return value

    def _decode_rest(self, record: Any) -> None:
        """Decode the fields that are still bytes, but for those that only the usual decoder reads."""
        errors, decode = _late or _late_decoder()
        try:
            self._decode_all(record, decode)
        except errors:  # some fields are decoded
            for name in self._READERS:
                if getattr(self, f"_late_{name}") is not UNREAD:
                    setattr(record, name, None)
        else:
            self._undecoded = self._page = None


class _Unread:
    """The type of UNREAD."""

    __slots__ = ()


# What is in the place of a field that is still bytes.
UNREAD: Any = _Unread()

# So many models of a page are decoded field by field. Who has read all of them will read the others.
_ENOUGH_READ_WHOLE = 2


def _late_property(name: str, slot: Any) -> property:
    get = slot.__get__

    def read(model: LateModel) -> Any:
        value = get(model)
        return model._decode(name) if value is UNREAD else value

    def delete(model: LateModel) -> None:
        slot.__delete__(model)
        model._page = None  # what decodes all fields at once takes each of them to be there

    return property(read, slot.__set__, delete)


_decoding = RLock()


def _renew_lock() -> None:
    """Give a forked child a lock of its own: a thread of the parent may hold this one."""
    global _decoding
    _decoding = RLock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_renew_lock)


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

    Integers are exact, however long they are. Raises UnreadableBody when it is not JSON.
    """
    try:
        value = orjson.loads(content)
        if not has_long_integer(content):
            return value
    except ValueError:
        pass
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableBody(f"The body is not JSON: {error}") from None


def decode_late(raw: Any) -> Any:
    """The same as `decode_json` for a part of JSON that msgspec has left undecoded."""
    errors, decode = _late or _late_decoder()
    try:
        return decode(raw)
    except errors:
        return decode_json(bytes(raw))


_late: tuple[Any, ...] = ()


def _late_decoder() -> tuple[Any, ...]:
    global _late
    import msgspec  # not at the top: its import takes long

    _late = ((msgspec.DecodeError, RecursionError), msgspec.json.Decoder().decode)
    return _late


def has_long_integer(content: bytes | str) -> bool:
    """Whether JSON has an integer beyond 64 bits, which orjson reads as a float.

    It may be true for JSON that has one only within text.
    """
    text = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    zeros = text.translate(_DIGITS_AS_ZEROS)  # in which runs of digits are found fast
    return _exceeds(text, zeros, b"", b"18446744073709551615") or _exceeds(
        text, zeros, b"-", b"9223372036854775808"
    )


_DIGITS_AS_ZEROS = bytes(ord("0") if chr(code).isdecimal() and code < 128 else code for code in range(256))


def _exceeds(text: bytes, zeros: bytes, sign: bytes, most: bytes) -> bool:
    sought = sign + b"0" * len(most)
    at = zeros.find(sought)
    while at >= 0:
        start, end = at + len(sign), at + len(sought)
        if (text[start:end] > most or zeros[end : end + 1] == b"0") and (
            sign or text[at - 1 : at] in b":,[ \t\r\n"
        ):
            return True
        at = zeros.find(sought, end)
    return False


def encode_json(value: object) -> bytes:
    """A JSON value as text in UTF-8. Raises TypeError for what JSON cannot express."""
    try:
        return orjson.dumps(value)
    except TypeError as error:
        if "64-bit" not in str(error):
            raise
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except ValueError:  # a lone surrogate, or not a number
            raise error from None


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


def decode_page(page: type[M], response: Response) -> M:
    """The same as `decode_model` for a page of a list, whose items are decoded as they are read.

    Everything that `decode_model` refuses is refused here, too, and at once.
    """
    top = _page_in(page, response.content)
    if top is None:
        return decode_model(page.from_dict, response)
    look = getattr(response, "look", None)
    if look is not None:
        look({name: _Undecoded(value) if type(value) is _Items else value for name, value in top.items()})
    model = page.from_dict({name: value for name, value in top.items() if type(value) is not _Items})
    for name in page._ITEMS.keys() & top.keys():
        setattr(model, page._JSON_NAMES[name], top[name].models(len(response.content)))
    return model


def undecoded_items(page: type[Model], response: Response) -> dict[str, list[Any]] | None:
    """The lists of a page by JSON name, with the JSON of each item, which `bytes` and msgspec read.

    None where only `decode_page` can say; then nothing was looked at. `content` was valid UTF-8. The
    items refer to it, and keep it.
    """
    content = response.content
    decoders = _decoders_of(page)
    if decoders is None or not page._ITEMS or not (content.isascii() or _is_utf8(content)):
        return None
    *_, whole_items, errors = decoders
    try:
        record = whole_items(content)
    except errors:
        return None
    found = {name: getattr(record, page._JSON_NAMES[name]) for name in page._ITEMS}
    lists: dict[str, list[Any]] = {name: items for name, items in found.items() if items is not None}
    look = getattr(response, "look", None)
    if look is not None:
        others = {
            name: getattr(record, python) for name, python in page._JSON_NAMES.items() if name not in found
        }
        decoded = {name: decode_json(bytes(raw)) for name, raw in others.items() if raw is not None}
        look(decoded | {name: _Undecoded(_WholeItems(items)) for name, items in lists.items()})
    return lists


def decode_value(reader: Callable[[Any], T], response: Response) -> T:
    """The JSON value of a response, through `reader`. Raises UnreadableBody when it is not JSON."""
    return reader(read_json(response))


def decode_list(reader: Callable[[Any], T], response: Response) -> list[T]:
    """The items of a JSON array, through `reader`. Raises UnreadableBody for any other JSON."""
    value = read_json(response)
    if not isinstance(value, list):
        raise UnreadableBody(f"The body is {_kind(value)} where an array was expected")
    return [reader(item) for item in value]


def peek(model: object, name: str) -> Any:
    """The JSON of a field that nobody has read, which `bytes` and msgspec read.

    None once it is decoded, for what is decoded at once, and where it is absent.
    """
    record = getattr(model, "_undecoded", None)
    if record is None or name not in model._READERS:  # type: ignore[attr-defined]
        return None
    return getattr(record, name, None)


def record_fields(item: type[LateModel]) -> list[tuple[str, str, str | None]]:
    """The fields of a record: JSON name, Python name, and the JSON type if it is decoded at once."""
    return [(name, python, item._KINDS.get(python)) for name, python in item._JSON_NAMES.items()]


class _Items:
    """The items of a page: records of all their fields, or dicts of the bytes of their fields."""

    __slots__ = ("fields", "item", "record", "records")

    def __init__(self, item: type[LateModel], records: list[Any]) -> None:
        self.item = item
        self.records = records
        # JSON name, Python name, and whether it is decoded at once
        self.fields = [(name, python, python in item._KINDS) for name, python in item._JSON_NAMES.items()]

    def models(self, size: int) -> list[Any]:
        """The models of the items of a page of so many bytes."""
        records = self.records
        if not (records and type(records[0]) is dict):
            return self.item.from_records(records, _Page(self.item, records, size))
        late = {name: python_name for name, python_name, is_decoded in self.fields if not is_decoded}
        record_of = _record_class(self.item)
        of_late = [
            record_of(**{python_name: fields[name] for name, python_name in late.items() if name in fields})
            for fields in records
        ]
        models = self.item.from_records(of_late, _Page(self.item, of_late, size))
        for model, fields in zip(models, records, strict=True):
            usual = self.item.from_dict(
                {name: decode_json(bytes(raw)) for name, raw in fields.items() if name not in late}
            )
            for python_name in self.item._KINDS:
                setattr(model, python_name, getattr(usual, python_name))
            model.additional_properties = usual.additional_properties
        return models

    def value(self, index: int) -> dict[str, Any]:
        """The JSON object of one item."""
        record = self.records[index]
        if type(record) is dict:
            return {name: decode_json(bytes(raw)) for name, raw in record.items()}
        found = {}
        for name, python_name, is_decoded in self.fields:
            value = getattr(record, python_name)
            if value is not None:
                found[name] = value if is_decoded else decode_json(bytes(value))
        return found


class _WholeItems:
    """The items of a page of which nothing is decoded."""

    __slots__ = ("item", "records")

    def __init__(self, records: list[Any]) -> None:
        self.item = None
        self.records = records

    def value(self, index: int) -> Any:
        """The JSON value of one item."""
        return decode_json(bytes(self.records[index]))


class _Page:
    """What the models of a page share: its records, whose bytes are a part of the page.

    Whoever keeps one model would keep the whole page. So of all but the latest pages, models get
    bytes of their own once another page is decoded. Most models are gone by then.
    """

    __slots__ = ("__weakref__", "_item", "_records", "read_whole")

    def __init__(self, item: type[LateModel], records: list[Any], size: int) -> None:
        self._item = item
        self._records = records
        self.read_whole = 0  # the number of models of which all fields were read one by one
        if size > _LARGEST_SHARED:
            self.part(is_new=True)
            return
        _LATEST.append(ref(self))
        while len(_LATEST) > _SHARED_PAGES:
            try:
                earlier = _LATEST.popleft()()
            except IndexError:  # another thread has taken it
                break
            if earlier is not None:
                earlier.part()

    def part(self, *, is_new: bool = False) -> None:
        """Give each record that a model has bytes of its own."""
        records, self._records = self._records, []
        kept = records if is_new else _held(records)
        with _decoding:  # a thread may be reading one of them
            for record in kept:
                for name in self._item._READERS:
                    raw = getattr(record, name)
                    if raw is not None:
                        setattr(record, name, raw.copy())


def _held(records: list[Any]) -> list[Any]:
    """The records that somebody else refers to; all, where Python does not count that."""
    count = getattr(sys, "getrefcount", None)
    if count is None:
        return records
    unused = [count(record) for record in [[None]]][0]
    return [record for record in records if count(record) > unused]


_SHARED_PAGES = 2
_LARGEST_SHARED = 2**22
_LATEST: deque[ref[_Page]] = deque()


class _Undecoded(list[Any]):
    """A JSON array whose items are decoded when they are asked for. Its own storage is empty.

    `records` are the items as they were decoded: records with the fields of the model `item`, by
    their Python names, or dicts of bytes by their JSON names. Without an `item` they are the JSON of
    whole items.
    """

    def __init__(self, items: _Items | _WholeItems) -> None:
        super().__init__()
        self._items = items
        self.records = items.records
        self.item = items.item

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: Any) -> Any:
        return self._items.value(index)

    def __iter__(self) -> Iterator[Any]:
        return map(self._items.value, range(len(self)))


def _page_in(page: type[Model], content: bytes) -> dict[str, Any] | None:
    """The fields of a page, its lists as `_Items`; None where only the usual reader can say.

    msgspec refuses what deviates from the types, and fields that a model does not declare. It does not
    look at the encoding of what it leaves undecoded.
    """
    decoders = _decoders_of(page)
    if decoders is None or not (content.isascii() or _is_utf8(content)):
        return None
    as_declared, fields, items, _, errors = decoders
    try:
        record = as_declared(content)
    except errors:
        pass
    else:
        top: dict[str, Any] = {}
        for name, python_name in page._JSON_NAMES.items():
            value = getattr(record, python_name)
            if value is not None:
                is_list = name in page._ITEMS
                top[name] = _Items(page._ITEMS[name], value) if is_list else decode_json(bytes(value))
        return top
    try:
        found = fields(content)
        return {
            name: _Items(page._ITEMS[name], items(raw)) if name in page._ITEMS else decode_json(bytes(raw))
            for name, raw in found.items()
        }
    except errors:
        return None


def undecoded_fields(content: bytes) -> dict[str, Any] | None:
    """The JSON of each field of an object, which `bytes` gives; None where only `decode_json` can say.

    The values refer to `content`, and keep it.
    """
    decoders = _decoders_of(Model)
    if decoders is None or not (content.isascii() or _is_utf8(content)):
        return None
    _, fields, _, _, errors = decoders
    try:
        found: dict[str, Any] = fields(content)
    except errors:
        return None
    return found


def decode_item(model: type[L], content: bytes) -> L | None:
    """The model of one JSON object, with free-form fields decoded as they are read.

    None where only the usual reader can say. `content` is valid UTF-8.
    """
    decoders = _decoders_of(model)
    if decoders is None:
        return None
    as_declared, _, _, _, errors = decoders
    try:
        record = as_declared(content)
    except errors:
        return None
    return model.from_records((record,), None)[0]  # type: ignore[no-any-return]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


_DECODERS: dict[type[Model], Any] = {}


def _decoders_of(page: type[Model]) -> Any:
    """What decodes a page one level deep, made when it is first needed; None without msgspec."""
    if page not in _DECODERS:
        try:
            import msgspec  # not at the top: its import takes long
        except ImportError:  # there is none for this interpreter
            _DECODERS[page] = None
            return None
        errors = (msgspec.DecodeError, RecursionError)
        undecoded: Any = _new_record_class(page, dict.fromkeys(_lists_of(page), list[msgspec.Raw]))
        _DECODERS[page] = (
            _record_decoder(page, errors),
            msgspec.json.Decoder(dict[str, msgspec.Raw]).decode,
            msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode,
            msgspec.json.Decoder(undecoded).decode,
            errors,
        )
    return _DECODERS[page]


def _record_decoder(page: type[Model], errors: tuple[type[Exception], ...]) -> Callable[[bytes], Any]:
    """What decodes a page, or a late model, to records. It needs msgspec.

    Words of an enum are decoded to its members. JSON with an unknown word is decoded again, and what
    deviates in another way is tried again.
    """
    import msgspec

    def decoder(*, with_words: bool) -> Callable[[bytes], Any]:
        if issubclass(page, LateModel):
            whole = _record_class(page, with_words=with_words)
        else:
            found = {
                name: list[_record_class(item, with_words=with_words)]  # type: ignore[misc]
                for name, item in _lists_of(page).items()
            }
            whole = _new_record_class(page, found)
        decode: Callable[[bytes], Any] = msgspec.json.Decoder(whole).decode
        return decode

    items = [page] if issubclass(page, LateModel) else list(page._ITEMS.values())
    if not any(item._WORDS for item in items):
        return decoder(with_words=False)
    usual, with_text = decoder(with_words=True), decoder(with_words=False)

    def decode(content: bytes) -> Any:
        try:
            return usual(content)
        except errors:
            record = with_text(content)
        if issubclass(page, LateModel):
            _find_words(page, [record])
        else:
            for name, item in _lists_of(page).items():
                _find_words(item, getattr(record, name) or [])
        return record

    return decode


def _find_words(item: type[LateModel], records: list[Any]) -> None:
    """Put the members of enums in the place of their words; other words stay text."""
    for name, enum in item._WORDS.items():
        for record in records:
            value = getattr(record, name)
            if value is not None:
                setattr(record, name, enum.read(value))


def _lists_of(page: type[Model]) -> dict[str, Any]:
    """The models of the lists of a page, by Python name."""
    return {page._JSON_NAMES[name]: item for name, item in page._ITEMS.items()}


_RECORDS: dict[Any, Any] = {}


def _record_class(item: Any, *, with_words: bool = False) -> Any:
    """The class of the records of a model. It needs msgspec."""
    if (item, with_words) not in _RECORDS:
        import msgspec

        # Numbers beyond these are floats for the usual reader.
        whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
        kinds = {"string": str, "integer": whole, "number": whole | float, "boolean": bool}
        types = {name: kinds[kind] for name, kind in item._KINDS.items()}
        if with_words:
            types.update((name, enum) for name, enum in item._WORDS.items() if len(enum))
        _RECORDS[item, with_words] = _new_record_class(item, types)
    return _RECORDS[item, with_words]


def _new_record_class(model: type[Model], types: Mapping[str, Any]) -> Any:
    import msgspec

    names = {python_name: name for name, python_name in model._JSON_NAMES.items()}
    fields = [(name, types.get(name, msgspec.Raw), None) for name in names]
    return msgspec.defstruct(model.__name__, fields, rename=names, forbid_unknown_fields=True, gc=False)


def as_is(value: Any) -> Any:
    """The value unchanged: the reader of values that need no decoding."""
    return value


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", str: "text", bool: "true or false", type(None): "null"}
    return f"JSON, but {kinds.get(type(value), 'a number')}"


def has_media_type(response: Response, *media_types: str) -> bool:
    """Whether a response has one of these media types; `image/*` stands for all images."""
    given = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    for media_type in media_types:
        kind, _, name = media_type.partition(";")[0].strip().lower().partition("/")
        if given == f"{kind}/{name}" or (name == "*" and kind in ("*", given.partition("/")[0])):
            return True
    return False


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


def read_date(value: Any) -> Any:
    """A date from text such as `2026-01-31`; anything else stays as it is."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read_instant(value: Any) -> Any:
    """`read_datetime` for a value that may be other text: only an RFC 3339 date and time is read."""
    return read_datetime(value) if isinstance(value, str) and _INSTANT.fullmatch(value) else value


_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def read_best(models: tuple[type[Model], ...], value: Any) -> Any:
    """The model that fits an object best, the first of equals; other values stay as they are.

    A word that names another model decides, then the required fields, known words, the types of
    values, and fields that a model does not define. An object that no model fits stays a dict.
    """
    if not isinstance(value, dict):
        return value
    best = min(models, key=lambda model: _misfit(model, value))
    named_otherwise, missing, _, _, unknown = _misfit(best, value)
    if named_otherwise or (missing and unknown == len(value)):
        return value
    return best.from_dict(value)


def _misfit(model: type[Model], data: dict[str, Any]) -> tuple[int, int, int, int, int]:
    """How badly an object fits a model, most important first: zeros are a perfect fit."""
    named_otherwise = missing = wrong_words = wrong_types = 0
    for name, (required, types, words, names_model) in model._FIT.items():
        if name not in data:
            missing += required
            continue
        value = data[name]
        if value is None:
            continue
        if isinstance(value, str) and words and value not in words:
            named_otherwise += names_model
            wrong_words += not names_model
        if types and not _json_types(value) & {*types}:
            wrong_types += 1
    unknown = sum(name not in model._FIT for name in data)
    return named_otherwise, missing, wrong_words, wrong_types, unknown


def _json_types(value: Any) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return {"integer", "number"}
    kinds = {dict: "object", list: "array", str: "string", float: "number"}
    return {kinds.get(type(value), "null")}


def read_list(reader: Callable[[Any], T], value: Any) -> list[T]:
    """Every item through `reader`; anything that is not a list stays as it is."""
    return [reader(item) for item in value] if isinstance(value, list) else value


def read_map(reader: Callable[[Any], T], value: Any) -> dict[str, T]:
    """Every value of an object through `reader`; anything that is not an object stays as it is."""
    return {name: reader(item) for name, item in value.items()} if isinstance(value, dict) else value


class _Null:
    """The type of NULL."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULL"

    def __str__(self) -> str:
        return "null"

    def __bool__(self) -> bool:
        return False

    def __copy__(self) -> _Null:
        return self

    def __deepcopy__(self, memo: object) -> _Null:
        return self

    def __reduce__(self) -> str:
        return "NULL"


# A field of a model that is None is not sent, unless the contract requires it and allows null; one
# that is NULL is sent as null. So is a body. In a mapping, None is sent as null too.
NULL: Any = _Null()


def to_json(value: Any) -> Any:
    """The plain JSON value of models, enums, dates, datetimes, and lists and mappings of them.

    NULL becomes None, which is null in JSON.
    """
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: to_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return None if value is NULL else value


# What an argument that is not valid raises. A client may set a subclass of its own.
argument_error: type[ValueError] = ValueError


def path_segment(value: object) -> str:
    """A path parameter as one encoded segment: a slash in it becomes %2F.

    Raises ValueError for None, an empty value, `.` and `..`: the request would reach another
    operation.
    """
    text = str(value) if isinstance(value, str) else "" if value is None else _text(value)
    if text in {"", ".", ".."}:
        raise argument_error(
            f"A path parameter cannot be {value!r}: give the identifier or name of one thing"
        )
    try:
        return quote(text, safe="")
    except UnicodeError:
        raise argument_error(f"A path parameter cannot be {value!r}: it is not valid text") from None


def fill_path(template: str, parameters: Mapping[str, tuple[Any, str, bool]]) -> str:
    """A path template with its parameters filled in: by name the value, its style, and `explode`.

    Raises ValueError for values that `path_segment` does not take, and for an empty list.
    """
    return _PLACEHOLDER.sub(lambda found: _styled_segment(found[1], *parameters[found[1]]), template)


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _styled_segment(name: str, value: Any, style: str, explode: bool) -> str:
    if style == "json":
        return quote(encode_json(to_json(value)), safe="")
    label, equals = quote(name, safe=""), "=" if explode else ","
    if isinstance(value, (Model, Mapping)):
        fields = [(quote(key, safe=""), path_segment(item)) for key, item in _scalar_fields(name, value)]
        items = [f"{key}{equals}{item}" for key, item in fields]
    else:
        items = [path_segment(item) for item in _items(value)]
    if not items:
        raise argument_error(f"A path parameter cannot be {value!r}: give at least one item")
    if style == "simple":
        return ",".join(items)
    if style == "label":
        return "." + ("." if explode else ",").join(items)
    if isinstance(value, (Model, Mapping)):
        return f";{';'.join(items)}" if explode else f";{label}={','.join(items)}"
    return "".join(f";{label}={item}" for item in items) if explode else f";{label}={','.join(items)}"


def with_query(
    path: str,
    parameters: Mapping[str, Any],
    repeated: Collection[str] = (),
    styles: Mapping[str, str] | None = None,
    reserved: Collection[str] = (),
) -> str:
    """The path with a query of the parameters that are not None.

    Lists are joined by commas, or become one pair per item for the names in `repeated`; an empty
    list is left out. So are objects, whose fields become pairs of their own. `styles` has the names
    with another style: `spaceDelimited`, `pipeDelimited`, `deepObject`, or `json` for JSON text.
    `reserved` has the names whose values keep characters such as `/` and `:` as they are. Booleans
    become `true` and `false`, instants and dates ISO text, everything else its text. Raises
    ValueError for a list item with the character that separates items, or without a text.
    """
    if reserved:
        given = [
            (name, with_query("", {name: value}, repeated, styles)[1:]) for name, value in parameters.items()
        ]
        query = "&".join(_with_reserved(text) if name in reserved else text for name, text in given if text)
        return f"{path}?{query}" if query else path
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if value is None:
            continue
        if styles is not None and name in styles:
            pairs += _styled_pairs(name, value, styles[name], name in repeated)
        elif isinstance(value, (str, int, float)):
            pairs.append((name, _text(value)))
        elif isinstance(value, (list, tuple, set, frozenset)):
            if name in repeated:
                pairs += [(name, _text(item)) for item in value]
            elif value:
                pairs.append((name, ",".join(_item_text(name, item) for item in value)))
        elif isinstance(value, (Model, Mapping)):
            pairs += _pairs_of_object(name, value, ",", name in repeated)
        else:
            pairs.append((name, _text(value)))
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def _with_reserved(query: str) -> str:
    """The query with characters as they are that a query may have and that separate nothing in it."""
    return _RESERVED.sub(lambda found: unquote(found[0]), query)


_RESERVED = re.compile("%(?:21|24|27|28|29|2A|2C|2F|3A|3B|3F|40)")
_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


def _styled_pairs(name: str, value: Any, style: str, explode: bool) -> list[tuple[str, str]]:
    if style == "json":
        return [(name, encode_json(to_json(value)).decode())]
    if style == "deepObject":
        return list(_deep_pairs(name, value))
    delimiter = _DELIMITERS[style]
    if isinstance(value, (Model, Mapping)):
        return _pairs_of_object(name, value, delimiter, explode)
    if explode or not isinstance(value, (list, tuple, set, frozenset)):
        return [(name, _text(item)) for item in _items(value)]
    return [(name, delimiter.join(_item_text(name, item, delimiter) for item in value))] if value else []


def _deep_pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, (Model, Mapping)):
        for key, item in value.items() if isinstance(value, Mapping) else _form_fields(value):
            if item is not None:
                yield from _deep_pairs(f"{name}[{key}]", item)
    else:
        yield from ((name, _text(item)) for item in _items(value))


def _pairs_of_object(name: str, value: Any, delimiter: str, explode: bool) -> list[tuple[str, str]]:
    fields = _scalar_fields(name, value)
    if explode:
        return [(key, _text(item)) for key, item in fields]
    texts = [_item_text(name, part, delimiter) for pair in fields for part in pair]
    return [(name, delimiter.join(texts))] if texts else []


def _scalar_fields(name: str, value: Model | Mapping[str, Any]) -> list[tuple[str, Any]]:
    fields = value.items() if isinstance(value, Mapping) else _form_fields(value)
    found = [(key, item) for key, item in fields if item is not None]
    for key, item in found:
        if isinstance(item, (list, tuple, set, frozenset, Mapping, Model)):
            raise argument_error(f"{name}: the field {key} cannot be a list or an object in this style")
    return found


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def header_fields(
    headers: Mapping[str, Any],
    cookies: Mapping[str, Any] | None = None,
    styles: Mapping[str, str] | None = None,
) -> dict[str, str] | None:
    """The headers of a request from its parameters that are not None; None if there are none.

    `styles` has the names whose fields are written `name=value` (`exploded`), or whose value is
    JSON text (`json`). Raises ValueError for text that a header cannot have.
    """
    found = {name: _header_text(name, value, styles) for name, value in headers.items() if value is not None}
    pairs = [
        f"{name}={quote(_header_text(name, value, styles), safe=_COOKIE)}"
        for name, value in (cookies or {}).items()
        if value is not None
    ]
    if pairs:
        found["Cookie"] = "; ".join(pairs)
    return found or None


# Of what a cookie may have, the characters that `quote` would encode.
_COOKIE = "!#$&'()*+/:<=>?@[]^`{|}"


def _header_text(name: str, value: Any, styles: Mapping[str, str] | None) -> str:
    style = styles.get(name) if styles else None
    if style == "json":
        text = json.dumps(to_json(value), separators=(",", ":"))
    elif isinstance(value, (Model, Mapping)):
        fields = _scalar_fields(name, value)
        equals = "=" if style == "exploded" else ","
        text = ",".join(f"{key}{equals}{_item_text(name, item)}" for key, item in fields)
    elif isinstance(value, (list, tuple, set, frozenset)):
        text = ",".join(_item_text(name, item) for item in value)
    else:
        text = _text(value)
    if not (text.isascii() and text.isprintable() and text == text.strip()):
        raise argument_error(f"{name}: a header has printable ASCII text, without spaces around it")
    return text


def key_sent(request: Request, key: str | None) -> tuple[str, dict[str, str]]:
    """The target and the headers of a request, with the key where its operation takes one."""
    target, headers = request.target, dict(request.headers or {})
    if key is None or request.operation.key == "none":
        return target, headers
    for place in request.operation.credentials:
        if place.location == "query":
            target += ("&" if "?" in target else "?") + urlencode({place.name: key}, quote_via=quote)
        elif place.location == "cookie":
            before = f"{headers['Cookie']}; " if "Cookie" in headers else ""
            headers["Cookie"] = f"{before}{place.name}={key}"
        elif place.location == "basic":
            headers[place.name] = f"Basic {b64encode(key.encode()).decode('ascii')}"
        else:
            headers[place.name] = f"{place.prefix}{key}"
    return target, headers


def _item_text(name: str, item: Any, delimiter: str = ",") -> str:
    text = _text(item)
    if delimiter in text:
        shown = {",": "a comma", " ": "a space", "|": "a bar"}[delimiter]
        raise argument_error(f"{name}: an item cannot contain {shown}, which separates items: {text!r}")
    return text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (bytes, list, tuple, set, frozenset, Mapping, Model)):
        raise argument_error(f"A single value is needed here, not {type(value).__name__}: {value!r:.80}")
    return str(value)


def form_parts(
    body: Model | Mapping[str, Any],
    repeated: Collection[str] = (),
    media_types: Mapping[str, str] | None = None,
    styles: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[Part]:
    """The parts of a multipart form.

    A File, bytes and an open binary file become file parts. Lists and objects become JSON text,
    everything else plain text; the lists in `repeated` become one part per item. None is left out.
    `media_types` has the names of parts with a media type of their own, or several, divided by
    commas, of which the one that fits is chosen: for a file by its name. `styles` has those of lists
    and objects that are written as text, as in `with_query`, and `headers` the headers, divided by
    commas, that a part must have. Raises ValueError for a part without them.
    """
    pairs = body.items() if isinstance(body, Mapping) else _form_fields(body)
    parts: list[Part] = []
    for name, value in pairs:
        kind = media_types.get(name) if media_types else None
        if value is None:
            continue
        if styles is not None and name in styles and not is_content(value):
            pairs_of_text = _styled_pairs(name, value, styles[name], name in repeated)
            parts += [(key, (None, text, kind)) for key, text in pairs_of_text]
        elif name in repeated and isinstance(value, (list, tuple)):
            parts += [(name, _part(item, kind)) for item in value]
        else:
            parts.append((name, _part(value, kind)))
    for name, part in parts:
        if headers is not None and name in headers:
            _check_headers(name, part, headers[name].split(","))
    return parts


def _check_headers(name: str, part: PartValue, needed: list[str]) -> None:
    given = {header.lower() for header in part[3]} if len(part) == 4 else set()
    missing = next((header for header in needed if header.lower() not in given), None)
    if missing is not None:
        raise argument_error(
            f"{name}: this part of the form needs the header {missing}: give a File with it in "
            "`headers`, and with file_name=None if it is no file"
        )


def _part(value: Any, kinds: str | None) -> PartValue:
    if isinstance(value, File):
        kind = value.mime_type or _file_type(kinds, value.file_name)
        return File(value.payload, value.file_name, kind, value.headers).as_part()
    if is_content(value):
        name = _file_name(value)
        return File(value, name, _file_type(kinds, name)).as_part()
    is_structured = isinstance(value, (list, tuple, Mapping, Model))
    kind = _text_type(kinds, is_structured)
    if is_structured or _is_json(kind):
        return None, encode_json(to_json(value)), kind if _is_json(kind) else "application/json"
    return None, _text(value), kind


def _file_type(kinds: str | None, file_name: str | None) -> str | None:
    """Of the media types that a part may have, that of a file: by its name, else the first."""
    if not kinds:
        return None
    given = [kind.strip() for kind in kinds.split(",")]
    if len(given) > 1:
        from mimetypes import guess_type

        guess = guess_type(file_name or "")[0] or "/"
        if any(kind in (guess, f"{guess.partition('/')[0]}/*", "*/*") for kind in given) and guess != "/":
            return guess
    return _first_type(given)


def _text_type(kinds: str | None, is_structured: bool) -> str | None:
    """Of the media types that a part may have, that of a value: JSON for lists and objects."""
    given = [kind.strip() for kind in kinds.split(",")] if kinds else []
    fitting = [kind for kind in given if (_is_json(kind) if is_structured else kind.startswith("text/"))]
    return _first_type(fitting) or _first_type(given)


def _first_type(given: list[str]) -> str | None:
    return next((kind for kind in given if "*" not in kind), None)


def _is_json(kind: str | None) -> bool:
    return kind is not None and kind.partition(";")[0].endswith(("/json", "+json"))


def form_content(
    body: Model | Mapping[str, Any],
    repeated: Collection[str] = (),
    styles: Mapping[str, str] | None = None,
    reserved: Collection[str] = (),
) -> bytes:
    """A form in URL encoding.

    Lists and objects become JSON text, everything else plain text; the lists in `repeated` become
    one pair per item. None is left out. `styles` has the names of fields that are written as
    parameters are, and `reserved` is as in `with_query`.
    """
    texts: list[str] = []
    for name, value in body.items() if isinstance(body, Mapping) else _form_fields(body):
        if value is None:
            continue
        pairs: Sequence[tuple[str, str | bytes]]
        if styles is not None and name in styles:
            pairs = _styled_pairs(name, value, styles[name], name in repeated)
        elif name in repeated and isinstance(value, (list, tuple)):
            pairs = [(name, _form_text(item)) for item in value]
        else:
            pairs = [(name, _form_text(value))]
        if pairs:
            texts.append(_with_reserved(urlencode(pairs)) if name in reserved else urlencode(pairs))
    return "&".join(texts).encode("ascii")


def _form_text(value: Any) -> str | bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, (list, tuple, Mapping, Model)):
        return encode_json(to_json(value)).decode()
    return _text(value)


def is_content(body: object) -> bool:
    """Whether a body is bytes or an open binary file.

    A model and a word of an enum have `read` too, which is another.
    """
    return isinstance(body, bytes) or (hasattr(body, "read") and not isinstance(body, (Model, str, int)))


def _file_name(value: Any) -> str:
    name = getattr(value, "name", None)
    return os.path.basename(name) if isinstance(name, str) and name else "file"


def _form_fields(body: Model) -> Iterable[tuple[str, Any]]:
    for name, python_name in body._JSON_NAMES.items():
        yield name, getattr(body, python_name)
    yield from body.additional_properties.items()
