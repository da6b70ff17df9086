"""Reading a contract: an OpenAPI 3 document from YAML or JSON, with clear errors for anything else.

Pure: text in, document out. It opens no file and no connection.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import yaml

from ..._errors.redaction import one_line
from ..._settings.document_bounds import BoundExceeded, check_bytes
from .keywords import NodeKind, kind_below
from .yaml_bounds import check_yaml

MOST_BYTES = 20 * 1024 * 1024
_READ_OTHERWISE = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"}


class ContractError(Exception):
    """A contract or overlay that cannot be used. The message says which, why, and what to do."""


class _Loader(yaml.CSafeLoader):
    """Safe YAML 1.2, where `yes` and `no` are text. Dates stay text, since JSON has none."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _READ_OTHERWISE]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), [*"tTfF"]
)


def read_document(text: str | bytes, name: str) -> dict[str, Any]:
    """The mapping in a YAML or JSON text. Errors call the document `name`.

    Raises ContractError for anything else, and for more bytes, levels of nesting or values than
    any contract has: what aliases repeat counts each time.
    """
    try:
        check_bytes(len(text), MOST_BYTES)
        check_yaml(text, _Loader)
        document = _with_text_keys(yaml.load(text, _Loader))  # noqa: S506 - a safe one
    except BoundExceeded as error:
        raise ContractError(f"{name} is not read: {error}. Is it a contract?") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError) as error:
        raise ContractError(f"{name} is neither YAML nor JSON: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise ContractError(f"{name} is nested too deeply to be a contract") from None
    if document is None:
        raise ContractError(f"{name} is empty")
    if not isinstance(document, dict):
        page = text if isinstance(text, str) else text[:4096].decode("utf-8", "replace")
        if page.lstrip("\ufeff \t\r\n").startswith("<"):
            raise ContractError(
                f"{name} is a web page or XML, not an OpenAPI document; give the address of the file itself"
            )
        raise ContractError(f"{name} holds a {type(document).__name__}; an OpenAPI document is a mapping")
    return document


def _with_text_keys(node: Any) -> Any:
    """The same with text keys: `200:` and `"200":` mean the same status."""
    if isinstance(node, dict):
        return {
            key if isinstance(key, str) else str(key): _with_text_keys(value) for key, value in node.items()
        }
    return [_with_text_keys(item) for item in node] if isinstance(node, list) else node


def read_contract(text: str | bytes, name: str) -> dict[str, Any]:
    """The OpenAPI 3 document in a YAML or JSON text. Errors call the document `name`.

    Raises ContractError for anything else, Swagger 2 included.
    """
    document = read_document(text, name)
    if "swagger" in document:
        raise ContractError(
            f"{name} is Swagger {one_line(str(document['swagger']), 200)}; this needs OpenAPI 3. "
            "Convert it first, with swagger2openapi."
        )
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        raise ContractError(f"{name} has no `openapi: 3.x` line: is it an OpenAPI document?")
    if not isinstance(document.get("paths"), dict) or not document["paths"]:
        raise ContractError(f"{name} has no paths: there is nothing to make a client of")
    return document


def resolved(node: Any, document: dict[str, Any]) -> Any:
    """The node itself, or what its `$ref` points at, however many references lead there.

    Raises ContractError for a reference that leads nowhere or out of the document.
    """
    seen: set[str] = set()
    while isinstance(node, dict) and "$ref" in node:
        reference = node["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise ContractError(
                f"The reference {one_line(str(reference), 200)} leads nowhere within the contract; "
                "bundle it into one file"
            )
        if reference in seen:
            raise ContractError(
                f"The reference {one_line(reference, 200)} leads nowhere: it comes back to itself. "
                "Give one of the parts that it passes content"
            )
        seen.add(reference)
        found: Any = document
        for part in reference[2:].split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and name in found:
                found = found[name]
            elif isinstance(found, list) and name in map(str, range(len(found))):
                found = found[int(name)]
            else:
                raise ContractError(
                    f"The reference {one_line(reference, 200)} leads nowhere: the contract has no such part"
                )
        node = found
    return node


def check_references(document: dict[str, Any]) -> None:
    """Raise ContractError for the first `$ref` that leads nowhere or out of the document.

    No other document is ever fetched.
    """
    pending: list[tuple[Any, NodeKind, str]] = [(document, NodeKind.OBJECT, "")]
    while pending:
        node, kind, where = pending.pop()
        if isinstance(node, dict) and not kind.is_data:
            if kind is NodeKind.OBJECT:
                try:
                    resolved(node, document)
                except ContractError as error:
                    raise ContractError(f"{error} (at {one_line(where.lstrip('.'), 300)})") from None
            pending += [
                (value, kind_below(kind, key, value), f"{where}.{key}") for key, value in node.items()
            ]
        elif isinstance(node, list):
            pending += [(item, kind, f"{where}[{number}]") for number, item in enumerate(node)]
