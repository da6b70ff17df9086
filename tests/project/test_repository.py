"""What surrounds the code says what is so: make targets, workflows, hooks, locks, the version."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import comfy_cloud
from tests.costs import LIST

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOWS = ROOT / ".github/workflows"
ENGINES_ONLY = {"postgres", "delta", "dlt"}
LOCKS = ["audit", "cookbook", "demo", "dev", "docs", "engines", "lowest", "publish"]
TARGET = re.compile(r"^([a-z][a-z-]*):(.*)$", re.MULTILINE)


def document(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def targets() -> dict[str, str]:
    """Each target that has a name, and the rest of its line: what it depends on, and its help."""
    return {match[1]: match[2] for match in TARGET.finditer(MAKEFILE)}


def made_by(text: str) -> set[str]:
    """The targets of all calls of make in a text: `make test check FROM=<a file>` has two."""
    calls = re.findall(r"\bmake((?: [A-Za-z][\w=:/.-]*)+)", re.sub(r"<[^>\n]*>", "", text))
    return {word for call in calls for word in call.split() if re.fullmatch(r"[a-z][a-z-]*", word)}


# The Makefile


def test_each_target_is_phony_and_has_help() -> None:
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)).split())
    assert phony == set(targets())
    assert [name for name, line in targets().items() if "  ## " not in line] == []


def test_help_lists_each_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  ([a-z-]+) ", shown, re.MULTILINE) == list(targets())


def test_each_module_that_a_target_runs_exists() -> None:
    modules = set(re.findall(r"\$\(PY\) -m ([\w.]+)", MAKEFILE))
    ours = {name for name in modules if name.partition(".")[0] in ("benchmarks", "scripts", "tests")}
    assert len(ours) > 5
    assert [name for name in sorted(ours) if find_spec(name) is None] == []
    assert modules - ours - locked("dev").keys() == set()


def test_what_the_lowest_run_leaves_out_exists() -> None:
    found = re.search(r"^NOT_LOWEST := (.*)$", MAKEFILE, re.MULTILINE)
    assert found
    assert [path for path in found[1].split() if not (ROOT / path).exists()] == []


def test_check_has_all_that_the_hooks_have() -> None:
    line = targets()["check"].partition("##")[0].split()
    assert {"format-check", "lint", "types", "drift", "test", "test-slow"} == set(line)


def test_each_test_is_run_by_check_once() -> None:
    """`make test` leaves out what `make test-slow` runs."""
    selected = re.findall(r"-m pytest -q -n \$\(WORKERS\) -m (\".*?\"|\S+)(.*)$", MAKEFILE, re.MULTILINE)
    assert selected == [('"not slow"', ""), ("slow", "")]


def test_the_list_of_slow_tests_names_tests_that_exist() -> None:
    listed = LIST.read_text(encoding="utf-8").splitlines()
    assert listed == sorted(set(listed))
    assert len(listed) > 100
    gone = []
    for name in listed:
        path, *names = name.split("::")
        text = text_of(ROOT / path) if (ROOT / path).exists() else ""
        # runTest is a method of hypothesis's state machines.
        if not all(re.search(rf"\b{each}\b", text) for each in names if each != "runTest"):
            gone.append(name)
    assert gone == []


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page",
    sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]),
)
def test_a_page_names_only_targets_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"`([^`\n]+)`", text) + re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    assert made_by(re.sub(r"\s#.*", "", code)) - targets().keys() == set()


def test_continuous_integration_runs_what_a_contributor_runs() -> None:
    assert made_by((ROOT / ".ci/run").read_text(encoding="utf-8")) == {"test", "check", "demo"}


def test_each_hook_is_a_make_target() -> None:
    (repository,) = document(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["entry"] == f"make {hook['id']}"
        assert hook["id"] in targets()


# Workflows


def steps(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of the job, and the step."""
    for name, job in document(path)["jobs"].items():
        for step in job.get("steps", []):
            yield name, step


def test_every_system_and_every_python_runs_the_checks() -> None:
    job = document(WORKFLOWS / "ci.yml")["jobs"]["checks"]
    matrix = job["strategy"]["matrix"]
    assert set(matrix["os"]) == {"ubuntu", "macos", "windows"}
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    # A newer Python may be tried before the package claims to work with it.
    assert matrix["python"][: len(named)] == named
    assert PROJECT["project"]["requires-python"] == f">={named[0]}"
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]


@pytest.mark.parametrize("name", sorted(path.name for path in WORKFLOWS.iterdir()))
def test_a_workflow_runs_only_what_is_pinned_and_known(name: str) -> None:
    for job, step in steps(WORKFLOWS / name):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), (job, step)
        else:
            assert made_by(step["run"]) <= targets().keys(), (job, step)
    text = (WORKFLOWS / name).read_text(encoding="utf-8")
    assert "secrets." not in text
    assert all("#" in line for line in text.splitlines() if "@" in line and "uses:" in line)
    assert document(WORKFLOWS / name)["permissions"] == {"contents": "read"}


def test_only_the_upload_may_ask_for_an_identity_and_it_runs_nothing_else() -> None:
    jobs = document(WORKFLOWS / "release.yml")["jobs"]
    assert {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})} == {"publish"}
    publish = jobs["publish"]
    assert publish["environment"] == "pypi"
    assert publish["needs"] == "build"
    assert jobs["build"]["needs"] == "checks"
    assert jobs["checks"]["uses"] == "./.github/workflows/ci.yml"
    assert made_by(str(publish["steps"])) == set()


def test_the_forms_for_issues_are_complete() -> None:
    forms = [path for path in (ROOT / ".github/ISSUE_TEMPLATE").iterdir() if path.name != "config.yml"]
    assert len(forms) >= 2
    for path in forms:
        form = document(path)
        assert form.keys() >= {"name", "description", "body"}, path
        ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
        assert len(ids) == len(set(ids)), path


# Locks


def locked(name: str) -> dict[str, tuple[str, str]]:
    """Package -> its version, and the marker for where it is installed (empty: everywhere)."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s;]+)(?: ; (.*?))? \\$", text, re.MULTILINE)
    assert found
    return {canonicalize_name(package): (version, marker) for package, version, marker in found}


def wanted(text: str) -> dict[str, Requirement]:
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith("-r ")]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def of_the_package(*extras: str) -> dict[str, Requirement]:
    groups = PROJECT["project"]["optional-dependencies"]
    return wanted(
        "\n".join(PROJECT["project"]["dependencies"] + [line for name in extras for line in groups[name]])
    )


# Those of the engines are large; only their own environment has them.
ALL_EXTRAS = [
    name for name in PROJECT["project"]["optional-dependencies"] if name not in {*ENGINES_ONLY, "all"}
]


def input_file(name: str) -> dict[str, Requirement]:
    return wanted((ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_has_a_hash_for_each_package(name: str) -> None:
    path = ROOT / "requirements" / f"{name}.txt"
    code = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
    assert "://" not in code
    packages = [block for block in re.split(r"\n(?=\S)", code.replace("\\\n", " ")) if block.strip()]
    assert packages
    assert [
        block[:80] for block in packages if not re.match(r"[\w.-]+(\[.*\])?==.* --hash=sha256:", block)
    ] == []


def test_every_lock_is_one_of_these() -> None:
    assert sorted(path.stem for path in (ROOT / "requirements").glob("*.txt")) == LOCKS


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("dev", of_the_package(*ALL_EXTRAS) | input_file("test") | input_file("dev")),
        ("lowest", of_the_package(*ALL_EXTRAS) | input_file("test")),
        ("engines", of_the_package("mirror", "parquet", *sorted(ENGINES_ONLY)) | input_file("engines")),
        ("cookbook", of_the_package("emulator") | input_file("cookbook")),
        ("demo", of_the_package("cli", "emulator")),
        ("publish", input_file("publish")),
        ("audit", input_file("audit")),
        ("docs", input_file("docs")),
    ],
)
def test_a_lock_has_what_it_is_made_from(name: str, requirements: dict[str, Requirement]) -> None:
    lock = locked(name)
    assert requirements.keys() - lock.keys() == set()
    odd = [str(item) for package, item in requirements.items() if lock[package][0] not in item.specifier]
    assert odd == []


def test_every_extra_is_locked_somewhere() -> None:
    (named,) = re.findall(r"^EXTRAS := (.*)$", MAKEFILE, re.MULTILINE)
    assert sorted(named.split()) == sorted(ALL_EXTRAS)
    (engines,) = re.findall(r"^ENGINE_EXTRAS := (.*)$", MAKEFILE, re.MULTILINE)
    assert set(engines.split()) >= ENGINES_ONLY


@pytest.mark.parametrize("name", ["demo", "publish"])
def test_a_small_lock_has_the_developers_versions(name: str) -> None:
    developers = locked("dev")
    assert {
        package: item for package, item in locked(name).items() if item[0] != developers[package][0]
    } == {}


def test_the_lowest_run_has_the_lowest_version_of_each_dependency() -> None:
    lock = locked("lowest")
    for package, requirement in of_the_package(*ALL_EXTRAS).items():
        (bound,) = [item.version for item in requirement.specifier if item.operator == ">="]
        assert Version(lock[package][0]) == Version(bound), f"{requirement} is tested with {lock[package][0]}"


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_the_demo_installs_little(system: str) -> None:
    here = {"sys_platform": system, "python_full_version": "3.11.0", "python_version": "3.11"}
    packages = [
        package
        for package, (_, marker) in locked("demo").items()
        if not marker or Marker(marker).evaluate(here)
    ]
    assert len(packages) < 30, packages


# The version, and what is made


def test_the_version_is_written_in_one_place() -> None:
    assert "version" not in PROJECT["project"]
    assert PROJECT["project"]["dynamic"] == ["version", "readme"]
    shown = subprocess.run(
        [sys.executable, "-m", "hatchling", "version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == comfy_cloud.__version__
    folders = ("wrapper", "emulator", "scripts")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    quoted = re.compile(rf"""["']{re.escape(comfy_cloud.__version__)}["']""")
    named = [path.name for path in files if quoted.search(path.read_text(encoding="utf-8"))]
    assert named == ["_version.py"]


def test_the_changelog_has_the_version_or_what_comes_next() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles[0] == "Unreleased"
    for title in titles[1:]:
        assert re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", title), title
    assert len(titles) == 1 or titles[1].startswith(f"{comfy_cloud.__version__} ")


def test_made_files_are_marked_as_such() -> None:
    text = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    patterns = re.findall(r"^/(\S+) linguist-generated$", text, re.MULTILINE)
    assert [pattern for pattern in patterns if not any(ROOT.glob(pattern))] == []
    for made in (
        "generated/x/y",
        "wrapper/comfy_cloud/_sync/x",
        "API.md",
        "requirements/dev.txt",
    ):
        assert any(fits(made, pattern) for pattern in patterns), made


def fits(path: str, pattern: str) -> bool:
    """Whether a pattern with `**` and `*` is that of a path, as git reads it."""
    return re.fullmatch(re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"), path) is not None
