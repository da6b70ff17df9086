from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from comfy_cloud.contract._documents.reader import ContractError
from scripts import generate
from scripts.contract_files import Checkout

from .copies import contract_of, copied, overlay_of, prints


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree made from the contract and overlay of the project."""
    checkout = Checkout()
    folder = tmp_path_factory.mktemp("first")
    return generate.make(folder, checkout.contract.read_bytes(), checkout.overlay.read_bytes())


@pytest.fixture
def remade(checkout: Checkout, first: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A copy of the project whose `generated/` is in order; making it again hands out the same tree, to save time."""
    shutil.rmtree(checkout.generated)
    shutil.copytree(first, checkout.generated)
    checkout.lock.write_text(
        generate.lock_text(checkout.contract.read_bytes(), checkout.overlay.read_bytes())
    )
    monkeypatch.setattr(generate, "make", lambda *_: first)
    return checkout


def test_the_same_input_makes_the_same_bytes(first: Path, tmp_path: Path) -> None:
    checkout = copied(tmp_path / "elsewhere" / "project")
    folder = tmp_path / "made"
    folder.mkdir()
    second = generate.make(folder, checkout.contract.read_bytes(), checkout.overlay.read_bytes())
    assert prints(second) == prints(first)
    assert str(tmp_path) not in "".join(path.read_text(encoding="utf-8") for path in second.rglob("*.py"))


def test_every_made_module_says_that_it_is_made(first: Path) -> None:
    modules = list(first.rglob("*.py"))
    assert len(modules) > 100
    assert all(path.read_text(encoding="utf-8").startswith(generate.BANNER) for path in modules)
    assert (first / "comfy_cloud_api" / "py.typed").exists()


def test_writing_replaces_the_tree_and_the_lock(remade: Checkout, first: Path) -> None:
    (remade.generated / "left_over.py").write_text("", encoding="utf-8")
    remade.lock.unlink()
    assert generate.main([], remade) == 0
    assert prints(remade.generated) == prints(first)
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
    before = prints(remade.root)
    assert generate.main(["--check"], remade) == 1
    problems = capsys.readouterr().err
    assert "generated/comfy_cloud_api/extra.py: left over" in problems
    assert "generated/comfy_cloud_api/errors.py: missing" in problems
    assert "generated/comfy_cloud_api/client.py: differs" in problems
    assert "run `make generate`" in problems
    assert prints(remade.root) == before


@pytest.mark.parametrize("name", ["openapi-cloud.yaml", "openapi-overlay.yaml"])
def test_check_finds_sources_that_are_newer_than_the_lock(
    remade: Checkout, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (remade.root / name).open("a", encoding="utf-8") as file:
        file.write("# another comment\n")
    assert generate.main(["--check"], remade) == 1
    assert "openapi.lock.toml: does not describe these sources" in capsys.readouterr().err


def test_other_stock_templates_than_ours_were_written_against_are_refused(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "STOCK_TEMPLATES", "0" * 64)
    before = prints(checkout.root)
    assert generate.main([], checkout) == 1
    assert "has other stock templates" in capsys.readouterr().err
    assert prints(checkout.root) == before


def test_an_overlay_action_without_a_match_fails_and_changes_nothing(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = overlay_of(checkout)
    overlay["actions"].append({"target": "$.paths['/gone']", "description": "Gone.", "update": {"x-a": 1}})
    checkout.overlay.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    before = prints(checkout.root)
    assert generate.main([], checkout) == 1
    assert "$.paths['/gone']  (Gone.)" in capsys.readouterr().err
    assert prints(checkout.root) == before


def test_what_the_generator_warns_of_is_an_error(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = contract_of(checkout)
    # A success of a media type that the generator does not know: it would leave the answer out, with a warning.
    contract["paths"]["/api/user"]["get"]["responses"]["200"]["content"] = {
        "video/unheard-of": {"schema": {"type": "object"}}
    }
    checkout.contract.write_text(yaml.safe_dump(contract), encoding="utf-8")
    before = prints(checkout.root)
    assert generate.main([], checkout) == 1
    assert "openapi-python-client reports" in capsys.readouterr().err
    assert prints(checkout.root) == before


def test_what_the_generator_cannot_read_is_an_error(tmp_path: Path) -> None:
    checkout = Checkout()
    with pytest.raises(ContractError, match="openapi-python-client cannot read the contract"):
        generate.run_generator({"openapi": "3.0.3", "paths": 5}, tmp_path / "merged.yaml", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert checkout.contract.exists()


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
            generate.replace_tree(made, target)
    assert (target / "a.txt").read_text(encoding="utf-8") == "old"
    generate.replace_tree(made, target)
    assert prints(target) == prints(made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generated", "made"]
