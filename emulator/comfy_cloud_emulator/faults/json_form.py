"""Faults to and from JSON, for programs in other languages. `mutate` has no JSON form."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from comfy_cloud_emulator.state.json_values import is_object

from .fault import KINDS, Fault

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "kind": (str,),
    "method": (str, type(None)),
    "path": (str, type(None)),
    "times": (int, type(None)),
    "after": (int,),
    "status": (int, type(None)),
    "retry_after": (int, str, type(None)),
    "body": (object,),
    "content_type": (str, type(None)),
    "seconds": (int, float),
    "at_bytes": (int, type(None)),
    "insert": (int,),
    "delete": (int,),
    "then": (str,),
    "lag_seconds": (int, float),
    "lag_requests": (int,),
    "messages": (int,),
}


def fault_from_json(data: Any) -> Fault:
    """A fault from a JSON object. Raises ValueError with a message that names the wrong field."""
    if not is_object(data) or "kind" not in data:
        raise ValueError(f"a fault is an object with a kind, one of: {', '.join(KINDS)}")
    for name, value in data.items():
        types = _TYPES.get(name)
        if types is None:
            raise ValueError(f"unknown field {name[:40]!r}; known fields: {', '.join(_TYPES)}")
        # JSON's true is an int in Python, but never meant as a number here.
        if not isinstance(value, types) or (isinstance(value, bool) and name != "body"):
            raise ValueError(f"{name}: wrong type {type(value).__name__}")
    fields_given = {name: value for name, value in data.items() if name != "kind"}
    return Fault(data["kind"], **fields_given)


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """The fields of a fault that differ from their defaults."""
    shown: dict[str, Any] = {"kind": fault.kind}
    for field in fields(fault):
        value = getattr(fault, field.name)
        if field.name in _TYPES and field.name != "kind" and value != field.default:
            shown[field.name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return shown
