# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class SystemStatsResponseSystem(Model):
    """The host and its software.

    Attributes:
        os: Kind of operating system, for example `linux` or `posix`.
        python_version: Version of Python, with build details.
        embedded_python: `true` if Python came bundled with ComfyUI.
        comfyui_version: Version of ComfyUI.
        pytorch_version: Version of PyTorch.
        argv: Command line that the server was started with.
        ram_total: Main memory in bytes.
        ram_free: Main memory not in use, in bytes.
        comfyui_frontend_version: Version or commit of the web interface.
        workflow_templates_version: Version of the template collection.
        cloud_version: Commit of the cloud service; absent on self-hosted servers, which makes it a
            way to tell them apart.
        deploy_environment: Which deployment this is.
        required_frontend_version: Version of the web interface that the server requires.
        installed_templates_version: Installed version of the template collection.
        required_templates_version: Version of the template collection that the server requires.
    """

    os: str | None = None
    python_version: str | None = None
    embedded_python: bool | None = None
    comfyui_version: str | None = None
    pytorch_version: str | None = None
    argv: list[str] | None = None
    ram_total: float | None = None
    ram_free: float | None = None
    comfyui_frontend_version: str | None = None
    workflow_templates_version: str | None = None
    cloud_version: str | None = None
    deploy_environment: str | None = None
    required_frontend_version: str | None = None
    installed_templates_version: str | None = None
    required_templates_version: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "os": "os",
        "python_version": "python_version",
        "embedded_python": "embedded_python",
        "comfyui_version": "comfyui_version",
        "pytorch_version": "pytorch_version",
        "argv": "argv",
        "ram_total": "ram_total",
        "ram_free": "ram_free",
        "comfyui_frontend_version": "comfyui_frontend_version",
        "workflow_templates_version": "workflow_templates_version",
        "cloud_version": "cloud_version",
        "deploy_environment": "deploy_environment",
        "required_frontend_version": "required_frontend_version",
        "installed_templates_version": "installed_templates_version",
        "required_templates_version": "required_templates_version",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.os = get("os")
        self.python_version = get("python_version")
        self.embedded_python = get("embedded_python")
        self.comfyui_version = get("comfyui_version")
        self.pytorch_version = get("pytorch_version")
        self.argv = get("argv")
        self.ram_total = get("ram_total")
        self.ram_free = get("ram_free")
        self.comfyui_frontend_version = get("comfyui_frontend_version")
        self.workflow_templates_version = get("workflow_templates_version")
        self.cloud_version = get("cloud_version")
        self.deploy_environment = get("deploy_environment")
        self.required_frontend_version = get("required_frontend_version")
        self.installed_templates_version = get("installed_templates_version")
        self.required_templates_version = get("required_templates_version")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SystemStatsResponseSystem._JSON_NAMES)
