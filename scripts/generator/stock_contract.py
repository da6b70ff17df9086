"""A whole contract as openapi-python-client can parse it, and the parsed one."""

from __future__ import annotations

from typing import Any

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData

from comfy_cloud.contract._documents.normalised import METHODS
from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import one_line
from scripts.generator.lock import GENERATOR
from scripts.generator.python_code import raw_text
from scripts.generator.stock_responses import stock_responses
from scripts.generator.stock_schemas import StockSchemas

_SAME_CLASS = ("Attempted to generate duplicate models", "Found conflicting enums")


class StockContract:
    """The copy of a contract for the generator.

    Attributes:
        schemas: The copies of the schemas, and what they stand for.
    """

    def __init__(self, contract: dict[str, Any]) -> None:
        """Copy a contract; it stays as it is."""
        self._given = contract
        with_responses = contract
        if isinstance(contract.get("paths"), dict):
            paths = {path: _path_item(item, contract) for path, item in contract["paths"].items()}
            with_responses = {**contract, "paths": paths}
        self.schemas = StockSchemas(with_responses)

    def parsed(self, config: Config) -> GeneratorData:
        """The contract as the generator parses it. Raises ContractError when it cannot.

        It makes a name for the class of each schema without a name; where two become the same, one
        gets another name, and everything is parsed once more.
        """
        while True:
            data = GeneratorData.from_dict(self.schemas.document, config=config)
            if not isinstance(data, GeneratorData):
                raise ContractError(
                    f"{GENERATOR} cannot read the contract: {one_line(f'{data.header} {data.detail}')}"
                )
            if not any(self._is_renamed(error) for error in _errors(data)):
                return data

    def _is_renamed(self, error: Any) -> bool:
        mark = raw_text(getattr(error.data, "example", None) or "")
        return any(text in str(error.detail) for text in _SAME_CLASS) and self.schemas.retitle(mark)


def _path_item(item: Any, contract: dict[str, Any]) -> Any:
    if not isinstance(item, dict):
        return item
    return {
        key: {**value, "responses": stock_responses(value.get("responses", {}), contract)}
        if key in METHODS and isinstance(value, dict)
        else value
        for key, value in item.items()
    }


def _errors(data: GeneratorData) -> list[Any]:
    found: list[Any] = list(data.errors)
    for collection in data.endpoint_collections_by_tag.values():
        found += collection.parse_errors
    return found
