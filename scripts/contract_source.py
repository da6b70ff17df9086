"""A newer contract to make a client from: fetched, and held to all rules of OpenAPI.

Fetching is in `comfy_cloud.contract._documents.sources`, which looks at the form alone. It compares nothing and writes nothing.
"""

from __future__ import annotations

from typing import Any

from jsonschema.exceptions import ValidationError
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import fetched_contract, one_line, shown


def valid_contract(source: str) -> dict[str, Any]:
    """The OpenAPI 3 document at a path or an http(s) URL, valid. Raises ContractError when it cannot be had or is not."""
    document = fetched_contract(source)
    try:
        validate(document)
    except (OpenAPIValidationError, ValidationError) as error:
        place = "/".join(str(part) for part in error.absolute_path) or "the top"
        reason = next(iter(error.message.splitlines()), "")
        raise ContractError(f"{shown(source)} is not valid OpenAPI: at {place}: {one_line(reason)}") from None
    except RecursionError:
        raise ContractError(f"{shown(source)} is nested too deeply to be a contract") from None
    return document
