"""Generated code for a contract with odd names, repeated parameters and hostile descriptions."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scripts.generator.tree import make

HOSTILE = 'Quotes """ and a backslash \\'

ODD: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Odd things", "version": "1"},
    "servers": [{"url": "https://odd.test"}],
    "security": [{"ApiKeyAuth": []}],
    "paths": {
        "/things/{class}": {
            "get": {
                "tags": ["thing"],
                "operationId": "listThings",
                "summary": HOSTILE,
                "description": "A paragraph.\n\n- one item\n- another\n\n" + "word " * 60,
                "parameters": [
                    {"name": "class", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {
                        "name": "tags",
                        "in": "query",
                        "explode": False,
                        "schema": {"type": "array", "items": {"type": "string"}},
                    },
                ],
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        },
                    }
                },
            }
        },
        "/counts": {
            "get": {
                "tags": ["thing"],
                "operationId": "countThings",
                "security": [],
                "responses": {
                    "200": {
                        "description": "numbers",
                        "content": {
                            "application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}
                        },
                    }
                },
            }
        },
    },
    "components": {
        "securitySchemes": {"ApiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        "schemas": {
            "Thing": {
                "type": "object",
                "description": HOSTILE,
                "properties": {
                    "get": {"type": "string"},
                    "keys": {"type": "array", "items": {"type": "string"}},
                    "read": {"type": "boolean"},
                    "from_dict": {"type": "string"},
                    "to_dict": {"type": "string"},
                    "additional_properties": {"type": "string"},
                    "class": {"type": "string", "description": HOSTILE},
                    "Kind-Of": {"type": "string", "enum": ["a b", "3d", "class"]},
                    "parent": {"$ref": "#/components/schemas/Thing"},
                },
            }
        },
    },
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package made from the odd contract, imported under another name."""
    folder = tmp_path_factory.mktemp("odd")
    tree = make(folder, json.dumps(ODD).encode(), b"overlay: 1.0.0\nactions: []\n")
    (tree / "comfy_cloud_api").rename(tree / "odd_things_api")
    sys.path.insert(0, str(tree))
    try:
        yield importlib.import_module("odd_things_api")
    finally:
        sys.path.remove(str(tree))
        for name in [name for name in sys.modules if name.partition(".")[0] == "odd_things_api"]:
            del sys.modules[name]


def module(odd: ModuleType, name: str) -> Any:
    return importlib.import_module(f"{odd.__name__}.{name}")


def test_fields_may_be_called_like_the_methods_of_a_model(odd: ModuleType) -> None:
    data = {
        "get": "x",
        "keys": ["a"],
        "read": True,
        "from_dict": "f",
        "to_dict": "t",
        "additional_properties": "p",
        "class": "c",
        "Kind-Of": "3d",
    }
    thing = module(odd, "models.thing").Thing.from_dict(data)
    assert (thing.get_, thing.keys_, thing.read_) == ("x", ["a"], True)
    assert (thing.from_dict_, thing.to_dict_, thing.additional_properties_) == ("f", "t", "p")
    assert (thing.class_, thing.kind_of) == ("c", "3d")
    assert thing.to_dict() == data
    assert thing.get("get") == "x"
    assert thing.keys() == list(data)


def test_a_model_may_contain_itself(odd: ModuleType) -> None:
    data = {"parent": {"parent": {"class": "root"}}}
    assert module(odd, "models.thing").Thing.from_dict(data).parent.parent.class_ == "root"


def test_arrays_in_a_query_are_repeated_or_joined_as_the_contract_says(odd: ModuleType) -> None:
    request = module(odd, "api.thing.list_things").build("a/b", ids=["1", "2"], tags=["x", "y"])
    assert request.target == "/things/a%2Fb?ids=1&ids=2&tags=x%2Cy"


def test_a_list_of_models_and_a_list_of_plain_values(odd: ModuleType) -> None:
    class FakeResponse:
        def __init__(self, content: bytes) -> None:
            self.status_code = 200
            self.headers: dict[str, str] = {}
            self.content = content

    (thing,) = module(odd, "api.thing.list_things").parse(FakeResponse(b'[{"get":"x"}]'))
    assert thing.get_ == "x"
    counts = module(odd, "api.thing.count_things")
    assert counts.parse(FakeResponse(b"[1, 2]")) == [1, 2]
    with pytest.raises(odd.UnreadableBody):
        counts.parse(FakeResponse(b"{}"))


def test_operations_keep_the_spelling_of_the_contract(odd: ModuleType) -> None:
    things, counts = (module(odd, f"api.thing.{name}").OPERATION for name in ("list_things", "count_things"))
    assert (things.id, things.path, things.key) == ("listThings", "/things/{class}", "required")
    assert (counts.id, counts.path, counts.key) == ("countThings", "/counts", "none")
    assert odd.Client().base_url == "https://odd.test"


def test_descriptions_cannot_escape_their_docstring(odd: ModuleType) -> None:
    text = module(odd, "api.thing.list_things").build.__doc__
    assert text.startswith("Quotes ")
    assert "and a backslash" in text
    assert "\n    - one item\n    - another\n" in text
    folder = Path(odd.__path__[0])
    # `responses` is a table of data, with one shape per line.
    code = [path for path in folder.rglob("*.py") if path.name != "responses.py"]
    assert max(len(line) for path in code for line in path.read_text().splitlines()) <= 110
