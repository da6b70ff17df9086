from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_python_client import Project
from openapi_python_client.parser.errors import GeneratorError

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import ContractError
from scripts import generate
from scripts.generator import stock_generator, tree
from scripts.generator.left_out import LeftOut
from scripts.project.checkout import Checkout

from .copies import checksums, copied, overlay_of
from .small import small_project


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree made from the contract and overlay of the project."""
    checkout = Checkout()
    folder = tmp_path_factory.mktemp("first")
    return tree.make(folder, checkout.contract.read_bytes(), checkout.overlay.read_bytes())


@pytest.fixture
def remade(tmp_path: Path, first: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A copy of the project with an up-to-date `generated/`; making it again gives that tree."""
    checkout = copied(tmp_path / "project", ())
    shutil.copytree(first, checkout.generated)
    monkeypatch.setattr(tree, "make", lambda *_, **__: first)
    monkeypatch.setattr(generate, "prove_made", lambda *_: "")
    return checkout


@pytest.fixture
def one(tmp_path: Path) -> Checkout:
    """A project of one operation."""
    checkout = small_project(tmp_path / "one")
    with checkout.contract.open("a", encoding="utf-8") as file:
        file.write("servers: [{url: https://things.test}]\n")
    return checkout


def test_the_same_input_makes_the_same_bytes(first: Path, tmp_path: Path) -> None:
    checkout = copied(tmp_path / "elsewhere" / "project", ())
    folder = tmp_path / "made"
    folder.mkdir()
    second = tree.make(folder, checkout.contract.read_bytes(), checkout.overlay.read_bytes())
    assert checksums(second) == checksums(first)
    assert str(tmp_path) not in "".join(path.read_text(encoding="utf-8") for path in second.rglob("*.py"))


def test_every_made_module_says_that_it_is_made(first: Path) -> None:
    modules = list(first.rglob("*.py"))
    assert len(modules) > 100
    banner = "# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.\n"
    assert all(path.read_text(encoding="utf-8").startswith(banner) for path in modules)
    assert (first / "comfy_cloud_api" / "py.typed").exists()


def test_writing_replaces_the_tree_and_the_lock(remade: Checkout, first: Path) -> None:
    (remade.generated / "left_over.py").write_text("", encoding="utf-8")
    before = remade.lock.read_bytes()
    with remade.lock.open("a", encoding="utf-8") as file:
        file.write("[more]\n")
    assert generate.main([], remade) == 0
    assert remade.lock.read_bytes() == before
    assert checksums(remade.generated) == checksums(first)
    assert generate.main(["--check"], remade) == 0
    assert not list(remade.root.glob("generated.*"))


def test_check_accepts_caches(remade: Checkout) -> None:
    cache = remade.generated / "comfy_cloud_api" / "__pycache__"
    cache.mkdir()
    (cache / "types.pyc").write_bytes(b"")
    assert generate.main(["--check"], remade) == 0


def test_check_finds_what_is_left_over_missing_and_different(
    remade: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    package = remade.generated / "comfy_cloud_api"
    (package / "extra.py").write_text("", encoding="utf-8")
    (package / "errors.py").unlink()
    with (package / "client.py").open("a", encoding="utf-8") as file:
        file.write("# by hand\n")
    before = checksums(remade.root)
    assert generate.main(["--check"], remade) == 1
    problems = capsys.readouterr().err
    assert "generated/comfy_cloud_api/extra.py: left over" in problems
    assert "generated/comfy_cloud_api/errors.py: missing" in problems
    assert "generated/comfy_cloud_api/client.py: differs" in problems
    assert "run `make generate`" in problems
    assert checksums(remade.root) == before


@pytest.mark.parametrize("name", ["openapi-cloud.yaml", "openapi-overlay.yaml"])
def test_check_finds_sources_that_are_newer_than_the_lock(
    remade: Checkout, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (remade.root / name).open("a", encoding="utf-8") as file:
        file.write("# another comment\n")
    assert generate.main(["--check"], remade) == 1
    assert "openapi.lock.toml: does not describe these sources" in capsys.readouterr().err


def test_other_stock_templates_than_ours_were_written_against_are_refused(
    one: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stock_generator, "STOCK_TEMPLATES", "0" * 64)
    before = checksums(one.root)
    assert generate.main([], one) == 1
    assert "has other stock templates" in capsys.readouterr().err
    assert checksums(one.root) == before


def test_an_overlay_action_without_a_match_fails_and_changes_nothing(
    one: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = overlay_of(one)
    overlay["actions"].append({"target": "$.paths['/gone']", "description": "Gone.", "update": {"x-a": 1}})
    one.overlay.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    before = checksums(one.root)
    assert generate.main([], one) == 1
    assert "$.paths['/gone']  (Gone.)" in capsys.readouterr().err
    assert checksums(one.root) == before


def test_a_warning_of_the_generator_is_an_error(
    one: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    warning = GeneratorError(header="WARNING parsing GET /api/user", detail="Endpoint will not be generated.")
    monkeypatch.setattr(Project, "_get_errors", lambda _: [warning])
    before = checksums(one.root)
    assert generate.main([], one) == 1
    assert "openapi-python-client reports 1 problem(s)" in capsys.readouterr().err
    assert checksums(one.root) == before


def test_a_contract_that_the_generator_cannot_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="openapi-python-client cannot read the contract"):
        stock_generator.run_generator({"openapi": "3.0.3", "paths": {"/a": {"get": {}}}}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_operation_that_no_code_can_be_made_of_is_left_out_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its place, the reason and what to do are printed; everything else is generated."""
    contract = """
        openapi: 3.0.3
        info: {title: Two, version: 1.0.0}
        servers: [{url: 'https://two.test'}]
        paths:
          /fine: {get: {operationId: getFine, responses: {'204': {description: done}}}}
          /odd:
            get:
              operationId: getOdd
              parameters: [{name: X-A, in: header, style: form, schema: {type: string}}]
              responses: {'204': {description: done}}
    """
    made = tree.make(tmp_path, contract.encode(), b"overlay: 1.0.0\nactions: []\n")
    folder = made / "comfy_cloud_api" / "api"
    assert [path.stem for path in folder.rglob("get_*.py")] == ["get_fine"]
    assert capsys.readouterr().err == (
        "warning: getOdd (GET /odd) is left out: at parameters.X-A: a parameter in the header cannot have "
        "the style form. Give it one of simple by an overlay action.\n"
    )


def test_an_operation_that_is_left_out_is_marked_in_the_contract_and_has_no_responses(
    tmp_path: Path,
) -> None:
    """No other operation keeps a mark, whatever the contract says of it."""
    contract = """
        openapi: 3.0.3
        info: {title: Two, version: 1.0.0}
        servers: [{url: 'https://two.test'}]
        paths:
          /fine:
            get: {operationId: getFine, x-left-out: a lie, responses: {'204': {description: done}}}
          /odd:
            parameters: [{name: X-A, in: header, style: form, schema: {type: string}}]
            get:
              operationId: getOdd
              responses:
                '200':
                  description: done
                  content: {application/json: {schema: {$ref: '#/components/schemas/Odd'}}}
            post:
              operationId: postOdd
              parameters: [{name: X-A, in: header, schema: {type: string}}]
              responses: {'204': {description: done}}
        components: {schemas: {Odd: {type: object, properties: {a: {type: string}}}}}
    """
    left_out: list[LeftOut] = []
    made = tree.make(tmp_path, contract.encode(), b"overlay: 1.0.0\nactions: []\n", left_out)
    package = made / "comfy_cloud_api"
    assert [each.http for each in left_out] == ["GET /odd"]
    operations = operations_of(json.loads((package / "contract.json").read_bytes()))
    assert {op.http: op.left_out for op in operations} == {
        "GET /fine": None,
        "GET /odd": "at parameters.X-A: a parameter in the header cannot have the style form",
        "POST /odd": None,
    }
    table: dict[str, Any] = {}
    exec((package / "responses.py").read_text(encoding="utf-8"), table)
    assert list(table["RESPONSES"]) == ["getFine", "postOdd"]
    assert table["SCHEMAS"] == {}


def test_the_old_tree_stays_whole_until_the_new_one_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, target = tmp_path / "made", tmp_path / "generated"
    for folder, text in ((made, "new"), (target, "old")):
        folder.mkdir()
        (folder / "a.txt").write_text(text, encoding="utf-8")

    def broken(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copytree", broken)
        with pytest.raises(OSError, match="no space"):
            tree.replace_tree(made, target)
    assert (target / "a.txt").read_text(encoding="utf-8") == "old"
    tree.replace_tree(made, target)
    assert checksums(target) == checksums(made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generated", "made"]
