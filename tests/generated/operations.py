"""The modules of the generated packages, and those of them that hold an operation."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import comfy_cloud_api
import comfy_cloud_api_v2
from comfy_cloud.contract import merged_contract

DOCUMENTS = {comfy_cloud_api: merged_contract(), comfy_cloud_api_v2: merged_contract("v2")}
"""By generated package: the contract, with its overlay, that it is made from."""


def modules_of(package: ModuleType) -> list[str]:
    """The names of all modules of a generated package."""
    return [name for _, name, _ in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


def operation_modules(package: ModuleType = comfy_cloud_api) -> list[ModuleType]:
    """The modules of a generated package that hold an operation."""
    prefix = f"{package.__name__}.api."
    found = [importlib.import_module(name) for name in modules_of(package) if name.startswith(prefix)]
    return [module for module in found if hasattr(module, "OPERATION")]
