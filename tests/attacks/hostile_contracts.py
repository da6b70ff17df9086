"""Hostile texts in every place of our contract: it is refused, or it becomes data and nothing else.

What is generated has the calls, imports, decorators and kinds of syntax of the code for our own
contract, and creates no file when all of it is imported and every request is built.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.structure import check_structure
from scripts.generator import tree
from scripts.generator.grammar import check_grammar
from scripts.project.checkout import ROOT
from tests.attacks.hostile_texts import fits_in_a_file, payloads
from tests.attacks.planted_contracts import Document, TextPlace, places, planted, slices

_CLASS = re.compile(r"^[A-Z]\w*\.")
_MODEL_MODULE = re.compile(r"^(?:\.\.\.models)?\.(?!client$|types$|errors$)[a-z]\w*$")
_GENERATED = ROOT / "generated" / "comfy_cloud_api"
MARKER = "M"
# What is never refused, whatever the text is: these are planted together.
_HARMLESS = frozenset(
    {
        "data", "keyword", "prose", "value of format", "value of pattern", "value of required",
        "value of style", "value of version",
    }
)  # fmt: skip
# Imports every module below the folder, and builds every request with odd arguments.
_IMPORTER = """
import importlib, inspect, pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root))
count = 0
for path in sorted(root.rglob("*.py")):
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    count += 1
    if hasattr(module, "build"):
        given = inspect.signature(module.build).parameters.values()
        needed = [p for p in given if p.default is p.empty]
        values = {p.name: {} if p.name == "body" else "x" for p in needed}
        module.build(**values)
print(count)
"""


@dataclass
class AttackReport:
    """What became of the attacks: `tries` places were planted, of which `refused` were refused."""

    tries: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        """How many tries became data or were refused."""
        return self.tries - len(self.failures)


class Attack:
    """Attacks on one contract, with everything made in one folder."""

    def __init__(self, document: Document, folder: Path) -> None:
        self._document = document
        self._folder = folder
        self._slice = slices(document)
        self._runs = 0
        self.report = AttackReport()

    def everywhere(self, where: list[TextPlace], kinds: list[str] | None = None) -> None:
        """Plant every kind of text in all these places, as many at once as are not refused."""
        texts = payloads(MARKER)
        with contextlib.chdir(self._folder):  # a marker would be made here
            for kind in kinds or list(texts):
                if fits_in_a_file(texts[kind]):
                    self._plant(where, kind, texts[kind])
                else:
                    self._count(len(where), refused=True)

    def plant_together(self, group: list[TextPlace], kind: str, text: str) -> None:
        """Plant one text in all of these places, or in halves of them when that is refused."""
        with contextlib.chdir(self._folder):
            self._halves(group, kind, text)

    def _plant(self, where: list[TextPlace], kind: str, text: str) -> None:
        """Refuse what is refused alone, place by place, and make a package with all the others."""
        groups: dict[str, list[TextPlace]] = defaultdict(list)
        for place in where:
            if place.kind not in _HARMLESS and self._is_refused(place, text):
                self._count(1, refused=True)
            else:
                groups[self._group_of(place)].append(place)
        for group in groups.values():
            self._halves(group, kind, text)

    def _group_of(self, place: TextPlace) -> str:
        """Places with the same name are planted together."""
        if place.kind.startswith("key in properties"):
            return place.kind  # long names in one another would be refused
        if place.kind in ("value of enum", "value of default"):
            # A default has to be one of the values of its enum, so both are changed.
            end = next(n for n, part in enumerate(place.path) if part in ("enum", "default"))
            schema: Any = self._document
            for part in place.path[:end]:
                schema = schema[part]
            if "default" in schema:
                return repr(place.path[:end])
        return "others"

    def _count(self, tries: int, *, refused: bool) -> None:
        self.report.tries += tries
        self.report.refused += tries if refused else 0

    def _halves(self, group: list[TextPlace], kind: str, text: str) -> None:
        if not group or self._is_made(group, kind, text):
            return
        if len(group) == 1:
            self._count(1, refused=True)
            return
        middle = len(group) // 2
        self._halves(group[:middle], kind, text)
        self._halves(group[middle:], kind, text)

    def _is_refused(self, place: TextPlace, text: str) -> bool:
        hostile = planted(self._slice(place), [place], text)
        try:
            check_structure(hostile)
            check_grammar(hostile)
        except ContractError:
            return True
        return False

    def _is_made(self, group: list[TextPlace], kind: str, text: str) -> bool:
        """Whether a package was made; then every place of the group has been tried."""
        self._runs += 1
        made = self._folder / f"run{self._runs}"
        # Places of one part are tried in a contract that has hardly anything else.
        is_one = len({place.path[:3] for place in group}) == 1
        whole = self._slice(group[0]) if is_one else self._document
        try:
            package = tree.make_package(planted(whole, group, text), made)
        except ContractError:
            return False
        self._count(len(group), refused=False)
        for problem in [*foreign_code(package), *self._problems_of_a_run(made)]:
            self.report.failures.append(f"{kind} in {group[0].kind} ({len(group)} places): {problem}")
        return True

    def _problems_of_a_run(self, made: Path) -> Iterator[str]:
        command = [sys.executable, "-c", _IMPORTER, str(made)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, check=False)
        if done.returncode or int(done.stdout) < 5:
            yield done.stderr.strip().rpartition("\n")[2] or "nothing was imported"
        outside = [path.name for path in self._folder.iterdir() if not path.name.startswith("run")]
        if outside:
            yield f"created {outside}"


def foreign_code(package: Path) -> Iterator[str]:
    """What the modules of a package contain that those of our own contract do not."""
    ours = _own_vocabulary()
    for path in sorted(package.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        for word in sorted(vocabulary(module) - ours):
            yield f"{path.relative_to(package).as_posix()}: {word}"


@cache
def _own_vocabulary() -> frozenset[str]:
    return frozenset(
        word
        for path in _GENERATED.rglob("*.py")
        for word in vocabulary(ast.parse(path.read_text(encoding="utf-8")))
    )


def vocabulary(module: ast.Module) -> set[str]:
    """The kinds of syntax in a module, and what it imports, calls, decorates and formats."""
    found: set[str] = set()
    for node in ast.walk(module):
        found.add(type(node).__name__)
        match node:
            case ast.Call():
                found.add(f"call of {_CLASS.sub('Model.', ast.unparse(node.func))}")
            case ast.Import():
                found.add(ast.unparse(node))
            case ast.ImportFrom():
                name = f"{'.' * node.level}{node.module or ''}"
                found.add(f"import of {_MODEL_MODULE.sub('a model', name)}")
            case ast.FormattedValue():
                found.add(f"format {ast.unparse(node.value).partition('(')[0]} {node.conversion}")
                found.add(f"format spec {node.format_spec is not None}")
        for decorator in getattr(node, "decorator_list", []):
            found.add(f"decorator {ast.unparse(decorator)}")
    return found


def merged_contract() -> Document:
    """Our contract as code is generated from it."""
    document: dict[str, Any] = json.loads((_GENERATED / "contract.json").read_bytes())
    return document


def main() -> None:
    """Every text in every place; print the row."""
    with tempfile.TemporaryDirectory() as folder:
        attack = Attack(merged_contract(), Path(folder))
        attack.everywhere(places(merged_contract()))
    report = attack.report
    print(f"texts in places of the contract | {report.tries} | {report.held}")
    for failure in report.failures[:20]:
        print(f"  {failure}")


if __name__ == "__main__":
    main()
