"""The contract, held from outside: versions of it compared, answers and requests checked, and whole servers asked.

    from comfy_cloud.contract import run_contract

    report = run_contract("https://cloud.comfy.org", api_key="...")
    assert report, report

It needs the extra `contract` (`pip install 'comfy-cloud[contract]'`). Each name is imported when it is first asked for, and
nothing of it is imported by the client. What a client tolerates while it runs is in `cloud.deviations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._http.deviations import Deviation
    from .changes import Change, compare, methods_touched
    from .checker import ContractChecker
    from .documents import ContractError, read_contract
    from .fetching import fetched_contract
    from .release import merged_contract, methods_by_operation, published_contract
    from .results import Report, Unchecked
    from .running import run_contract

_MODULES = {
    "Change": ".changes",
    "ContractChecker": ".checker",
    "ContractError": ".documents",
    "Deviation": "..deviations",
    "Report": ".results",
    "Unchecked": ".results",
    "compare": ".changes",
    "fetched_contract": ".fetching",
    "merged_contract": ".release",
    "methods_by_operation": ".release",
    "methods_touched": ".changes",
    "published_contract": ".release",
    "read_contract": ".documents",
    "run_contract": ".running",
}
_OF_THE_EXTRA = frozenset({"yaml", "jsonschema", "referencing"})

__all__ = [
    "Change",
    "ContractChecker",
    "ContractError",
    "Deviation",
    "Report",
    "Unchecked",
    "compare",
    "fetched_contract",
    "merged_contract",
    "methods_by_operation",
    "methods_touched",
    "published_contract",
    "read_contract",
    "run_contract",
]


if not TYPE_CHECKING:  # a type checker shall notice a name that does not exist

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        try:
            value = getattr(import_module(_MODULES[name], __name__), name)
        except ModuleNotFoundError as error:
            if error.name not in _OF_THE_EXTRA:
                raise
            raise ModuleNotFoundError(
                f"comfy_cloud.contract needs the package {error.name}: pip install 'comfy-cloud[contract]'",
                name=error.name,
            ) from None
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
