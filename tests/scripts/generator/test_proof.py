"""The static proof of generated code: what no template writes is refused, and nothing is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.generator.proof import prove
from scripts.generator.stock_generator import TEMPLATES
from scripts.project.checkout import Checkout

PACKAGE = Checkout().generated / "comfy_cloud_api"
MODULES = [
    "__init__.py", "client.py", "errors.py", "types.py", "responses.py", "api/__init__.py",
    "api/job/__init__.py", "api/job/get_job_detail.py", "models/__init__.py", "models/asset.py",
    "models/job_entry_status.py",
]  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of one module of each kind."""
    folder = tmp_path / "comfy_cloud_api"
    for name in MODULES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGE / name, folder / name)
    return folder


def test_our_own_modules_are_proved(package: Path) -> None:
    prove(package, TEMPLATES)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize(
    "planted",
    ["__import__('os').mkdir('marker')\n", "import os\n", "x = [y for y in ()]\n", "x = (\n", "x = '\0'\n"],
)
def test_code_at_the_end_of_a_module_is_refused(package: Path, name: str, planted: str) -> None:
    with (package / name).open("a", encoding="utf-8") as file:
        file.write(planted)
    with pytest.raises(ContractError, match=f"in {name}"):
        prove(package, TEMPLATES)
    assert not Path("marker").exists()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("client.py", '"https://cloud.comfy.org"', 'str(__import__("os"))'),
        ("client.py", '"https://cloud.comfy.org"', 'f"{Client}"'),
        ("client.py", "65_536", "65_537"),
        ("models/__init__.py", '"asset"', 'print("asset")'),
        ("models/__init__.py", "from .asset import Asset", "from os import path"),
        ("responses.py", "('application/json',)", "print('application/json',)"),
        ("responses.py", "RESPONSES: ", "Final = RESPONSES: "),
        ("api/job/get_job_detail.py", "path_segment(job_id)", "path_segment(job_id)!r:{job_id}"),
        ("api/job/get_job_detail.py", "path_segment(job_id)", "eval(job_id)"),
        ("api/job/get_job_detail.py", "job_id: str", "job_id: print(1)"),
        ("api/job/get_job_detail.py", "job_id: str", 'job_id: "print(1)"'),
        ("api/job/get_job_detail.py", "client.send(", "client.aclose("),
        ("models/asset.py", "class Asset(LateModel):", "class Asset(LateModel, metaclass=print):"),
        ("models/asset.py", "class Asset(LateModel):", "class Asset(print()):"),
        ("models/asset.py", "@_define", "@print"),
        ("models/asset.py", "data.get", "data.__class__"),
        ("models/asset.py", "for record in records:", "for record in cls.registry:"),
        ("models/asset.py", "import LateModel", "import LateModel, Any"),
    ],
)
def test_a_change_of_a_module_is_refused(package: Path, name: str, old: str, new: str) -> None:
    text = (package / name).read_text(encoding="utf-8")
    if old == "import LateModel":
        old, new = (
            "from typing import Any, ClassVar, Self",
            "from typing import Any, ClassVar, Self, LateModel",
        )
    assert old in text
    (package / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContractError, match=f"in {name}"):
        prove(package, TEMPLATES)
