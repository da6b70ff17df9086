"""How the parameters of a contract are written: styles, their defaults, and JSON text. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

STYLES: Final[dict[str, tuple[str, ...]]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles that each location allows, its default first."""

NOT_PARAMETERS: Final = frozenset({"accept", "content-type", "authorization"})
"""Headers that are never parameters, by OpenAPI: the body, the client and the security decide."""


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """How one parameter, or one header of a response, is written.

    Attributes:
        style: The style of OpenAPI; `json` for JSON text, and `text` for another media type.
        explode: Whether items of an array, and fields of an object, are written separately.
        schema: The schema of its values.
    """

    style: str
    explode: bool
    schema: Any


def written_form(parameter: dict[str, Any], location: str) -> WrittenForm:
    """How a parameter of a location is written. Its style may be one that the location lacks."""
    content = parameter.get("content")
    if isinstance(content, dict) and content:
        media_type, media = next(iter(content.items()))
        schema = media.get("schema", {}) if isinstance(media, dict) else {}
        return WrittenForm("json" if is_json(media_type) else "text", False, schema)
    style = parameter.get("style", STYLES[location][0] if location in STYLES else "")
    explode = bool(parameter.get("explode", style == "form"))
    return WrittenForm(style, explode, parameter.get("schema", {}))


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON: application/json, or with the suffix +json."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence in ("application/json", "text/json") or essence.endswith("+json")
