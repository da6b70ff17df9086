"""The modules of the generated package, and those of them that hold an operation."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import comfy_cloud_api

MODULES = [name for _, name, _ in pkgutil.walk_packages(comfy_cloud_api.__path__, "comfy_cloud_api.")]


def operation_modules() -> list[ModuleType]:
    """The generated modules that hold an operation."""
    found = [importlib.import_module(name) for name in MODULES if name.startswith("comfy_cloud_api.api.")]
    return [module for module in found if hasattr(module, "OPERATION")]
