"""Rules that hold for every model and every operation of the contract, on generated values."""

from __future__ import annotations

from datetime import datetime
from random import Random
from types import ModuleType
from typing import Any

import json
import httpx

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from comfy_cloud_api import models
from comfy_cloud_api.types import Model, OpenEnum, read_datetime
from tests.contract.exchanges import checker
from tests.generated.schema_values import ANYTHING, TEXT, SchemaValues
from tests.generated.operations import operation_modules

DOCUMENT = checker()._document
VALUES = SchemaValues(DOCUMENT)
CLASSES = [getattr(models, name) for name in models.__all__]
MODELS: list[type[Model]] = [found for found in CLASSES if issubclass(found, Model)]
ENUMS: list[type[OpenEnum]] = [found for found in CLASSES if issubclass(found, OpenEnum)]
SCHEMAS = sorted(
    name
    for name in DOCUMENT["components"]["schemas"]
    if name in models.__all__ and issubclass(getattr(models, name), Model)
)
# Without shrinking: the values are deep, and shrinking takes minutes for little gain.
quick = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def comparable(value: Any) -> Any:
    """The value without nulls, with instants as such: what a model keeps of it by promise."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    moment = read_datetime(value) if isinstance(value, str) and value[4:5] == "-" else value
    return moment.timestamp() if isinstance(moment, datetime) else value


@settings(quick, max_examples=50)
@given(
    st.lists(ANYTHING, min_size=1, max_size=7),
    st.dictionaries(TEXT, ANYTHING, max_size=2),
    st.randoms(use_true_random=True),
)
def test_any_object_can_be_read_and_written_again(
    values: list[Any], extra: dict[str, Any], random: Random
) -> None:
    """The same odd values go to the fields of every model: drawing new ones for each is slow."""
    for model in MODELS:
        data = {name: random.choice(values) for name in model._JSON_NAMES if random.random() < 0.8} | extra
        found = model.from_dict(data)
        assert comparable(found.to_dict()) == comparable(data)
        assert model.from_dict(found.to_dict()) == found
        assert all(found[name] is not None for name in model._JSON_NAMES if name in found)
        assert model.read(data) == found


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_object_of_the_schema_survives_the_round_trip(name: str) -> None:
    model = getattr(models, name)

    @settings(quick, max_examples=5)
    @given(VALUES.named(name))
    def holds(data: dict[str, Any]) -> None:
        found = model.from_dict(data)
        assert comparable(found.to_dict()) == comparable(data)
        declared = {key for key, value in data.items() if key in model._JSON_NAMES and value is not None}
        assert set(found.keys()) - set(found.additional_properties) == declared

    holds()


@quick
@given(ANYTHING)
def test_no_value_breaks_an_enum_or_a_model_in_a_field(value: Any) -> None:
    for enum in ENUMS:
        found = enum.read(value)
        assert found == value
    for model in MODELS:
        assert isinstance(model.read(value), model) == isinstance(value, dict)


def successes() -> list[Any]:
    """Each operation with each JSON success that its contract describes."""
    return [
        pytest.param(
            module, int(status), content["application/json"]["schema"], id=f"{module.OPERATION.id}-{status}"
        )
        for module in operation_modules()
        for status, response in entry_of(module)["responses"].items()
        if int(status) < 300
        if "schema" in (content := response.get("content", {})).get("application/json", {})
    ]


def entry_of(module: ModuleType) -> dict[str, Any]:
    """The operation in the contract."""
    operation = module.OPERATION
    return dict(DOCUMENT["paths"][operation.path][operation.method.lower()])


@pytest.mark.parametrize(("module", "status", "schema"), successes())
def test_a_response_of_the_contract_is_parsed_and_keeps_its_content(
    module: ModuleType, status: int, schema: dict[str, Any]
) -> None:
    headers = {"Content-Type": "application/json"}

    @settings(quick, max_examples=6)
    @given(VALUES.of(schema))
    def holds(value: Any) -> None:
        content = json.dumps(value, ensure_ascii=False).encode()
        path = module.OPERATION.path.replace("{", "").replace("}", "")
        assert checker().check_response(module.OPERATION.method, path, [], status, headers, content) == []
        found = module.parse(httpx.Response(status, headers=headers, content=content))
        assert comparable(plain(found)) == comparable(value)

    holds()


def plain(value: Any) -> Any:
    """What a parser returned, as JSON."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def arguments_of(module: ModuleType) -> st.SearchStrategy[dict[str, Any]]:
    """Keyword arguments of `build` that the contract allows."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    # The generator gives names that Python or it itself needs a suffix: `hash_`, `url_query`.
    names = {
        name.rstrip("_").removesuffix("_query"): name
        for name in module.build.__annotations__
        if name != "return"
    }
    for parameter in entry_of(module).get("parameters", []):
        values = VALUES.of(parameter["schema"])
        if parameter["in"] == "path":
            values = values.filter(lambda value: str(value) not in {"", ".", ".."})
        if parameter["schema"]["type"] == "array":
            values = values.map(lambda items: [item.replace(",", "") or "x" for item in items])
        if parameter["schema"].get("format") == "date-time":
            values = values.map(read_datetime)
        (required if parameter.get("required") else optional)[names[parameter["name"]]] = values
    body = entry_of(module).get("requestBody")
    if body is not None:
        (required if body.get("required") else optional)["body"] = body_of(body["content"])
    return st.fixed_dictionaries(required, optional=optional)


def body_of(content: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "application/octet-stream" in content:
        return st.binary(min_size=1)
    if "multipart/form-data" not in content:
        return VALUES.of(content["application/json"]["schema"])
    schema = content["multipart/form-data"]["schema"]
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    files = {name for name, item in schema["properties"].items() if item.get("format") == "binary"}
    forms = VALUES.of({**schema, "additionalProperties": False})
    return forms.map(lambda form: {name: b"file" if name in files else value for name, value in form.items()})


@pytest.mark.parametrize("module", operation_modules(), ids=lambda module: module.OPERATION.id)
def test_requests_built_from_valid_arguments_fit_the_contract(module: ModuleType) -> None:
    from comfy_cloud_api.client import httpx_arguments

    @quick
    @given(arguments_of(module))
    def holds(arguments: dict[str, Any]) -> None:
        request = module.build(**arguments)
        sent = httpx_arguments(request)
        key = {"X-API-Key": "comfyui-key"} if module.OPERATION.key == "required" else {}
        headers = {**sent.pop("headers", {}), **key}
        built = httpx.Request(request.method, f"https://x.test{request.target}", headers=headers, **sent)
        path = built.url.raw_path.decode().partition("?")[0]
        query = built.url.params.multi_items()
        assert checker().check_request(request.method, path, query, built.headers, built.read()) == []

    holds()
