"""A newer published contract: fetched, and validated against the whole OpenAPI specification.

`comfy_cloud.contract._documents.sources` checks only the form of a document.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from jsonschema.exceptions import ValidationError
from openapi_spec_validator import validate
from openapi_spec_validator.shortcuts import get_validator_cls
from openapi_spec_validator.validation.exceptions import (
    DuplicateOperationIDError,
    OpenAPIValidationError,
    UnresolvableParameterError,
)

from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import contract_in, fetched_bytes, one_line, shown
from scripts.contract.page import contract_on_page

# What concerns single operations, which the generator leaves out.
_OF_OPERATIONS = (DuplicateOperationIDError, UnresolvableParameterError)


class PublishedContract(NamedTuple):
    """A contract as it was published: the bytes of the file, and the document in it."""

    content: bytes
    document: dict[str, Any]


def valid_contract(source: str) -> PublishedContract:
    """The valid OpenAPI 3 document at a path or an http(s) URL, or on a Markdown page there.

    Raises ContractError when it cannot be read or is not valid.
    """
    name = shown(source)
    content = fetched_bytes(source)
    document = _document(content, name)
    try:
        _validate(document)
    except (OpenAPIValidationError, ValidationError) as error:
        place = "/".join(str(part) for part in error.absolute_path) or "the top"
        reason = next(iter(error.message.splitlines()), "")
        raise ContractError(f"{name} is not valid OpenAPI: at {place}: {one_line(reason)}") from None
    except RecursionError:
        raise ContractError(f"{name} is nested too deeply to be a contract") from None
    return PublishedContract(content, document)


def _validate(document: dict[str, Any]) -> None:
    """Raise the first error that concerns more than an operation that is left out."""
    try:
        validate(document)
    except _OF_OPERATIONS:
        for error in get_validator_cls(document)(document).iter_errors():
            if not isinstance(error, _OF_OPERATIONS):
                raise error from None


def _document(content: bytes, name: str) -> dict[str, Any]:
    try:
        return contract_in(content, name)
    except ContractError:
        on_page = contract_on_page(content, name)
        if on_page is None:
            raise
    return contract_in(on_page, name)
