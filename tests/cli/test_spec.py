"""`comfy-cloud spec diff`: one line per change, methods, exit codes, clear errors."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud.contract import methods_by_operation, published_contract

from .conftest import Run, program_environment, run_for_terminal


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Callable[[Any], object]], str]:
    """Write the published contract with a change into a file."""

    def write(change: Callable[[Any], object]) -> str:
        document = published_contract()
        change(document)
        path = tmp_path / "new.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    return write


def test_the_contract_of_api_v2_with_the_methods_that_use_it(run: Run, tmp_path: Path) -> None:
    document = published_contract("v2")
    del document["paths"]["/api/v2/jobs/{id}"]
    path = tmp_path / "new.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    result = run("spec", "diff", "--api", "v2", str(path))
    assert (result.code, result.err) == (1, "1 breaking, 0 other\n")
    (record,) = json.loads(result.out)
    assert record["where"] == "GET /api/v2/jobs/{id}"
    assert sorted(record["methods"]) == sorted(methods_by_operation("v2")["getJob"])


def two_changes(document: Any) -> None:
    document["components"]["schemas"]["JobEntry"]["properties"]["color"] = {"type": "string"}
    for parameter in document["paths"]["/api/history_v2"]["get"]["parameters"]:
        parameter["required"] = True
    del document["paths"]["/api/user"]


def test_nothing_has_changed(run: Run, changed: Callable[..., str]) -> None:
    result = run("spec", "diff", changed(lambda document: None))
    assert (result.code, result.out, result.err) == (0, "[]\n", "no change of the interface\n")
    assert run("spec", "diff", "-", "-").code == 0


def test_changes_are_records_with_breaking_ones_first(run: Run, changed: Callable[..., str]) -> None:
    result = run("spec", "diff", changed(two_changes))
    records = json.loads(result.out)
    assert (result.code, result.err) == (1, "3 breaking, 1 other\n")
    assert [record["breaking"] for record in records] == [True, True, True, False]
    by_kind = {record["kind"]: record for record in records}
    assert by_kind["operation-removed"] == {
        "breaking": True,
        "kind": "operation-removed",
        "where": "GET /api/user",
        "text": "operation getUser is gone",
        "operations": ["getUser"],
        "methods": ["cloud.mirror", "cloud.user.get"],
    }
    assert "cloud.history.iter" in by_kind["parameter-required"]["methods"]
    assert by_kind["field-added"]["where"] == "schema JobEntry"
    assert "cloud.jobs.list" in by_kind["field-added"]["methods"]


def test_the_formats_have_the_same_content(run: Run, changed: Callable[..., str]) -> None:
    path = changed(two_changes)
    records = json.loads(run("spec", "diff", "-", path).out)
    lines = run("spec", "diff", path, "--output", "jsonl")
    assert [json.loads(line) for line in lines.out.splitlines()] == records
    rows = list(csv.reader(io.StringIO(run("spec", "diff", path, "-o", "csv").out)))
    assert rows[0] == ["breaking", "where", "change", "methods"]
    assert [row[2] for row in rows[1:]] == [record["text"] for record in records]
    table = run("spec", "diff", path, "-o", "table").out.splitlines()
    assert len(table) == 1 + len(records)
    assert table[1].split()[0] == "breaking"
    assert "cloud.user.get" in "".join(table)
    assert lines.code == 1


def test_only_breaking_changes(run: Run, changed: Callable[..., str]) -> None:
    result = run("spec", "diff", "--breaking", changed(two_changes))
    assert len(json.loads(result.out)) == 3
    assert result.err == "3 breaking, 1 other\n"


def test_the_order_is_old_then_new(run: Run, changed: Callable[..., str]) -> None:
    path = changed(two_changes)
    backwards = json.loads(run("spec", "diff", path, "-").out)
    assert "operation-added" in {record["kind"] for record in backwards}
    assert run("spec", "diff", path, path).code == 0


def test_additions_end_with_0(run: Run, changed: Callable[..., str]) -> None:
    def add(document: Any) -> None:
        document["paths"]["/api/new"] = {
            "get": {"operationId": "getNew", "responses": {"200": {"description": "x"}}}
        }

    result = run("spec", "diff", changed(add))
    assert (result.code, result.err) == (0, "0 breaking, 1 other\n")


def test_on_a_terminal_it_is_a_table(changed: Callable[..., str]) -> None:
    result = run_for_terminal("spec", "diff", changed(two_changes))
    assert result.code == 1
    assert "breaking" in result.out
    assert "operation getUser is" in result.out
    assert not result.out.startswith("[")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("[1, 2", "is neither YAML nor JSON"),
        ("<html></html>", "is a web page"),
        (
            "openapi: 3.0.3\npaths: {/a: 3}",
            "is not valid OpenAPI: at paths./a: this is a mapping, not a number",
        ),
        (
            "openapi: 3.0.3\npaths: {/a: {get: {parameters: [{name: x}]}}}",
            "at paths./a.get.parameters[0]: a parameter has a `name` and says where it is `in`",
        ),
    ],
)
def test_an_unusable_contract_gives_one_line_and_exit_code_2(
    run: Run, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("spec", "diff", str(path))
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert message in result.err


def test_unreadable_files_and_addresses(run: Run) -> None:
    for source, message in [
        ("/no/such/file", "/no/such/file cannot be read: No such file"),
        ("http://user:secret@127.0.0.1:9/a.yaml?token=secret", "http://127.0.0.1:9/a.yaml cannot be fetched"),
        ("ftp://example.com/a", "a contract comes from a file or an http(s) URL"),
    ]:
        result = run("spec", "diff", source)
        assert result.code == 2
        assert message in result.err
        assert "secret" not in result.err


def test_how_many_contracts(run: Run) -> None:
    assert "give one contract, or two" in run("spec", "diff").err
    assert run("spec", "diff", "-", "-", "-").code == 2


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["spec", "--help"], ["contract", "run", "--help"]]
)
def test_nothing_of_it_is_imported_before_it_is_used(arguments: list[str]) -> None:
    code = (
        f"import sys; from comfy_cloud.cli import main; main({arguments!r}); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=program_environment()
    )
    loaded = set(done.stderr.split())
    assert "comfy_cloud.cli.app" in loaded
    assert not loaded & {
        "comfy_cloud.contract",
        "yaml",
        "jsonschema",
        "referencing",
        "httpx",
        "comfy_cloud_api",
    }
