"""What `make update-spec` says about the wrapper before it asks: sections of text, no decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comfy_cloud.contract._diff.changes import Change
from scripts.client_docs.generated_modules import generated_modules
from scripts.contract.additions import Addition, additions
from scripts.contract.renames import Rename
from scripts.contract.type_check import type_errors
from scripts.contract.uses import Use, broken_uses, calls_of, modules_of, names_of_operation, uses_of
from scripts.contract.wording import PLACEHOLDER, Worded
from scripts.project.checkout import Checkout
from scripts.project.terminal import safe_line

Document = dict[str, Any]
Methods = dict[str, list[str]]
_MOST_LINES = 40


class WrapperReport:
    """The wrapper beside a new generated tree: what breaks, what is renamed, what it lacks.

    Attributes:
        broken: The uses in handwritten code that the new tree does not allow.
    """

    def __init__(self, checkout: Checkout, made: Path, methods: Methods) -> None:
        self._checkout, self._made, self._methods = checkout, made, methods
        self._package = checkout.names.package
        self._modules = generated_modules(made, self._package)
        found = broken_uses(checkout.root, checkout.generated, made)
        known = {(use.path, use.line) for use in found}
        if errors := type_errors(checkout, made):
            known |= {(use.path, use.line) for use in type_errors(checkout, checkout.generated)}
            found += [use for use in errors if (use.path, use.line) not in known]
        self.broken = sorted(found)

    @property
    def breaks_the_client(self) -> bool:
        """Whether a module of the installed client would no longer work."""
        return any(use.is_in_the_client for use in self.broken)

    def renamed(self, found: list[Rename]) -> str:
        """The section of renamed operations, empty without any."""
        if not found:
            return ""
        lines = [f"Renamed operations ({len(found)}):"]
        for rename in found:
            named = ", ".join(self._methods.get(rename.was, ())) or "no wrapper method"
            lines.append(f"  {safe_line(f'{rename.http}: {rename.text}')} [{named}]")
            if rename.is_kept:
                overlay = self._checkout.overlay.name
                lines += [
                    f"    Our name stays, by an action added to {overlay}: all works as before.",
                    "    To take the new name, remove that action, run `make generate`, and change:",
                ]
                lines += [f"      {use}" for use in self._uses(rename.was)]
            else:
                lines.append("    Our name cannot stay: another operation has it now.")
        return "\n".join(lines)

    def missing(self, ours: Document, newer: Document) -> str:
        """The section of what is not in the wrapper yet, empty without any."""
        found = [line for addition in additions(ours, newer) for line in self._addition(addition)]
        return "\n".join(["Not in the wrapper yet:", *found]) if found else ""

    def unusable(self) -> str:
        """The section of uses that the new tree does not allow, empty without any."""
        if not self.broken:
            return ""
        title = f"Lines that no longer fit the generated client ({len(self.broken)}):"
        return "\n".join([title, *_indented([safe_line(str(use)) for use in self.broken])])

    def _uses(self, operation: str) -> list[Use]:
        if operation not in self._modules:
            return []
        module = self._modules[operation][0]
        contract = json.loads((self._made / self._package / "contract.json").read_bytes())
        named = contract.get("components", {}).get("schemas", {}).keys()
        schemas = {
            name.rpartition(".")[2]
            for name, generated in modules_of(self._made).items()
            if named & generated.callees.keys()
        }
        names = names_of_operation(self._made, module, schemas, self._package)
        return uses_of(self._checkout.root, names)

    def _addition(self, addition: Addition) -> Iterator[str]:
        operation = addition.operation
        named = self._methods.get(operation.id, [])
        if operation.id not in self._modules:
            return
        module = self._modules[operation.id][0]
        folder, _, stem = module.rpartition(".")
        if not addition.is_new:
            if named:
                inputs = safe_line(f"{operation.http}: {', '.join(addition.inputs)}")
                yield f"  {inputs} [{', '.join(named)}]"
                calls = calls_of(self._checkout.root, module, self._package)
                yield from (f"    {use.path}:{use.line}" for use in calls)
        elif not named:
            yield f"  {safe_line(operation.http)}, which can be called at once:"
            yield f"    from {self._package}.api.{folder} import {stem}"
            yield f"    cloud.call({', '.join([stem, *self._arguments(module)])})"

    def _arguments(self, module: str) -> list[str]:
        """The arguments that the generated function needs."""
        build = modules_of(self._made)[f"{self._package}.api.{module}"].callees["build"]
        return [f"{name}=..." for name in build.known if name in build.required]


def affected_methods(changes: list[Change], methods: Methods) -> str:
    """The sections of the wrapper methods that changes concern, and of operations without any."""
    concerned = {operation for change in changes for operation in change.operations}
    touched = sorted({method for operation in concerned for method in methods.get(operation, [])})
    bare = sorted(name for name in concerned if name in methods and not methods[name])
    return "\n\n".join(
        "\n".join([title, *(f"  {safe_line(name)}" for name in names)])
        for title, names in (
            ("Wrapper methods that this affects:", touched),
            ("Changed operations that no wrapper method calls:", bare),
        )
        if names
    )


def wording_to_do(worded: Worded, *, keeps_words: bool) -> str:
    """The sections of descriptions that somebody has to write or to check."""
    parts = []
    if worded.unwritten:
        title = f"Descriptions to write ({len(worded.unwritten)}); each is `{PLACEHOLDER}` now:"
        parts.append("\n".join([title, *_indented(map(safe_line, worded.unwritten), most=None)]))
    if worded.doubtful and not keeps_words:
        title = f"Descriptions to check ({len(worded.doubtful)}); they are ours, but the interface changed:"
        parts.append("\n".join([title, *_indented(map(safe_line, worded.doubtful), most=None)]))
    return "\n\n".join(parts)


def _indented(lines: Any, most: int | None = _MOST_LINES) -> list[str]:
    """The lines, indented; beyond `most` their number only."""
    listed = list(lines)
    shown = listed if most is None else listed[:most]
    more = [f"  and {len(listed) - len(shown)} more"] if len(listed) > len(shown) else []
    return [*(f"  {line}" for line in shown), *more]
