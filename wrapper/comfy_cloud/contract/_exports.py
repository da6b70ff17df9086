"""Where public names come from. Made from `__init__.py` by `make exports`. Do not edit."""

MODULES = {
    "Change": "._diff.changes",
    "ContractChecker": "._checks.checker",
    "ContractError": "._documents.reader",
    "Deviation": ".._http.deviations",
    "Report": "._run.report",
    "Unchecked": "._run.report",
    "compare": "._diff.contracts",
    "fetched_contract": "._documents.sources",
    "merged_contract": "._documents.release",
    "methods_by_operation": "._documents.release",
    "methods_touched": "._diff.changes",
    "published_contract": "._documents.release",
    "read_contract": "._documents.reader",
    "run_contract": "._run.runner",
}
