"""A mirror in which every text is an attack on the page that shows it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Table, Text

from comfy_cloud.mirror import schema
from comfy_cloud.mirror.exact_text import ExactText
from comfy_cloud.mirror.mirror import Mirror

KEY = "comfyui-0123456789abcdef0123456789abcdef"
ATTACKS = (
    "</script><script>window.pwned = 1</script>",
    "<!--<script>window.pwned = 2",
    "<img src=x onerror='window.pwned = 3'>",
    "\"'><svg onload=window.pwned=4>",
    "javascript:window.pwned=5",
    "{{scripts}} {{data}} ${window.pwned=6}",
    "a\u2028b\u2029c \u202edesrever\u202c \u200bhidden",
    "nul \x00 escape \x1b[31m lone \ud800 tag \U000e0041",
    f"the key {KEY}",
    "__proto__",
    "constructor",
)


def fill_hostile(mirror: Mirror) -> None:
    """One job per attack, with the attack in every column that holds text."""
    with mirror.store.writing() as connection:
        for place, attack in enumerate(ATTACKS):
            job_id = f"{place}{attack}"
            connection.execute(schema.JOBS.insert().values(_row(schema.JOBS, attack, place) | {"id": job_id}))
            for table in (
                *(schema.OUTPUTS, schema.OUTPUT_TEXTS, schema.NODES, schema.INPUTS, schema.PROMPTS),
                *(schema.MODELS, schema.LORAS, schema.SEEDS, schema.SIZES),
            ):
                values = _row(table, attack, place) | {"job_id": job_id}
                if table is schema.PROMPTS:
                    values["role"] = "positive"
                if table is schema.OUTPUTS:
                    values["kind"] = "image"
                connection.execute(table.insert().values(values))


def _row(table: Table, attack: str, place: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in table.columns:
        if isinstance(column.type, (ExactText, Text)):
            found[column.name] = attack
        elif column.name.endswith("_ms"):
            found[column.name] = 1_796_000_000_000 - place
        elif column.name in ("number", "search_rowid"):
            found[column.name] = place + 1
        elif isinstance(column.type, Integer):
            found[column.name] = 1
        elif column.name == "has_details":
            found[column.name] = True
    return found
