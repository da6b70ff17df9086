"""Names of schemas, fields and words, and responses of every status and media type."""

from __future__ import annotations

import json

from .case import Case, Result

_CLASSES = [
    "Response", "Request", "Model", "Operation", "File", "Client", "Redirect", "Any", "Mapping", "ClassVar",
    "ClassVariable", "Self", "OpenEnum", "Fit", "None", "True", "class", "str", "datetime", "NONE",
    "item", "Item", "ITEM", "foo_bar", "FooBar", "foo-bar", "XKind", "日本",
]  # fmt: skip
_FIELDS = [
    "a", "A", "aB", "a_b", "a-b", "", "_", "__class__", "__init__", "__slots__", "_a", "$a", "@a", "1", "1st",
    "class", "self", "None", "dict", "get", "get_", "keys", "from_dict", "additional_properties",
    "_JSON_NAMES", "_FIT", "_KNOWN", "日本", "e\u0301x", "\uff45x", "field", "field_1", "+", "datetime",
    "NONE", "mro",
]  # fmt: skip
_WORDS = [
    "a", "A", "", "a-b", "a b", "a_b", "class", "None", "mro", "1", "+", "-", "__x__", "_y", "A_2", "日本",
    "ß", "SS", "\\", '"', "a",
]  # fmt: skip


def _contract() -> str:
    reference = "#/components/schemas/"
    fields = {str(number): {"$ref": f"{reference}{name}"} for number, name in enumerate(_CLASSES)}
    fields |= {
        "kind": {"type": "object", "properties": {"inline": {"type": "string"}}},
        "odd": {"type": "object", "properties": {name: {"type": "string"} for name in _FIELDS}},
        "word": {"type": "string", "enum": _WORDS},
        "named": {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["One", "one"]},
        "number": {"type": "number", "enum": [0.5, 1]},
        "mixed": {"enum": ["a", 1, None, True]},
        "nothing": {"enum": [None]},
        "$x": {"type": "object", "properties": {"": {"type": "string", "enum": ["q"]}}},
    }
    schemas = {name: {"type": "object", "properties": {"k": {"type": "integer"}}} for name in _CLASSES}
    schemas["X"] = {"type": "object", "title": "Same", "properties": fields}
    content = {"application/json": {"schema": {"$ref": f"{reference}X"}}}
    get = {"operationId": "getA", "responses": {"200": {"description": "x", "content": content}}}
    return json.dumps({"paths": {"/a": {"get": get}}, "components": {"schemas": schemas}})


_VALUE = {
    **{str(number): {"k": number} for number in range(len(_CLASSES))},
    "kind": {"inline": "i"},
    "odd": {name: str(number) for number, name in enumerate(_FIELDS)},
    "number": 2.5,
    "mixed": 1,
    "named": "b",
    "$x": {"": "q"},
}

CASES = [
    Case(
        "odd names of schemas, fields and words",
        _contract(),
        results=[
            Result(
                "get_a",
                json.dumps({**_VALUE, "word": word}),
                lambda value, word=word: (
                    value.to_dict() == {**_VALUE, "word": word}
                    and not value.additional_properties
                    and type(value.word).__name__ == "XWord"
                    and all(value[str(number)].k == number for number in range(len(_CLASSES)))
                    and not value["odd"].additional_properties
                    and all(value["odd"][name] == text for name, text in _VALUE["odd"].items())
                ),
            )
            for word in _WORDS
        ],
    ),
    Case(
        "statuses and media types",
        """
        paths:
          /range:
            get:
              operationId: ofRange
              responses:
                '200': {$ref: '#/components/responses/E'}
                2XX: {$ref: '#/components/responses/M'}
                3XX: {description: x}
                default: {$ref: '#/components/responses/E'}
          /default: {get: {operationId: ofDefault, responses: {default: {$ref: '#/components/responses/M'}}}}
          /head: {head: {operationId: ofHead, responses: {2XX: {description: x}, '404': {description: x}}}}
          /many:
            get:
              operationId: many
              responses:
                '200':
                  description: x
                  content:
                    text/csv: {schema: {type: string}}
                    image/*: {schema: {type: string, format: binary}}
                    application/json: {schema: {$ref: '#/components/schemas/M'}}
                    application/problem+json: {schema: {$ref: '#/components/schemas/E'}}
                    application/vnd.v2+json: {schema: {type: object, properties: {inline: {type: integer}}}}
          /bytes:
            get:
              operationId: ofBytes
              responses:
                '200': {description: x, content: {application/x-tar: {}, video/mp4: {}}}
        components:
          responses:
            M: {description: x, content: {application/hal+json: {schema: {$ref: '#/components/schemas/M'}}}}
            E: {description: x, content: {application/json: {schema: {$ref: '#/components/schemas/E'}}}}
          schemas:
            M: {type: object, properties: {k: {type: integer}}}
            E: {type: object, properties: {m: {type: string}}}
        """,
        results=[
            Result("of_range", '{"m":"x"}', lambda value: value.m == "x"),
            Result("of_range", '{"k":1}', lambda value: value.k == 1, status=207),
            Result("of_range", "", lambda value: value is None, status=204),
            Result("of_range", "", lambda value: value is None, status=304),
            Result("of_range", "", lambda value: value.location == "/x", {"location": "/x"}, status=307),
            Result("of_default", '{"k":1}', lambda value: value.k == 1, status=201),
            Result("of_head", "", lambda value: value is True, status=206),
            Result("of_head", "", lambda value: value is False, status=404),
            Result("many", "a,b", lambda v: v == "a,b", {"content-type": "text/csv; charset=utf-8"}),
            Result("many", b"\x00", lambda value: value == b"\x00", {"content-type": "image/png"}),
            Result("many", '{"k":1}', lambda value: value.k == 1, {"content-type": "Application/JSON"}),
            Result(
                "many",
                '{"m":"x"}',
                lambda value: value.m == "x",
                {"content-type": "application/problem+json"},
            ),
            Result(
                "many",
                '{"inline":1}',
                lambda value: value.inline == 1,
                {"content-type": "application/vnd.v2+json"},
            ),
            Result("of_bytes", b"\x00\xff", lambda value: value == b"\x00\xff"),
        ],
    ),
]
