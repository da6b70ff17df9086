"""The contract as a tool: compare versions of it, check requests and responses, or a whole server.

    from comfy_cloud.contract import run_contract

    report = run_contract("https://cloud.comfy.org", api_key="...")
    assert report, report

It needs the extra `contract` (`pip install 'comfy-cloud[contract]'`). A name is imported when it is
first used, and the client imports none of them. What a client tolerated while it ran is in
`cloud.deviations`. The list of public names is the block below; `make exports` writes `_exports.py`
from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._http.deviations import Deviation as Deviation
    from ._checks.checker import ContractChecker as ContractChecker
    from ._diff.changes import Change as Change
    from ._diff.changes import methods_touched as methods_touched
    from ._diff.contracts import compare as compare
    from ._documents.reader import ContractError as ContractError
    from ._documents.reader import read_contract as read_contract
    from ._documents.release import merged_contract as merged_contract
    from ._documents.release import methods_by_operation as methods_by_operation
    from ._documents.release import published_contract as published_contract
    from ._documents.sources import fetched_contract as fetched_contract
    from ._run.report import Report as Report
    from ._run.report import Unchecked as Unchecked
    from ._run.runner import run_contract as run_contract
else:  # a type checker must notice a name that does not exist
    from ._exports import MODULES

    __all__ = sorted(MODULES)
    _PACKAGES_OF_THE_EXTRA = frozenset({"yaml", "jsonschema", "referencing"})

    def __getattr__(name: str) -> Any:
        if name not in MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        try:
            value = getattr(import_module(MODULES[name], __name__), name)
        except ModuleNotFoundError as error:
            if error.name not in _PACKAGES_OF_THE_EXTRA:
                raise
            raise ModuleNotFoundError(
                f"comfy_cloud.contract needs the package {error.name}: pip install 'comfy-cloud[contract]'",
                name=error.name,
            ) from None
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return __all__
