"""Generated modules import without a warning, and each `OPERATION` agrees with the contract."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.generated.operations import DOCUMENTS, modules_of, operation_modules

METHODS = ("get", "put", "post", "delete", "head", "patch")
each_package = pytest.mark.parametrize("package", DOCUMENTS, ids=lambda package: package.__name__)


def part(package: ModuleType, name: str) -> Any:
    return importlib.import_module(f"{package.__name__}.{name}")


@each_package
def test_every_module_imports_in_a_fresh_process_with_warnings_as_errors(package: ModuleType) -> None:
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [sys.executable, "-W", "error", "-c", program, *modules_of(package)]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stderr == ""
    assert done.returncode == 0


@each_package
def test_importing_the_package_imports_no_model(package: ModuleType) -> None:
    name = package.__name__
    program = f"import sys, {name}, {name}.models; print(*sys.modules, sep='\\n')"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    loaded = done.stdout.split()
    assert f"{name}.models" in loaded
    assert [module for module in loaded if module.startswith(f"{name}.models.")] == []
    assert "dateutil" not in loaded


@each_package
def test_every_operation_of_the_contract_has_its_module(package: ModuleType) -> None:
    document = DOCUMENTS[package]
    declared = {
        (entry["operationId"], method.upper(), path, key_use(entry.get("security", document["security"])))
        for path, item in document["paths"].items()
        for method, entry in item.items()
        if method in METHODS and "x-left-out" not in entry
    }
    made = [module.OPERATION for module in operation_modules(package)]
    assert {(made.id, made.method, made.path, made.key) for made in made} == declared
    assert len(made) == len(declared)
    types = part(package, "types")
    assert all(isinstance(operation, types.Operation) for operation in made)


def key_use(security: list[dict[str, object]]) -> str:
    if not security:
        return "none"
    return "optional" if {} in security else "required"


@each_package
def test_every_schema_with_fields_is_a_model_or_an_enum(package: ModuleType) -> None:
    models, types = part(package, "models"), part(package, "types")
    schemas = DOCUMENTS[package]["components"]["schemas"]
    kinds = (types.Model, types.OpenEnum)
    with_fields = {name for name, schema in schemas.items() if schema.get("properties")}
    found = {name for name in models.__all__ if issubclass(getattr(models, name), kinds)}
    assert with_fields - found == set()
    assert found == set(models.__all__) == set(dir(models))


@each_package
def test_an_unknown_model_is_an_attribute_error(package: ModuleType) -> None:
    models = part(package, "models")
    with pytest.raises(AttributeError, match="no attribute 'NoSuchModel'"):
        models.NoSuchModel  # noqa: B018


@pytest.mark.parametrize(
    "module",
    [module for package in DOCUMENTS for module in operation_modules(package)],
    ids=lambda module: f"{module.__name__.split('.')[0]}-{module.OPERATION.id}",
)
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
