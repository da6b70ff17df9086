"""Whoever evaluates annotations can: typing, inspect, and the frameworks that use them.

Modules import many names for type checkers only, to save import time. See `_late_names`.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

import comfy_cloud
import comfy_cloud_catalogue
import comfy_cloud_emulator
from comfy_cloud import (
    asset_filters,
    contract,
    errors,
    graph_builder,
    hashing,
    hooks,
    mirror,
    pages,
    retry,
    tasks,
    times,
    tracing,
)
from comfy_cloud._late_names import names_imported_late


def functions_of(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of a class, inherited ones and getters of its properties, too."""
    for name in dir(cls):
        if name.startswith("_") and name not in {"__init__", "__call__", "__enter__", "__aenter__"}:
            continue
        found = inspect.getattr_static(cls, name)
        found = getattr(found, "fget", None) or getattr(found, "func", None) or found
        found = getattr(found, "__func__", found)
        if inspect.isfunction(found):
            yield name, found


def test_functions_that_classes_share_keep_their_annotations() -> None:
    """Otherwise the second class that has one imports its names while it is being defined."""

    @names_imported_late(Nowhere="nowhere")
    @dataclass(frozen=True, slots=True)
    class Sharing:
        value: int

    shared: Any = vars(Sharing)["__getstate__"]
    assert shared.__module__ == "dataclasses"
    assert type(shared.__annotations__) is dict
    assert type(Sharing.__annotations__) is not dict
    # So in the package each is imported before anything else is.
    code = "from comfy_cloud import MapFailure, AsyncMapFailure"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_however_annotations_are_read_their_names_are_there() -> None:
    """Each way to read a dict imports the names first."""

    def ways() -> Iterator[Callable[[dict[str, Any]], Any]]:
        yield dict
        yield list
        yield lambda found: found["value"]
        yield lambda found: found.get("value")
        yield lambda found: found.items()
        yield lambda found: found.keys()
        yield lambda found: found.values()
        yield lambda found: found.copy()
        yield lambda found: {**found}

    for way in ways():

        @names_imported_late(Decimal="decimal", fractions="fractions")
        def function(value: Decimal | fractions.Fraction) -> None: ...  # type: ignore[name-defined]  # noqa: F821

        assert not {"Decimal", "fractions"} & globals().keys()
        way(function.__annotations__)
        assert typing.get_type_hints(function)["value"]
        assert {globals().pop("Decimal"), globals().pop("fractions")}


MODULES = [
    comfy_cloud, asset_filters, comfy_cloud_catalogue, comfy_cloud_emulator, contract, errors, graph_builder,
    hashing, hooks, mirror, pages, retry, tasks, times, tracing,
]  # fmt: skip


def public_in(module: ModuleType) -> Iterator[Any]:
    """The public classes and functions of a module, of this project."""
    for name in dir(module):
        found = getattr(module, name)
        is_one = inspect.isclass(found) or inspect.isfunction(found)
        if is_one and not name.startswith("_") and found.__module__.startswith("comfy_cloud"):
            yield found


PUBLIC = list(dict.fromkeys(found for module in MODULES for found in public_in(module)))


@pytest.mark.parametrize("found", PUBLIC, ids=lambda found: found.__name__)
def test_annotations_can_be_evaluated(found: Any) -> None:
    typing.get_type_hints(found)
    for _, function in functions_of(found) if inspect.isclass(found) else [("", found)]:
        hints = typing.get_type_hints(function)
        parameters = inspect.signature(function, eval_str=True).parameters
        assert not any(isinstance(parameter.annotation, str) for parameter in parameters.values())
        assert set(inspect.get_annotations(function, eval_str=True)) == set(hints)


PROGRAM = """
import inspect, json, sys, typing
from comfy_cloud import ComfyCloud

before = [name for name in ("httpx", "comfy_cloud.retry", "comfy_cloud._sync.assets") if name in sys.modules]
# As FastAPI does it:
parameters = inspect.signature(ComfyCloud.validate).parameters.values()
there = [eval(each.annotation, ComfyCloud.validate.__globals__) for each in parameters if each.name != "self"]
hints = typing.get_type_hints(ComfyCloud.__init__)
from comfy_cloud import Retry
shown = str(inspect.signature(ComfyCloud))
print(json.dumps([before, bool(there), Retry in typing.get_args(hints["retry"]), shown[:60]]))
"""


def test_names_are_imported_when_they_are_evaluated_and_no_earlier() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [
        [],
        True,
        True,
        "(*, api_key: 'str | None' = None, base_url: 'str | None' = N",
    ]


@pytest.mark.parametrize(
    "method",
    [
        comfy_cloud.ComfyCloud.events,
        comfy_cloud.Job.download,
        comfy_cloud.Assets.upload,
        comfy_cloud.Files.download,
        comfy_cloud.AsyncFiles.upload_image,
    ],
    ids=lambda method: method.__qualname__,
)
def test_pydantic_can_validate_the_arguments(method: Callable[..., Any]) -> None:
    import pydantic

    pydantic.validate_call(config={"arbitrary_types_allowed": True})(method)
