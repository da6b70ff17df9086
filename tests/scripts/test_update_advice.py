"""What `make update-spec` advises runs as it is printed, and does what it is advised for."""

from __future__ import annotations

import copy
import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts import api_map, update_spec
from scripts.contract import update_report
from scripts.contract.type_check import type_errors
from scripts.contract.uses import Use
from scripts.generator import tree
from scripts.generator.left_out import LeftOut
from scripts.project.checkout import ROOT, V1, V2, Checkout

from .copies import checksums, contract_of, written
from .newcomers import Document, a_newer_version, written_with
from .test_update_spec import lock_of, run, without_size


def advised(text: str) -> list[str]:
    """The arguments of the program that the last advice in an error makes `make` run."""
    return [line.strip() for line in text.splitlines() if line.strip().startswith("make ")][-1:]


def follow(advice: str, checkout: Checkout, folder: Path) -> int:
    """Run the advice with the real Makefile, and the program that it calls with its arguments."""
    environment = folder / "environment"
    environment.mkdir(exist_ok=True)
    (environment / ".ready").touch()
    words = shlex.split(advice)
    assert words[0] == "make"
    # The tests may be run by make themselves, which hands down its options.
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        [*words, f"DEV={environment}", 'PY=printf "%s\\n"'],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    option, program, *arguments = done.stdout.splitlines()
    assert (option, program) == ("-m", "scripts.update_spec")
    return update_spec.main(arguments, checkout)


@pytest.mark.parametrize("name", ["source.yaml", "a folder with 'quotes'/new contract.yaml"])
def test_pruning(small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    source = tmp_path / name
    source.parent.mkdir(exist_ok=True)
    assert run(small, written_with(small, source, without_size)) == 1
    (advice,) = advised(capsys.readouterr().err)
    assert follow(advice, small, tmp_path) == 0
    assert "User.properties.size" not in small.overlay.read_text(encoding="utf-8")


def test_agreeing(
    small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    source = written_with(small, tmp_path / "source.yaml", a_newer_version)
    assert update_spec.main([str(source), "--no-tests"], small) == 1
    (advice,) = advised(capsys.readouterr().err)
    assert follow(advice, small, tmp_path) == 0
    assert contract_of(small)["info"]["version"] == "1.1.0"


def test_an_address_with_a_secret_is_not_printed() -> None:
    command = update_spec.Options(prune=True).command("https://example.com/a.yaml?token=secret")
    assert command == "make update-spec 'FROM=<the same address>' PRUNE=1"


class TestAPart:
    @pytest.fixture
    def project(self, small: Checkout) -> Checkout:
        """The small project with three operations, and a file made from the other contract."""
        document = contract_of(small)
        for name in ("Things", "Places"):
            entry = copy.deepcopy(document["paths"]["/api/user"]["get"])
            document["paths"][f"/api/{name.lower()}"] = {"get": {**entry, "operationId": f"list{name}"}}
        written(small.contract, document)
        other = small.generated / V2.package
        other.mkdir()
        (other / "contract.json").write_text('{"paths": {}}', encoding="utf-8")
        return small

    def test_a_page_with_one_operation(
        self, project: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ours = contract_of(project)
        part = contract_of(project)
        part["paths"] = {"/api/things": part["paths"]["/api/things"]}
        part["paths"]["/api/things"]["get"]["deprecated"] = True
        page = tmp_path / "page.md"
        page.write_text(f"# Things\n\n```yaml get /api/things\n{yaml.safe_dump(part)}```\n")
        before = checksums(project.root)
        assert run(project, page) == 1
        assert checksums(project.root) == before
        captured = capsys.readouterr()
        assert captured.out == ""
        assert f"{page} has 1 operation(s) and our contract 3: it is a part" in captured.err

        (advice,) = advised(captured.err)
        assert follow(advice, project, tmp_path) == 0
        assert (project.generated / V2.package / "contract.json").exists()
        ours["paths"]["/api/things"]["get"]["deprecated"] = True
        assert contract_of(project) == ours
        published = lock_of(project)["published"]
        assert published["title"] == "Things of others"
        assert [found["operations"] for found in published["parts"]] == [["GET /api/things"]]


def test_operations_that_no_code_can_be_made_of_are_listed(
    small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(folder: Path, contract: bytes, overlay: bytes, left_out: list[LeftOut], **_: object) -> Path:
        left_out.append(LeftOut("getMap", "GET /map", "parameters.x", "it is odd", "Wait."))
        return small.generated

    monkeypatch.setattr(tree, "make", made)
    assert run(small, written_with(small, tmp_path / "source.yaml", a_newer_version)) == 0
    assert (
        "Operations that no code can be made of (1):\n"
        "  getMap (GET /map) is left out: at parameters.x: it is odd. Wait.\n"
    ) in capsys.readouterr().out


def renamed(document: Document) -> None:
    document["paths"]["/api/user"]["get"].update(operationId="readUser", tags=["people"])


class TestARenamedOperation:
    def test_our_name_stays_and_the_report_says_what_to_do_about_it(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(small, written_with(small, tmp_path / "source.yaml", renamed)) == 0
        output = capsys.readouterr().out
        assert "GET /api/user: operationId was getUser, is readUser [cloud.whoami]" in output
        assert (
            "Renamed operations (1):\n"
            "  GET /api/user: getUser is called readUser, tag user is people [cloud.whoami]\n"
            "    Our name stays, by an action added to openapi-overlay.yaml: all works as before.\n"
            "    To take the new name, remove that action, run `make generate`, and change:\n"
            "      wrapper/comfy_cloud/_async/client.py:1: comfy_cloud_api.api.user.get_user\n"
        ) in output
        assert contract_of(small)["paths"]["/api/user"]["get"]["operationId"] == "readUser"
        overlay = small.overlay.read_text(encoding="utf-8")
        assert overlay.endswith("    update:\n      operationId: getUser\n      tags: [user]\n")
        assert overlay.count("(getUser is called readUser, tag user is people)") == 2

    def test_the_next_update_finds_nothing_new_in_it(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = written_with(small, tmp_path / "source.yaml", renamed)
        assert run(small, source) == 0
        before = checksums(small.root)
        capsys.readouterr()
        assert run(small, source) == 0
        assert "The interface is the same as ours" in capsys.readouterr().out
        assert checksums(small.root) == before


def test_the_released_table_has_the_methods_by_both_names(small: Checkout) -> None:
    published = json.loads((small.generated / V1.package / "contract.json").read_text(encoding="utf-8"))
    published["paths"]["/api/user"]["get"]["operationId"] = "readUser"
    (small.generated / V1.package / "published.json").write_text(json.dumps(published), encoding="utf-8")
    table = json.loads(api_map.made_files(small, small.generated)[small.methods])
    assert table == {"getUser": ["cloud.whoami"], "readUser": ["cloud.whoami"]}


def test_new_inputs_are_listed_with_the_lines_that_send_the_request(
    small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def with_inputs(document: Document) -> None:
        operation = document["paths"]["/api/user"]["get"]
        operation["parameters"] = [{"name": "since", "in": "query", "schema": {"type": "string"}}]
        fields = {"name": {"type": "string"}}
        schema = {"allOf": [{"type": "object", "properties": fields}]}
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}

    assert run(small, written_with(small, tmp_path / "source.yaml", with_inputs)) == 0
    assert (
        "Not in the wrapper yet:\n"
        "  GET /api/user: body field `name`, query parameter `since` [cloud.whoami]\n"
        "    wrapper/comfy_cloud/_async/client.py:7\n"
    ) in capsys.readouterr().out


def test_type_errors_of_the_client_are_lines_to_change(
    small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "wrapper/comfy_cloud/_async/client.py"
    found = {"made": [Use(path, 6, "", "was wrong"), Use(path, 7, "", "has no size")]}
    monkeypatch.setattr(tree, "make", lambda *_, **__: tmp_path / "made")
    made = tmp_path / "made"
    made.symlink_to(small.generated)
    before = [Use(path, 6, "", "was wrong")]
    monkeypatch.setattr(update_report, "type_errors", lambda _, folder: found.get(folder.name, before))
    assert run(small, written_with(small, tmp_path / "source.yaml", a_newer_version)) == 1
    assert f"(1):\n  {path}:7: has no size\n" in capsys.readouterr().out


def test_mypy_names_the_lines(tmp_path: Path) -> None:
    files = {
        "made/comfy_cloud_api/__init__.py": "",
        "made/comfy_cloud_api/models.py": "class Thing:\n    size: int = 1\n    wrong: int = ''\n",
        "root/wrapper/comfy_cloud/__init__.py": "",
        "root/wrapper/comfy_cloud/_async/__init__.py": "",
        "root/wrapper/comfy_cloud/_async/user.py": (
            "from comfy_cloud_api.models import Thing\n\nprint(Thing().size)\nprint(Thing().weight)\n"
        ),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = type_errors(Checkout(tmp_path / "root"), tmp_path / "made")
    assert [str(use) for use in found] == [
        'wrapper/comfy_cloud/_async/user.py:4: "Thing" has no attribute "weight"'
    ]
