"""The machine that a run was measured on, without its name or any path."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "httpx",
    "msgspec",
    "orjson",
    "websockets",
    "aiohttp",
    "blake3",
    "pyarrow",
    "uvicorn",
    "starlette",
)
_CPU_INFO = Path("/proc/cpuinfo")


def described(packages: tuple[str, ...] = PACKAGES) -> dict[str, Any]:
    """Cores, CPU, system, Python and packages, as JSON; and how busy the machine is right now."""
    return {
        "cores": os.cpu_count(),
        "cpu": cpu_model(),
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: found for name in packages if (found := _version(name)) is not None},
        "load": load(),
    }


def cpu_model() -> str:
    """What the CPU is called."""
    if _CPU_INFO.exists():
        for line in _CPU_INFO.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def load() -> float | None:
    """The mean number of busy processes in the last minute; None where the system does not say."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def is_busy(machine: dict[str, Any]) -> bool:
    """Whether something else took more than a quarter of the cores when the run began."""
    return bool(float(machine.get("load") or 0) > machine["cores"] / 4)


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both are runs on the same kind of machine, with the same Python."""
    return not any(one[name] != other[name] for name in ("cores", "cpu", "system", "python"))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
