"""The shape of a response by the contract, and a quick comparison of a response with it.

`compare` walks decoded JSON along a table that the generator made, samples long lists, and passes
each difference to a function. It raises, counts and keeps nothing. It is not a validator: bounds,
patterns, and formats other than instants are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal

from comfy_cloud_api.types import decode_late, record_fields

from ..times import is_rfc_3339

Kind = Literal[
    "unknown word",
    "missing field",
    "null",
    "type",
    "instant",
    "unknown field",
    "status",
    "redirect",
    "content type",
]
"""In what way a response differs from the contract."""

WHOLE: Final = 20
"""Lists and maps of up to so many elements are checked completely."""
STEP: Final = 20
"""Of longer ones, the first element is checked and then one in so many."""

_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
JSON_TYPE_WORDS: Final = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
"""How reports name the types of JSON Schema."""
_ABSENT: Final = object()
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./+:-]{0,31}")
_LETTER: Final = re.compile(r"[^\W\d_]")
_BEYOND_64_BITS: Final = 2.0**63

Note = Callable[["Shape", Kind, Any], None]
"""Called with the shape, the kind, and the value that was found (for a field, its name)."""


class Shape:
    """What the contract says of one path in a response, like `jobs[].status` of `GET /api/jobs`."""

    __slots__ = (
        "_checks", "_fits",
        "declared", "fields", "instant", "is_leaf", "items", "null", "operation", "path", "type_names",
        "types", "values", "words",
    )  # fmt: skip

    def __init__(self, table: dict[str, Any], schemas: dict[str, Any], operation: str, path: str) -> None:
        """Read one entry of the table, and the entries that it refers to."""
        self._checks: dict[Any, list[tuple[str, str, bool, Shape | None, bool]]] = {}
        self._fits: Callable[[Any], bool] | None = None
        self.operation = operation
        self.path = path
        self.type_names: tuple[str, ...] = table["types"]
        self.types = frozenset(kind for name in self.type_names for kind in _PYTHON_TYPES[name])
        self.null = "null" in table
        self.words: frozenset[str] | None = frozenset(table["words"]) if "words" in table else None
        self.instant = "instant" in table
        required = table.get("required", ())
        fields = table.get("fields", {})
        self.fields: tuple[tuple[str, bool, Shape | None], ...] = tuple(
            (name, name in required, shape_of(inner, schemas, operation, f"{path}.{name}" if path else name))
            for name, inner in fields.items()
        )
        # Where the contract allows other fields, no field is unknown.
        self.declared = frozenset(fields) if fields and "open" not in table else None
        self.values = shape_of(table.get("values"), schemas, operation, f"{path}.*" if path else "*")
        self.items = shape_of(table.get("items"), schemas, operation, f"{path}[]")
        self.is_leaf = (
            self.words is None and not self.instant and not self.fields and not self.values and not self.items
        )

    @property
    def fits(self) -> Callable[[Any], bool]:
        """What says quickly of undecoded JSON that it surely fits."""
        if self._fits is None:
            from .shape_decoders import fits_of

            self._fits = fits_of(self)
        return self._fits

    def checks_of_records(self, item: Any) -> list[tuple[str, str, bool, Shape | None, bool]]:
        """What is left to check in the records of a generated model, which fit its fields.

        JSON name, Python name, whether it is required, its shape, whether it is still bytes.
        """
        if item not in self._checks:
            shapes = {name: (is_required, inner) for name, is_required, inner in self.fields}
            found = []
            for name, python_name, type_name in record_fields(item):
                is_required, inner = shapes.get(name, (False, None))
                kind = None if type_name is None else _PYTHON_TYPES[type_name]
                is_checked = kind is not None and inner is not None and inner.types.issuperset(kind)
                shape = None if is_checked and inner is not None and inner.is_leaf else inner
                if is_required or shape is not None:
                    found.append((name, python_name, is_required, shape, kind is None))
            self._checks[item] = found
        return self._checks[item]

    @property
    def expected(self) -> str:
        """What the contract expects here, in words."""
        text = " or ".join(JSON_TYPE_WORDS[name] for name in self.type_names)
        if self.words is not None:
            text = f"one of {', '.join(sorted(self.words))}"
        elif self.instant:
            text = "an instant as in RFC 3339"
        return f"{text}, or null" if self.null else text


def shape_of(table: Any, schemas: dict[str, Any], operation: str, path: str) -> Shape | None:
    """The shape for an entry of the table; None where anything is allowed."""
    names: set[str] = set()
    while table is not None and "ref" in table:
        if table["ref"] in names or path.count(".") + path.count("[") > _DEEPEST:
            return None
        names.add(table["ref"])
        table = schemas[table["ref"]]
    return None if table is None else Shape(table, schemas, operation, path)


_DEEPEST: Final = 12
"""Levels down to which a schema that contains itself is followed."""


def compare(shape: Shape, value: Any, turn: int, note: Note) -> None:
    """Call `note` for each difference between a JSON value and a shape.

    Of a list or map of more than `WHOLE` elements, the first is checked, and every `STEP`-th from
    the one that `turn` selects: in `STEP` responses, every position of a list is checked once.
    """
    kind: type = type(value)
    if issubclass(kind, list):  # some lists decode their items when asked
        kind = list
    if kind not in shape.types:
        if value is None:
            if not shape.null:
                note(shape, "null", None)
            return
        # Whole numbers beyond 64 bits are decoded as floats.
        if not (type(value) is float and int in shape.types and abs(value) >= _BEYOND_64_BITS):
            note(shape, "type", value)
        return
    if shape.words is not None:
        if value not in shape.words:
            note(shape, "unknown word", value)
    elif shape.instant:
        if not is_rfc_3339(value):
            note(shape, "instant", value)
    elif kind is dict:
        _compare_fields(shape, value, turn, note)
    elif shape.items is not None and kind is list:
        inner = shape.items
        if hasattr(value, "records"):
            compare_records(inner, value.item, value.records, turn, note)
            return
        for item in value if len(value) <= WHOLE else _some(value, turn):
            compare(inner, item, turn, note)


def _compare_fields(shape: Shape, value: dict[str, Any], turn: int, note: Note) -> None:
    get = value.get
    for name, is_required, inner in shape.fields:
        item = get(name, _ABSENT)
        if item is _ABSENT:
            if is_required:
                note(shape, "missing field", name)
        elif inner is not None and not (inner.is_leaf and type(item) in inner.types):
            compare(inner, item, turn, note)
    if shape.declared is not None and not value.keys() <= shape.declared:
        for name in value.keys() - shape.declared:
            note(shape, "unknown field", name)
    if shape.values is not None:
        inner = shape.values
        declared = {name for name, _, _ in shape.fields}
        others = [item for name, item in value.items() if name not in declared]
        for item in others if len(others) <= WHOLE else _some(others, turn):
            compare(inner, item, turn, note)


def compare_records(shape: Shape, item: Any, records: Sequence[Any], turn: int, note: Note) -> None:
    """The same for the items of a page that are not decoded: records, dicts of bytes, or bytes.

    `item` is their generated model, or None for the bytes of whole items. What the decoder has
    checked is not checked again, and what is free-form is not decoded.
    """
    sample = records if len(records) <= WHOLE else _some(records, turn)
    if item is None:
        for raw in sample:
            if not shape.fits(raw):
                compare(shape, decode_late(raw), turn, note)
        return
    if type(records[0] if records else None) is dict:
        for fields in sample:
            _compare_fields(shape, {name: decode_late(raw) for name, raw in fields.items()}, turn, note)
        return
    checks = shape.checks_of_records(item)
    for record in sample:
        for name, python_name, is_required, inner, is_late in checks:
            value = getattr(record, python_name)
            if value is None:  # absent or null, which the models do not tell apart
                if is_required:
                    note(shape, "missing field", name)
            elif inner is not None:
                if is_late:
                    if _kind_of(value) in inner.types if inner.is_leaf else inner.fits(value):
                        continue
                    value = decode_late(value)
                elif inner.words is not None and value in inner.words:
                    continue
                elif isinstance(value, str):
                    value = str(value)  # a word, which the contract of the models has alone
                compare(inner, value, turn, note)


def _kind_of(raw: Any) -> type | None:
    """The type of an object, list or text by the first byte of its JSON; None for all else."""
    return _KINDS_BY_BYTE.get(memoryview(raw)[0])


_KINDS_BY_BYTE: Final[dict[int, type]] = {ord("{"): dict, ord("["): list, ord('"'): str}


def _some(values: Sequence[Any], turn: int) -> Iterable[Any]:
    yield values[0]
    for index in range(turn % STEP or STEP, len(values), STEP):
        yield values[index]


def seen_in(value: object) -> str:
    """A JSON value in a few words: kind, numbers, single short words. Never what a user wrote."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value!r}"[:60]
        case str() if _PLAIN_WORD.fullmatch(value):
            return f"'{value}'"
        case str():
            return f"text of {len(value)} characters" if value else "empty text"
        case dict():
            return f"an object with {len(value)} fields" if value else "an empty object"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case _:
            return type(value).__name__


def seen_form(text: str) -> str:
    """The form of a text that should have a certain form: every letter is an a, every digit a 9."""
    form = "".join("9" if mark.isdigit() else "a" if _LETTER.match(mark) else mark for mark in text[:40])
    return (
        f"text like '{form}'" if form.isprintable() and len(text) <= 40 else f"text of {len(text)} characters"
    )


def shown_name(name: str) -> str:
    """The name of a field if it may be shown; `?` for one that may be more than a name."""
    return name if _PLAIN_WORD.fullmatch(name) else "?"
