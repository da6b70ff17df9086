"""Faults to and from JSON, for scripts in other languages. A `mutate` callable has no JSON form."""

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


def fault_from_json(told: Any) -> Fault:
    """A fault from a JSON object. Raises ValueError with a message that names the wrong field."""
    if not is_object(told) or "kind" not in told:
        raise ValueError(f"a fault is an object with a kind, one of: {', '.join(KINDS)}")
    for name, value in told.items():
        types = _TYPES.get(name)
        if types is None:
            raise ValueError(f"unknown field {name[:40]!r}; known fields: {', '.join(_TYPES)}")
        # JSON's true is a Python int, but never meant as a number here.
        if not isinstance(value, types) or (isinstance(value, bool) and name != "body"):
            raise ValueError(f"{name}: wrong type {type(value).__name__}")
    where = {name: value for name, value in told.items() if name != "kind"}
    return Fault(told["kind"], **where)


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """The fields of a fault that differ from their defaults."""
    shown: dict[str, Any] = {"kind": fault.kind}
    for field in fields(fault):
        value = getattr(fault, field.name)
        if field.name in _TYPES and field.name != "kind" and value != field.default:
            shown[field.name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return shown
