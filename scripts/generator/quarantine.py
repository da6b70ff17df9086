"""Parsing a contract without the operations that openapi-python-client cannot parse.

Everything else is parsed as if the contract did not have them. Each is listed with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData

from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import one_line
from scripts.generator.lock import GENERATOR
from scripts.generator.plans import Plans
from scripts.generator.python_code import raw_text
from scripts.generator.stock_contract import StockContract

_OPERATION = re.compile(r"WARNING parsing [A-Z]+ /(\S+) within ")
_OBJECT = re.compile(r"<openapi_python_client[^>]*>")


def parsed_without_odd_operations(plans: Plans, config: Config) -> tuple[StockContract, GeneratorData]:
    """The contract as the generator parses it; what it cannot parse is left out of the plans.

    Raises ContractError when nothing is left, or when it fails without naming an operation.
    """
    while True:
        plans.check_any()
        try:
            stock, data = _parsed(plans.for_stock_generator(), config)
        except ContractError:
            _leave_out_failing(plans, config)
            continue
        odd = dict(_odd_operations(data))
        for module, reason in odd.items():
            plans.without(module, reason)
        if not odd:
            _leave_out_schemas(plans, data)
            return stock, data


def _parsed(document: dict[str, Any], config: Config) -> tuple[StockContract, GeneratorData]:
    try:
        stock = StockContract(document)
        return stock, stock.parsed(config)
    except (ContractError, RecursionError):
        raise
    except Exception as error:  # a contract can be odd in ways that the generator has no message for
        raise ContractError(
            f"{GENERATOR} fails on the contract: {type(error).__name__}: {one_line(str(error))}"
        ) from error


def _leave_out_failing(plans: Plans, config: Config) -> None:
    """Leave out the operations that fail alone. Raises ContractError when none of them does."""
    failing: dict[str, str] = {}
    first: ContractError | None = None
    for module in plans.by_module:
        try:
            _parsed(plans.for_stock_generator(module), config)
        except ContractError as error:
            failing[module] = str(error)
            first = first or error
    if not failing:
        _parsed(plans.for_stock_generator(), config)  # raises what concerns no single operation
    if len(failing) == len(plans.by_module) and first is not None:
        raise first
    for module, reason in failing.items():
        plans.without(module, reason)


def _odd_operations(data: GeneratorData) -> Iterator[tuple[str, str]]:
    """The operations with a part that the generator has left out, and why."""
    for collection in data.endpoint_collections_by_tag.values():
        for error in collection.parse_errors:
            found = _OPERATION.match(error.header)
            if found:
                yield found[1], _reason(error)


def _leave_out_schemas(plans: Plans, data: GeneratorData) -> None:
    """Note the schemas without a class. No operation that is left needs one of them."""
    for error in data.errors:
        plans.without_schema(_reason(error, with_header=True))
    data.errors = []


def _reason(error: Any, *, with_header: bool = False) -> str:
    texts = [error.header if with_header else "", raw_text(error.detail or "")]
    found = " ".join(" ".join(filter(None, texts)).split())
    return one_line(_OBJECT.sub("it", found)) or "it cannot be parsed"
