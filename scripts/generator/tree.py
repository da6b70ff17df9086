"""The generated tree: made in a folder, compared with the one on disk, put in its place."""

from __future__ import annotations

import filecmp
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from comfy_cloud.contract._documents.keywords import interface
from comfy_cloud.contract._documents.reader import ContractError, read_contract, read_document
from comfy_cloud.contract._documents.structure import check_structure
from scripts.contract.overlay import merged
from scripts.generator.grammar import check_grammar
from scripts.generator.left_out import LeftOut, marked, without_left_out
from scripts.generator.proof import prove
from scripts.generator.response_table import table_text
from scripts.generator.stock_generator import TEMPLATES, check_stock_templates, run_generator
from scripts.project.checkout import ROOT, V1, V2, ContractNames

README = Path(__file__).with_name("readme.md")
BANNER = "# Made from {contract} and {overlay} by `make generate`. Do not edit.\n"


def make(
    folder: Path,
    contract: bytes,
    overlay: bytes,
    left_out: list[LeftOut] | None = None,
    *,
    names: ContractNames = V1,
) -> Path:
    """Generate a tree below `folder`, or add to the one there; return it, formatted and proved.

    Operations that no code can be made of are added to `left_out`, or printed on stderr without it.
    Raises ContractError when no client can be made of the contract. Nothing of the tree is run.
    """
    published = read_contract(contract, "the contract")
    document = merged(published, read_document(overlay, "the overlay"))
    tree = folder / "tree"
    found: list[LeftOut] = []
    package = make_package(document, tree, found, names=names)
    if left_out is not None:
        left_out += found
    else:
        for each in found:
            print(f"warning: {each}", file=sys.stderr)
    # An installed release compares servers and newer contracts with these. Descriptions stay in the
    # merged one only to make it readable. A server also has the operations that are left out:
    # they are checked, and a mark says that there is no module to call them with.
    (package / "contract.json").write_text(_json_text(marked(document, found)), encoding="utf-8")
    (package / "published.json").write_text(_json_text(interface(published)), encoding="utf-8")
    shutil.copyfile(README, tree / "README.md")
    return tree


def make_package(
    document: dict[str, Any], tree: Path, left_out: list[LeftOut] | None = None, *, names: ContractNames = V1
) -> Path:
    """Generate the Python package of a merged contract below `tree`, formatted and proved.

    Operations that no code can be made of are added to `left_out`. Raises ContractError when no
    client can be made of the contract. Nothing of the package is run.
    """
    check_stock_templates()
    package = tree / names.package
    try:
        check_structure(document)
        check_grammar(document)
        found = run_generator(document, package)
        table = table_text(without_left_out(document, found))
    except RecursionError:
        raise ContractError("The contract is nested too deeply, or a part of it contains itself") from None
    if left_out is not None:
        left_out += found
    (package / "py.typed").write_text("", encoding="utf-8")
    (package / "responses.py").write_text(table, encoding="utf-8")
    format_tree(package)
    banner = BANNER.format(contract=names.contract, overlay=names.overlay)
    for path in sorted(package.rglob("*.py")):
        path.write_text(banner + path.read_text(encoding="utf-8"), encoding="utf-8")
    prove(package, TEMPLATES)
    return package


def _json_text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def format_tree(tree: Path) -> None:
    """Drop unused imports, sort the rest, and format, all by the project's own rules."""
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    rules = ["--select", "F401,I", "--unsafe-fixes", "--fix-only"]
    for command in (["check", *config, *rules, str(tree)], ["format", *config, str(tree)]):
        done = subprocess.run([*ruff, *command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ContractError(
                f"ruff {command[0]} failed on the generated code:\n{(done.stderr or done.stdout).strip()}"
            )


def replace_tree(made: Path, target: Path) -> None:
    """Put the new tree in place of the old one, which stays whole until the new one is copied.

    A package of another contract, which the new tree does not have, stays.
    """
    fresh, old = target.with_name(target.name + ".new"), target.with_name(target.name + ".old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(made, fresh)
    for package in (V1.package, V2.package):
        if (target / package).exists() and not (fresh / package).exists():
            shutil.copytree(target / package, fresh / package)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def tree_differences(made: Path, there: Path) -> list[str]:
    """One line per file that is missing, left over, or different."""
    names = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    found = {
        path.relative_to(there).as_posix()
        for path in there.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    lines = [f"{name}: missing" for name in sorted(names - found)]
    lines += [f"{name}: left over" for name in sorted(found - names)]
    lines += [
        f"{name}: differs"
        for name in sorted(names & found)
        if not filecmp.cmp(made / name, there / name, shallow=False)
    ]
    return lines
