"""Signatures as the map of the API shows them: names of parameters, without types and defaults."""

from __future__ import annotations

import ast
from pathlib import Path

from comfy_cloud.contract._documents.reader import ContractError
from scripts.client_docs.public_classes import Function


class OptionGroups:
    """The TypedDicts of a package, which methods take as `**options: Unpack[SomeOptions]`."""

    def __init__(self, package: Path) -> None:
        """Find them in every module of `package`, apart from the sync copies."""
        self._classes: dict[str, ast.ClassDef] = {}
        for path in sorted(package.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "TypedDict" not in text or "_sync" in path.relative_to(package).parts:
                continue
            for node in ast.parse(text).body:
                if isinstance(node, ast.ClassDef):
                    if node.name in self._classes:
                        raise ContractError(f"two modules of option groups define a class {node.name}")
                    self._classes[node.name] = node

    def names(self, group: str) -> list[str] | None:
        """The options of a group, its bases' first; None when it is not a TypedDict here."""
        node = self._classes.get(group)
        if node is None:
            return None
        found: list[str] = []
        is_group = False
        for base in node.bases:
            inherited = self.names(ast.unparse(base))
            is_group |= inherited is not None or ast.unparse(base).endswith("TypedDict")
            found += inherited or []
        found += [
            inner.target.id
            for inner in node.body
            if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name)
        ]
        return list(dict.fromkeys(found)) if is_group else None


def parameters(node: Function, groups: OptionGroups) -> str:
    """The parameters of a method that a caller passes; option groups are shown as their options."""
    spec = node.args
    names = [
        argument.arg for argument in [*spec.posonlyargs, *spec.args] if argument.arg not in ("self", "cls")
    ]
    keywords = [argument.arg for argument in spec.kwonlyargs]
    rest: list[str] = []
    if spec.kwarg is not None:
        options = _options(spec.kwarg, groups)
        if options is None:
            rest = [f"**{spec.kwarg.arg}"]
        else:
            keywords += [name for name in options if name not in keywords]
    if spec.vararg is not None:
        names.append(f"*{spec.vararg.arg}")
    elif keywords:
        names.append("*")
    return ", ".join([*names, *keywords, *rest])


def _options(parameter: ast.arg, groups: OptionGroups) -> list[str] | None:
    match parameter.annotation:
        case ast.Subscript(value=ast.Name(id="Unpack"), slice=ast.Name(id=group)):
            return groups.names(group)
        case _:
            return None
