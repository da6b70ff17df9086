"""The contract of API v2 is valid, has a provenance, and is one of those that code is made from."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import read_contract, read_document
from scripts import generate, unasync, update_spec
from scripts.contract import update_report
from scripts.contract.overlay import merged
from scripts.generator import tree
from scripts.generator.lock import Provenance, read_provenance
from scripts.project.checkout import ROOT, V1, V2, Checkout, ContractNames
from scripts.proof import tree_proof

from ..copies import checksums
from ..small import FILES, small_project
from ..without_types import WithoutTypes

OURS = Checkout(names=V2)
PUBLISHED = {
    "POST /api/v2/assets",
    "POST /api/v2/assets/from-hash",
    "HEAD /api/v2/assets/by-hash/{hash}",
    "GET /api/v2/assets/{id}",
    "DELETE /api/v2/assets/{id}",
    "GET /api/v2/assets/{id}/content",
    "POST /api/v2/jobs",
    "GET /api/v2/jobs/{id}",
    "GET /api/v2/jobs/{id}/workflow",
    "GET /api/v2/jobs/{id}/events",
    "POST /api/v2/jobs/{id}/cancel",
}


def test_it_is_valid_and_has_the_operations_that_were_published() -> None:
    contract = read_contract(OURS.contract.read_bytes(), "contract")
    validate(contract)
    assert {operation.http for operation in operations_of(contract)} == PUBLISHED


def test_the_overlay_adds_the_list_of_jobs_and_names_the_cloud_as_the_server() -> None:
    contract = read_contract(OURS.contract.read_bytes(), "contract")
    document = merged(contract, read_document(OURS.overlay.read_bytes(), "overlay"))
    validate(document)
    assert {operation.http for operation in operations_of(document)} == PUBLISHED | {"GET /api/v2/jobs"}
    assert [server["url"] for server in document["servers"]] == ["https://cloud.comfy.org"]


def test_the_lock_names_the_file_of_august_2026() -> None:
    """The facts of the published file; the file itself is not kept here."""
    assert read_provenance(OURS.lock) == Provenance(
        title="Comfy API v2",
        version="2.0.0",
        date=date(2026, 8, 13),
        sha256="970d7a0b5b6a9c0c36422811e7b189fab5f610c68a01f8ef5939fa007aa5d5ef",
    )
    assert hashlib.sha256(OURS.contract.read_bytes()).hexdigest() in OURS.lock.read_text(encoding="utf-8")
    assert V2.contract in OURS.lock.read_text(encoding="utf-8")


def test_each_module_names_the_files_that_it_is_made_from() -> None:
    for names in (V1, V2):
        modules = list((ROOT / "generated" / names.package).rglob("*.py"))
        assert len(modules) > 40
        banner = f"# Made from {names.contract} and {names.overlay} by `make generate`. Do not edit.\n"
        assert all(path.read_text(encoding="utf-8").startswith(banner) for path in modules)


def _leave_out_what_takes_long(patch: pytest.MonkeyPatch) -> None:
    """The sync client, the formatting and mypy, which change nothing that is asked here."""
    patch.setattr(unasync, "made_files", lambda _: {})
    patch.setattr(tree, "format_tree", lambda _: None)
    patch.setattr(tree_proof, "_Types", WithoutTypes)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small project with two contracts, and the code made from them."""
    checkout = small_project(tmp_path_factory.mktemp("both") / "project")
    for one, other in zip(
        (V1.contract, V1.overlay, V1.lock), (V2.contract, V2.overlay, V2.lock), strict=True
    ):
        text = FILES[one].replace("/api/user", "/api/v2/user")
        (checkout.root / other).write_text(text, encoding="utf-8")
    for names in (V1, V2):
        with (checkout.root / names.contract).open("a", encoding="utf-8") as file:
            file.write("servers: [{url: https://things.test}]\n")
    with pytest.MonkeyPatch.context() as patch:
        _leave_out_what_takes_long(patch)
        assert generate.main([], checkout) == 0
    return checkout.root


@pytest.fixture
def both(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A copy of that project. It has no sync client."""
    _leave_out_what_takes_long(monkeypatch)
    monkeypatch.setattr(update_report, "type_errors", lambda *_: [])
    return Checkout(Path(shutil.copytree(made, tmp_path / "project")))


def test_both_contracts_are_generated_and_checked(both: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    assert {path.name for path in both.generated.iterdir()} == {V1.package, V2.package, "README.md"}
    for names, path in ((V1, "/api/user"), (V2, "/api/v2/user")):
        module = both.generated / names.package / "api" / "user" / "get_user.py"
        assert repr(path) in module.read_text(encoding="utf-8")  # as it is before formatting
    assert generate.main(["--check"], both) == 0
    with (both.root / V2.contract).open("a", encoding="utf-8") as file:
        file.write("# a comment\n")
    (both.generated / V2.package / "client.py").unlink()
    assert generate.main(["--check"], both) == 1
    problems = capsys.readouterr().err
    assert f"{V2.lock}: does not describe these sources" in problems
    assert f"generated/{V2.package}/client.py: missing" in problems
    assert V1.lock not in problems


@pytest.mark.slow
def test_replacing_one_package_leaves_the_other(both: Checkout, tmp_path: Path) -> None:
    kept = checksums(both.generated / V2.package)
    made = tree.make(tmp_path, both.contract.read_bytes(), both.overlay.read_bytes())
    assert not (made / V2.package).exists()
    tree.replace_tree(made, both.generated)
    assert checksums(both.generated / V2.package) == kept


def _with_a_new_operation(both: Checkout, folder: Path, names: ContractNames) -> Path:
    """A file with the whole of one contract, and an operation beside the one that it has."""
    one = Checkout(both.root, names)
    document = read_contract(one.contract.read_bytes(), "contract")
    ((path, entry),) = document["paths"].items()
    document["paths"][f"{path}s"] = {"get": {**entry["get"], "operationId": "listUsers"}}
    document["paths"][f"{path}/unrelated"] = {"get": {**entry["get"], "operationId": "getUnrelated"}}
    file = folder / "published.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "names", [pytest.param(V1, id="v1"), pytest.param(V2, id="v2", marks=pytest.mark.slow)]
)
def test_an_update_knows_which_contract_a_document_is_a_version_of(
    names: ContractNames, both: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = V1 if names == V2 else V2
    newer = _with_a_new_operation(both, tmp_path, names)
    kept = {
        path: content
        for path, content in checksums(both.root).items()
        if path.startswith(f"generated/{other.package}/")
        or path.rpartition("/")[2] in (other.contract, other.overlay, other.lock, other.methods)
    }
    assert update_spec.main([str(newer), "--yes", "--no-tests"], both) == 0
    report = capsys.readouterr().out
    assert f"From {names.contract} to " in report
    assert f"from {names.package}.api.user import list_users" in report
    assert (both.generated / names.package / "api" / "user" / "list_users.py").is_file()
    assert '"listUsers": []' in Checkout(both.root, names).methods.read_text(encoding="utf-8")
    assert f"`{names.package}.api`" in both.api_map.read_text(encoding="utf-8")
    after = checksums(both.root)
    assert kept
    assert {path: after[path] for path in kept} == kept
    assert generate.main(["--check"], both) == 0


@pytest.mark.slow
def test_the_contract_to_update_can_be_chosen(
    both: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = _with_a_new_operation(both, tmp_path, V1)
    assert update_spec.main([str(newer), "--contract", "v2", "--no-tests"], both) == 1
    output = capsys.readouterr()
    assert f"From {V2.contract} to " in output.out
    assert "CONTRACT=v2" in output.err  # also in the command that it advises

    (both.root / V2.contract).unlink()
    assert update_spec.main([str(newer), "--contract", "v2", "--no-tests"], both) == 1
    assert f"{V2.contract} is missing, so there is no contract v2 to update" in capsys.readouterr().err
