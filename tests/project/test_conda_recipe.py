"""packaging/conda/recipe.yaml is for this version, and asks for what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

import yaml

from comfy_cloud import __version__
from scripts.project.checkout import ROOT

RECIPE = yaml.safe_load((ROOT / "packaging/conda/recipe.yaml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]

# What conda calls otherwise, and what is left out: `jq` is the program there.
CONDA_NAMES = {"duckdb": "python-duckdb", "redis": "redis-py"}
LEFT_OUT = {"jq"}


def as_conda(requirement: str) -> str:
    """The requirement of a wheel in conda's form."""
    found = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(.*)", requirement)
    assert found is not None
    return f"{CONDA_NAMES.get(found[1], found[1])} {found[2]}"


def test_the_version_is_that_of_the_package() -> None:
    assert RECIPE["context"]["version"] == __version__
    assert RECIPE["package"] == {"name": PROJECT["project"]["name"], "version": "${{ version }}"}


def test_it_needs_what_the_library_and_the_command_need() -> None:
    needed = [*PROJECT["project"]["dependencies"], *EXTRAS["cli"]]
    python = f"python {PROJECT['project']['requires-python']}"
    assert sorted(RECIPE["requirements"]["run"]) == sorted([python, *map(as_conda, needed)])


def test_it_bounds_what_the_other_extras_need() -> None:
    others = {
        as_conda(each)
        for name, requirements in EXTRAS.items()
        for each in requirements
        if name not in ("cli", "all") and re.split(r"[^\w-]", each)[0] not in LEFT_OUT
    }
    assert sorted(RECIPE["requirements"]["run_constraints"]) == sorted(
        others - set(RECIPE["requirements"]["run"])
    )


def test_it_is_built_and_tested_as_the_wheel_is() -> None:
    assert RECIPE["requirements"]["host"][2:] == list(map(as_conda, PROJECT["build-system"]["requires"]))
    scripts = [f"{name} = {target}" for name, target in PROJECT["project"]["scripts"].items()]
    assert RECIPE["build"]["python"]["entry_points"] == scripts
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    imported = [path.rpartition("/")[2] for path in packages]
    assert sorted(RECIPE["tests"][0]["python"]["imports"]) == sorted(imported)


def test_its_files_exist() -> None:
    about = RECIPE["about"]
    assert about["license_file"] == PROJECT["project"]["license-files"]
    assert about["license"] == PROJECT["project"]["license"]
    assert all((ROOT / name).is_file() for name in about["license_file"])
    assert (ROOT / "packaging/conda" / RECIPE["source"]["path"]).resolve() == ROOT
