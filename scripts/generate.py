"""Make `generated/` from the contract and its overlay: `python -m scripts.generate [--check]`.

contract + overlay -> merged document -> openapi-python-client with our templates -> formatted -> `generated/`. The same
input gives the same bytes. `--check` makes everything in a temporary folder and compares whole trees in both directions.
A warning of the generator is an error, and so are stock templates other than the ones that ours were written against.
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import openapi_python_client
import tomli_w
import yaml
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData

from comfy_cloud.contract._documents.keywords import interface
from comfy_cloud.contract._documents.reader import ContractError, read_contract, read_document
from scripts.answer_table import table_text
from scripts.contract_files import ROOT, Checkout, merged
from scripts.shapes import Shapes

PACKAGE = "comfy_cloud_api"
TEMPLATES = ROOT / "scripts" / "templates"
SETTINGS = ROOT / "scripts" / "generator.yaml"
README = ROOT / "scripts" / "generated-readme.md"
GENERATOR = "openapi-python-client"
# Our templates replace stock ones and rely on the variables that those are given. This is the sha256 of the stock ones.
STOCK_TEMPLATES = "40a8173f12d052edcb0ca64e24c0ada9ec018940914d7a330a6e2db519647d39"

BANNER = "# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.\n"


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Generate, or with --check compare; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    check = parser.parse_args(arguments).check
    checkout = checkout or Checkout()
    try:
        return check_all(checkout) if check else write_all(checkout)
    except ContractError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def write_all(checkout: Checkout) -> int:
    """Write `generated/` and the lock file; on an error nothing is changed."""
    contract, overlay = checkout.contract.read_bytes(), checkout.overlay.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder), contract, overlay)
        replace_tree(made, checkout.generated)
    checkout.lock.write_text(lock_text(contract, overlay), encoding="utf-8")
    print(f"generated/ is made from {checkout.contract.name} and {checkout.overlay.name}")
    return 0


def check_all(checkout: Checkout) -> int:
    """Compare `generated/` and the lock file with what the sources make; 1 with the differences listed."""
    contract, overlay = checkout.contract.read_bytes(), checkout.overlay.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder), contract, overlay)
        differences = [f"generated/{line}" for line in tree_differences(made, checkout.generated)]
    lock = checkout.lock
    if not lock.exists() or lock.read_text(encoding="utf-8") != lock_text(contract, overlay):
        differences.append(f"{lock.name}: does not describe these sources")
    for line in differences:
        print(line, file=sys.stderr)
    if differences:
        print("error: generated/ is not what the sources make; run `make generate`", file=sys.stderr)
    return 1 if differences else 0


def make(folder: Path, contract: bytes, overlay: bytes) -> Path:
    """Generate from the two texts into a new tree below `folder` and return it, formatted and complete."""
    check_generator()
    published = read_contract(contract, "the contract")
    document = merged(published, read_document(overlay, "the overlay"))
    source = folder / "merged.yaml"
    source.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    tree = folder / "tree"
    run_generator(document, source, tree / PACKAGE)
    (tree / PACKAGE / "py.typed").write_text("", encoding="utf-8")
    (tree / PACKAGE / "answers.py").write_text(table_text(document), encoding="utf-8")
    # What an installed release compares contracts and answers with; words matter to neither, but make the merged one readable.
    (tree / PACKAGE / "contract.json").write_text(_json_text(document), encoding="utf-8")
    (tree / PACKAGE / "published.json").write_text(_json_text(interface(published)), encoding="utf-8")
    shutil.copyfile(README, tree / "README.md")
    format_tree(tree)
    for path in sorted(tree.rglob("*.py")):
        path.write_text(BANNER + path.read_text(encoding="utf-8"), encoding="utf-8")
    return tree


def _json_text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def run_generator(document: dict[str, Any], source: Path, target: Path) -> None:
    """Run openapi-python-client with our settings, templates and filters; raise when it has anything to report."""
    config = Config.from_sources(
        ConfigFile.load_from_path(SETTINGS), MetaType.NONE, source, "utf-8", True, target
    )
    data = GeneratorData.from_dict(document, config=config)
    if not isinstance(data, GeneratorData):
        raise ContractError(f"{GENERATOR} cannot read the contract: {data.header} {data.detail}")
    shapes = Shapes(document)
    data.models = [model for model in data.models if not shapes.is_plain_object(model)]
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    project.env.filters.update(shapes.filters())
    project.env.globals["openapi_server"] = document["servers"][0]["url"]
    target.parent.mkdir(parents=True, exist_ok=True)
    print_was, openapi_python_client.print = getattr(openapi_python_client, "print", print), lambda *_: None  # type: ignore[attr-defined]
    try:
        problems = project.build()
    finally:
        openapi_python_client.print = print_was  # type: ignore[attr-defined]
    if problems:
        listed = "\n".join(f"  {problem.header}: {problem.detail}" for problem in problems)
        raise ContractError(f"{GENERATOR} reports {len(problems)} problem(s):\n{listed}")


def check_generator() -> None:
    """Raise when the installed generator is not the one that our templates were written for."""
    found = stock_templates_sha256()
    if found != STOCK_TEMPLATES:
        raise ContractError(
            f"{GENERATOR} {importlib.metadata.version(GENERATOR)} has other stock templates (sha256 {found}) than ours "
            "were written against. Compare their variables with scripts/templates, then record the new sum in "
            "scripts/generate.py."
        )


def stock_templates_sha256() -> str:
    """One sum over the names and contents of the templates that the generator ships."""
    folder = Path(openapi_python_client.__file__).parent / "templates"
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.jinja"), key=lambda path: path.relative_to(folder).as_posix()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def format_tree(tree: Path) -> None:
    """Drop unused imports, sort the rest, and format: always by the rules of the project, wherever the tree is."""
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet"]
    rules = ["--select", "F401,I", "--unsafe-fixes", "--fix-only"]
    for command in (["check", *config, *rules, str(tree)], ["format", *config, str(tree)]):
        done = subprocess.run([*ruff, *command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ContractError(
                f"ruff {command[0]} failed on the generated code:\n{done.stderr or done.stdout}"
            )


def lock_text(contract: bytes, overlay: bytes) -> str:
    """What `generated/` is made from, as TOML."""
    version = read_contract(contract, "the contract")["info"]["version"]
    return "# Written by `make generate`: what generated/ was made from.\n" + tomli_w.dumps(
        {
            "contract": {"version": version, "sha256": hashlib.sha256(contract).hexdigest()},
            "overlay": {"sha256": hashlib.sha256(overlay).hexdigest()},
            "generator": {"name": GENERATOR, "version": importlib.metadata.version(GENERATOR)},
        }
    )


def replace_tree(made: Path, target: Path) -> None:
    """Put the new tree in the place of the old one, which stays whole until the new one is ready."""
    fresh, old = target.with_name(target.name + ".new"), target.with_name(target.name + ".old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(made, fresh)
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
        f"{n}: differs" for n in sorted(names & found) if not filecmp.cmp(made / n, there / n, shallow=False)
    ]
    return lines


if __name__ == "__main__":
    sys.exit(main())
