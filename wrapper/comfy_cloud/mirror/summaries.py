"""The columns of `jobs` that say briefly what a job made, from what. Pure.

The tables of parts have it all; gathering it from them takes several times as long as reading it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .records import JobRecord

_MAIN_KINDS = ("checkpoint", "unet")


def summary(record: JobRecord) -> tuple[Any, ...]:
    """The prompt, negative prompt, model, all models, seed, width, height and files of a job.

    Of several, it is the first in the order of the text; of sizes, the one with most pixels.
    """
    # Stored names are hashes of the content; people know a file by the other one.
    files = ", ".join([output[4] or output[3] for output in record.outputs]) if record.outputs else None
    facts = record.facts
    if facts is None:
        return None, None, None, None, None, None, None, files
    width, height = max(
        ((size.width, size.height) for size in facts.sizes),
        key=lambda size: (size[0] * size[1], size),
        default=(None, None),
    )
    return (
        min((prompt.text for prompt in facts.prompts if prompt.role == "positive"), default=None),
        min((prompt.text for prompt in facts.prompts if prompt.role == "negative"), default=None),
        min((model.model for model in facts.models if model.kind in _MAIN_KINDS), default=None),
        ", ".join(model.model for model in facts.models) or None,
        min((seed.seed for seed in facts.seeds), default=None),
        width,
        height,
        files,
    )
