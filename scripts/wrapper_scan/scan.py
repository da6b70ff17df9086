"""The public classes of the async client, and the generated modules their methods lead to."""

from __future__ import annotations

import re
from pathlib import Path

from comfy_cloud.contract._documents.reader import ContractError
from scripts.wrapper_scan.bindings import attribute_bindings
from scripts.wrapper_scan.call_graph import CallGraph
from scripts.wrapper_scan.constructions import Constructions
from scripts.wrapper_scan.modules import Class, Function, Module, Sources
from scripts.wrapper_scan.values import Bound, Evaluator, Instance, Scope

CLIENT = "AsyncComfyCloud"


class WrapperScan:
    """What `_async/` offers to users, read from its source."""

    def __init__(self, folder: Path, exported: set[str]) -> None:
        """Read every module of `folder`; `exported` are the public names of the package."""
        self._sources = Sources(folder)
        module = self._sources.modules.get("client")
        client = module.definitions.get(CLIENT) if module else None
        if not isinstance(client, Class):
            raise ContractError(f"{folder.name}/client.py has no {CLIENT}: the map of the API begins there")
        constructions = Constructions(self._sources)
        self._nouns = self._found_nouns(client, Evaluator(self._sources, constructions, set()))
        others = [cls for cls in self._sources.classes if cls.name in exported and cls is not client]
        self._labels = {client: "cloud"} | {cls: f"cloud.{noun}" for cls, noun in self._nouns.items()}
        for cls in sorted(others, key=lambda cls: cls.name):
            self._labels.setdefault(cls, _snake_case(cls.name.removeprefix("Async")))
        evaluator = Evaluator(self._sources, constructions, set(self._labels))
        self._graph = CallGraph(constructions, evaluator)

    def labels(self) -> dict[Class, str]:
        """The public classes with how users reach an instance, such as `cloud.history`.

        The client is first, then its nouns in its order, then the other exported classes by name.
        """
        return self._labels

    def is_noun(self, cls: Class) -> bool:
        """Whether an instance of the class is an attribute of the client."""
        return cls in self._nouns

    def family(self, cls: Class) -> list[Class]:
        """The class and its bases in the folder."""
        return self._sources.family(cls)

    def methods_by_module(self) -> dict[str, dict[str, int]]:
        """For each generated module (`job.list_jobs`), the public methods that lead to it.

        Each has the number of functions in between. Where no public method is seen to lead to a
        use, because the source does not show how it is called, the noun of its file stands for it.
        """
        found: dict[str, dict[str, int]] = {}
        for cls, label in self._labels.items():
            for method in self._public_methods(cls):
                for module, hops in self._graph.reached(Bound(method, cls)).items():
                    found.setdefault(module, {})[f"{label}.{method.name}"] = hops
        seen = frozenset(found)
        for function in self._sources.functions():
            for module in self._graph.step(Bound(function, function.owner)).uses - seen:
                if (noun := self._noun_of(function.module)) is not None:
                    found.setdefault(module, {})[noun] = 0
        return found

    def _public_methods(self, cls: Class) -> list[Function]:
        names = dict.fromkeys(name for member in self.family(cls) for name in member.methods)
        methods = [self._sources.method(cls, name) for name in names if not name.startswith("_")]
        return [method for method in methods if method is not None and not method.is_property]

    def _noun_of(self, module: Module) -> str | None:
        """The public class nearest to a module: in it, or in what imports it, directly or not."""
        level, seen = [module], {module}
        while level:
            for near in level:
                for found in near.definitions.values():
                    if isinstance(found, Class) and found in self._labels:
                        return self._labels[found]
            names = {near.name for near in level}
            level = [
                other
                for other in self._sources.modules.values()
                if other not in seen and names & {origin for origin, _ in other.imports.values()}
            ]
            seen |= set(level)
        return None

    def _found_nouns(self, client: Class, evaluator: Evaluator) -> dict[Class, str]:
        """The classes of the client's public attributes, in the order of its source."""
        found: list[tuple[int, str, Class]] = []
        for member in self._sources.family(client):
            values = [
                (method.node.lineno, name, evaluator.returned(Bound(method, client)))
                for name, method in member.methods.items()
                if method.is_property
            ]
            for name, bindings in attribute_bindings(member).items():
                for function, binding in bindings:
                    if function is not None and binding.node is not None:
                        scope = Scope(member.module, function, client)
                        values.append((binding.node.lineno, name, evaluator.assigned(binding, scope)))
            found += [
                (line, name, value.cls)
                for line, name, possible in values
                for value in possible
                if isinstance(value, Instance) and not name.startswith("_")
            ]
        return {cls: name for _, name, cls in sorted(found, key=lambda noun: noun[0])}


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
