"""Names of fields that Python, models or the modules of models have another use for."""

from __future__ import annotations

import json

from .case import Call, Case, Result


def _fields(name: str, names: list[str], body: dict[str, str]) -> Case:
    """A model with these fields of text, sent and read as it is."""
    properties = "".join(f"\n              {json.dumps(field)}: {{type: string}}" for field in names)
    contract = f"""
        paths: {{/a: {{post: {{takes: M, returns: M}}}}}}
        schemas:
          M:
            type: object
            properties:{properties}
        """
    return Case(
        name,
        contract,
        calls=[Call("post_a", {"body": body}, json=body)],
        results=[Result("post_a", json.dumps(body), lambda value: bool(value.to_dict() == body))],
    )


CASES = [
    _fields(
        "fields called like keywords of Python",
        ["class", "self", "from", "import", "None", "id", "type", "def", "async", "match"],
        {"class": "a", "self": "b", "from": "c", "None": "d", "id": "e", "type": "f"},
    ),
    _fields(
        "fields that are one name in snake case",
        ["fooBar", "foo_bar", "foo-bar"],
        {"fooBar": "1", "foo_bar": "2", "foo-bar": "3"},
    ),
    _fields(
        "fields called like what models have",
        ["cls", "data", "value", "get", "keys", "read", "to_dict", "from_dict", "additional_properties"],
        {
            "cls": "1",
            "data": "2",
            "value": "3",
            "get": "4",
            "keys": "5",
            "read": "6",
            "additional_properties": "7",
        },
    ),
    _fields(
        "fields called like imports of a model's module",
        ["Any", "Mapping", "datetime", "NONE", "extras", "Model", "File", "_KNOWN"],
        {"Any": "1", "Mapping": "2", "datetime": "3", "NONE": "4", "extras": "5", "_KNOWN": "6"},
    ),
    _fields(
        "fields called like builtins",
        ["dict", "list", "str", "int", "len", "frozenset"],
        {"dict": "1", "list": "2", "str": "3"},
    ),
    _fields("fields with two underscores", ["__class__", "__init__", "__slots__"], {"__class__": "1"}),
    _fields(
        "fields that no name of Python can be",
        ["$x", "@type", "x.y", "1st"],
        {"$x": "1", "@type": "2", "x.y": "3", "1st": "4"},
    ),
    _fields("a field with an empty name", ["", "b"], {"": "1", "b": "2"}),
    _fields(
        "a field called like a class variable of models", ["_JSON_NAMES", "b"], {"_JSON_NAMES": "1", "b": "2"}
    ),
]
