"""Type annotations of generated code, as text."""

from __future__ import annotations

from collections.abc import Iterable


def joined_types(annotations: Iterable[str]) -> str:
    """One annotation of several: each type once, None last, and Any alone."""
    parts = dict.fromkeys(part for annotation in annotations for part in _parts(annotation))
    if "Any" in parts:
        return "Any"
    return " | ".join(sorted(parts, key=lambda part: part == "None")) or "None"


def or_none(annotation: str) -> str:
    """The annotation with None allowed."""
    return joined_types([annotation, "None"])


def _parts(annotation: str) -> list[str]:
    """The types that an annotation has side by side."""
    parts, depth = [""], 0
    for word in annotation.split(" | "):
        parts[-1] += f" | {word}" if parts[-1] else word
        depth += word.count("[") - word.count("]")
        if depth == 0:
            parts.append("")
    return parts[:-1]
