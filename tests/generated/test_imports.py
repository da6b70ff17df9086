"""Generated modules import without a warning, and each `OPERATION` agrees with the contract."""

from __future__ import annotations

import inspect
import subprocess
import sys
from types import ModuleType

import pytest

from comfy_cloud_api import models
from comfy_cloud_api.types import Model, OpenEnum, Operation
from tests.contract.exchanges import checker
from tests.generated.operations import MODULES, operation_modules

METHODS = ("get", "put", "post", "delete", "head", "patch")


def test_every_module_imports_in_a_fresh_process_with_warnings_as_errors() -> None:
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [sys.executable, "-W", "error", "-c", program, *MODULES]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stderr == ""
    assert done.returncode == 0


def test_importing_the_package_imports_no_model() -> None:
    program = "import sys, comfy_cloud_api, comfy_cloud_api.models; print(*sys.modules, sep='\\n')"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    loaded = done.stdout.split()
    assert "comfy_cloud_api.models" in loaded
    assert [name for name in loaded if name.startswith("comfy_cloud_api.models.")] == []
    assert "dateutil" not in loaded


def test_every_operation_of_the_contract_has_its_module() -> None:
    document = checker()._document
    declared = {
        (entry["operationId"], method.upper(), path, key_use(entry.get("security", document["security"])))
        for path, item in document["paths"].items()
        for method, entry in item.items()
        if method in METHODS
    }
    made = [module.OPERATION for module in operation_modules()]
    assert {(made.id, made.method, made.path, made.key) for made in made} == declared
    assert len(made) == len(declared)
    assert all(isinstance(operation, Operation) for operation in made)


def key_use(security: list[dict[str, object]]) -> str:
    if not security:
        return "none"
    return "optional" if {} in security else "required"


def test_every_schema_with_fields_is_a_model_or_an_enum() -> None:
    schemas = checker()._document["components"]["schemas"]
    with_fields = {name for name, schema in schemas.items() if schema.get("properties")}
    found = {name for name in models.__all__ if issubclass(getattr(models, name), (Model, OpenEnum))}
    assert with_fields - found == set()
    assert found == set(models.__all__) == set(dir(models))


def test_an_unknown_model_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'NoSuchModel'"):
        models.NoSuchModel  # noqa: B018


@pytest.mark.parametrize("module", operation_modules(), ids=lambda module: module.OPERATION.id)
def test_every_function_and_parameter_is_described(module: ModuleType) -> None:
    text = module.build.__doc__
    assert text
    names = inspect.signature(module.build).parameters
    for name in names:
        (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{name}: ")]
        assert len(line.strip()) > len(name) + 5
    assert all(function.__doc__ for function in (module.parse, module.sync, module.asyncio))
    assert module.__doc__ is not None
    assert module.__doc__.startswith(f"{module.OPERATION.method} {module.OPERATION.path}: ")
