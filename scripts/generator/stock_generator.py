"""openapi-python-client, run with our settings, templates and filters.

A warning of the generator is an error here. So are stock templates other than those that ours were
written against, because ours use the variables that the generator passes to them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openapi_python_client
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData

from comfy_cloud.contract._documents.normalised import normalised
from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import one_line
from scripts.generator import docstrings
from scripts.generator.left_out import LeftOut
from scripts.generator.lock import GENERATOR
from scripts.generator.operations import TAKEN_NAMES, Operations
from scripts.generator.plans import plans_for
from scripts.generator.python_code import code, identifier, literal, only_code
from scripts.generator.quarantine import parsed_without_odd_operations
from scripts.generator.records import Records
from scripts.generator.servers import server_url
from scripts.generator.shapes import Shapes

_ROOM = Path(__file__).parent
TEMPLATES = _ROOM / "templates"
SETTINGS = _ROOM / "settings.yaml"
# The sha256 of the stock templates that ours replace.
STOCK_TEMPLATES = "40a8173f12d052edcb0ca64e24c0ada9ec018940914d7a330a6e2db519647d39"


class _CompiledTemplates(BytecodeCache):
    """The templates as compiled by the first generation of a process, by name and content."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept."""
        if (bucket.key, bucket.checksum) in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _CompiledTemplates()


def run_generator(document: dict[str, Any], target: Path) -> list[LeftOut]:
    """Generate the package `target` from a merged contract; return what is left out of it.

    Raises ContractError when no client can be made.
    """
    # The source is not read, because the document is given.
    settings = ConfigFile.load_from_path(SETTINGS)
    settings.package_name_override = target.name
    config = Config.from_sources(settings, MetaType.NONE, target / "contract", "utf-8", True, target)
    try:
        plans = plans_for(normalised(document), TAKEN_NAMES)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # its form is not that of OpenAPI
        reason = one_line(f"{type(error).__name__}: {error}")
        raise ContractError(f"{GENERATOR} cannot read the contract: {reason}") from error
    stock, data = parsed_without_odd_operations(plans, config)
    _check_modules(data)
    shapes = Shapes(plans.document, stock.schemas)
    records = Records(shapes)
    operations = Operations(plans, shapes, records)
    all_models = data.models
    data.models = [model for model in data.models if not shapes.is_plain_object(model)]
    shapes.learn(data.models)
    records.learn(data.models, all_models)
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            operations.learn(endpoint)
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    project.env.finalize = only_code
    project.env.bytecode_cache = _COMPILED
    project.env.filters.update(
        {
            **{function.__name__: function for function in (code, identifier, literal)},
            **shapes.filters(),
            **records.filters(),
            **operations.filters(),
            **docstrings.filters(),
        }
    )
    project.env.globals["openapi_server"] = server_url(document)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _errors_of_the_generator():
        problems = _built_quietly(project)
    if problems:
        listed = "\n".join(f"  {one_line(f'{problem.header}: {problem.detail}')}" for problem in problems)
        raise ContractError(f"{GENERATOR} reports {len(problems)} problem(s):\n{listed}")
    return plans.left_out


def _check_modules(data: GeneratorData) -> None:
    """Raise ContractError when two models or operations would be written to one file."""
    models = [str(each.class_info.module_name) for each in [*data.models, *data.enums]]
    operations = [
        f"{tag}.{endpoint.name}"
        for tag, collection in data.endpoint_collections_by_tag.items()
        for endpoint in collection.endpoints
    ]
    for name in (*models, *operations):
        for part in name.split("."):
            if identifier(part) != part:  # the generator names the file as it is, and Python does not
                raise ContractError(f"A name in the contract has letters in an unusual form: {part!a}")
    twice = sorted({name for names in (models, operations) for name in names if names.count(name) > 1})
    if twice:
        raise ContractError(
            f"Two parts of the contract become one module, {one_line(twice[0])}: one has to be renamed, "
            "which an action of the overlay can do"
        )


@contextmanager
def _errors_of_the_generator() -> Iterator[None]:
    """A contract can be odd in ways that the generator has no message for."""
    try:
        yield
    except ContractError:
        raise
    except Exception as error:
        raise ContractError(
            f"{GENERATOR} fails on the contract: {type(error).__name__}: {one_line(str(error))}"
        ) from error


def check_stock_templates() -> None:
    """Raise ContractError when the stock templates are not those that ours were written against."""
    found = stock_templates_sha256()
    if found != STOCK_TEMPLATES:
        raise ContractError(
            f"{GENERATOR} {importlib.metadata.version(GENERATOR)} has other stock templates (sha256 {found}) "
            f"than ours were written against. Compare their variables with {_from_root(TEMPLATES)}, then "
            f"record the new checksum in {_from_root(Path(__file__))}."
        )


def stock_templates_sha256() -> str:
    """One checksum over the names and contents of the templates that the generator ships."""
    folder = Path(openapi_python_client.__file__).parent / "templates"
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.jinja"), key=lambda path: path.relative_to(folder).as_posix()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _from_root(path: Path) -> str:
    return path.relative_to(_ROOM.parents[1]).as_posix()


def _built_quietly(project: Project) -> Any:
    """Build the project without the generator's progress line; return what it reports."""
    printed = getattr(openapi_python_client, "print", print)
    openapi_python_client.print = lambda *_: None  # type: ignore[attr-defined]
    try:
        return project.build()
    finally:
        openapi_python_client.print = printed  # type: ignore[attr-defined]
