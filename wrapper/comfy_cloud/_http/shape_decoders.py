"""What says quickly that JSON fits a shape, without making objects of it: msgspec's typed decoders.

It says so, or nothing: what is refused here may still fit, and `response_shapes.compare` decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .response_shapes import Shape

_SIMPLE: dict[str, Any] = {"string": str, "integer": int, "number": int | float, "boolean": bool}


class _Inexpressible(Exception):
    """The shape is none that msgspec has a type for."""


def fits_of(shape: Shape) -> Callable[[Any], bool]:
    """What says of undecoded JSON that it surely fits the shape."""
    try:
        import msgspec  # costs import time
    except ImportError:
        return _never
    try:
        decode = msgspec.json.Decoder(_type_of(shape, msgspec)).decode
    except (_Inexpressible, TypeError):  # msgspec cannot tell some alternatives apart
        return _never
    errors = (msgspec.DecodeError, RecursionError)

    def fits(raw: Any) -> bool:
        try:
            decode(raw)
        except errors:
            return False
        return True

    return fits


def _never(raw: Any) -> bool:
    return False


def _type_of(shape: Shape | None, msgspec: Any) -> Any:
    if shape is None:
        return msgspec.Raw
    if shape.words is not None:
        if shape.type_names != ("string",):
            raise _Inexpressible
        found: Any = Literal[tuple(sorted(shape.words))]
    elif shape.instant:
        raise _Inexpressible
    else:
        found = None
        for name in shape.type_names:
            kind = _kind(name, shape, msgspec)
            found = kind if found is None else found | kind
    return found | None if shape.null else found


def _kind(name: str, shape: Shape, msgspec: Any) -> Any:
    if name in _SIMPLE:
        return _SIMPLE[name]
    if name == "array":
        return list[_type_of(shape.items, msgspec)]  # type: ignore[misc]
    if name != "object" or (shape.fields and shape.values is not None):
        raise _Inexpressible
    if not shape.fields:
        return dict[str, _type_of(shape.values, msgspec)]  # type: ignore[misc]
    fields: list[Any] = []
    names: dict[str, str] = {}
    for position, (json_name, is_required, inner) in enumerate(shape.fields):
        names[f"field_{position}"] = json_name
        kind = _type_of(inner, msgspec)
        fields.append(
            (f"field_{position}", kind) if is_required else (f"field_{position}", kind, msgspec.UNSET)
        )
    return msgspec.defstruct(
        "Fields",
        fields,
        rename=names,
        kw_only=True,
        gc=False,
        forbid_unknown_fields=shape.declared is not None,
    )
