"""Operations that a newer contract calls by another name, and the overlay actions that keep ours.

The modules of the generated client have the names of operations, so a new name would break every
program that imports one. Operations are the same if method and path are. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from comfy_cloud.contract._diff.operations import path_without_names
from comfy_cloud.contract._documents.operations import ContractOperation, operations_of

Document = dict[str, Any]
# What JSONPath reads back as it is written here.
_QUOTABLE = re.compile(r"[^'\"\\\s]+")


@dataclass(frozen=True)
class Rename:
    """An operation whose generated module would have another name.

    Attributes:
        http: Method and path in the newer contract, such as `POST /api/assets`.
        was: The operationId that our generated module has.
        now: The operationId in the newer contract.
        was_tag: The tag that our generated module is filed under.
        now_tag: The first tag in the newer contract.
        is_kept: Whether our names can stay; if not, another operation has our operationId now.
    """

    http: str
    was: str
    now: str
    was_tag: str
    now_tag: str
    is_kept: bool = True

    @property
    def text(self) -> str:
        """What changed, in a few words."""
        parts = [f"{self.was} is called {self.now}"] if self.was != self.now else [self.was]
        if self.was_tag != self.now_tag:
            parts.append(f"tag {self.was_tag} is {self.now_tag}")
        return ", ".join(parts)


def renames(ours: Document, newer: Document) -> list[Rename]:
    """The operations of our merged contract that the newer one, merged too, calls otherwise."""
    before = {_place(op): op for op in operations_of(ours)}
    pairs = [(before[_place(op)], op) for op in operations_of(newer) if _place(op) in before]
    changed = [(was, now) for was, now in pairs if (was.id, was.tag) != (now.id, now.tag)]
    taken = Counter(op.id for op in operations_of(newer))
    taken -= Counter(now.id for _, now in changed)
    taken += Counter(was.id for was, _ in changed)
    return [
        Rename(
            now.http, was.id, now.id, was.tag, now.tag,
            is_kept=taken[was.id] == 1 and bool(_QUOTABLE.fullmatch(now.path)),
        )
        for was, now in changed
    ]  # fmt: skip


def keeping_actions(found: list[Rename], newer: Document) -> list[dict[str, Any]]:
    """The overlay actions after which the newer contract has our names again."""
    tagged = {op.http for op in operations_of(newer) if op.raw.get("tags")}
    return [action for rename in found if rename.is_kept for action in _actions(rename, tagged)]


def _actions(rename: Rename, tagged: set[str]) -> Iterator[dict[str, Any]]:
    method, _, path = rename.http.partition(" ")
    target = f"$.paths['{path}'].{method.lower()}"
    fact = {
        "description": f"The contract has renamed this operation ({rename.text}); "
        "the generated module keeps its name.",
        "x-source": "SPEC",
    }
    update: dict[str, Any] = {}
    if rename.was != rename.now:
        update["operationId"] = rename.was
    if rename.was_tag != rename.now_tag:
        update["tags"] = [rename.was_tag]
        if rename.http in tagged:  # an update would append to the list
            yield {"target": f"{target}.tags", **fact, "remove": True}
    yield {"target": target, **fact, "update": update}


def _place(operation: ContractOperation) -> tuple[str, str]:
    return operation.method, path_without_names(operation.path)
