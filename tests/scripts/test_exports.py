from __future__ import annotations

from pathlib import Path
from types import UnionType

import pytest

import comfy_cloud
from scripts import exports
from scripts.project.checkout import Checkout

INIT = """\
from ._version import __version__ as __version__

if sys.platform == "win32":
    from ._windows import Console as Console

if TYPE_CHECKING:
    from ._jobs.states import JobStatus as JobStatus
    from .errors import (
        ApiError as ApiError,
        NotFound as NotFound,
    )
    import os
    from pathlib import Path
else:
    from ._exports import MODULES
"""


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path)
    checkout.package.mkdir(parents=True)
    (checkout.package / "__init__.py").write_text(INIT, encoding="utf-8")
    return checkout


def table(checkout: Checkout) -> dict[str, str]:
    names: dict[str, dict[str, str]] = {}
    exec((checkout.package / "_exports.py").read_text(encoding="utf-8"), names)
    return names["MODULES"]


def test_the_names_are_those_that_type_checkers_see(project: Checkout) -> None:
    assert exports.main([], project) == 0
    assert table(project) == {"ApiError": ".errors", "JobStatus": "._jobs.states", "NotFound": ".errors"}
    assert list(table(project)) == sorted(table(project))


def test_check_compares_and_writes_nothing(project: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    path = project.package / "_exports.py"
    assert exports.main(["--check"], project) == 1
    assert not path.exists()
    exports.main([], project)
    assert exports.main(["--check"], project) == 0
    path.write_text(path.read_text(encoding="utf-8").replace("NotFound", "Lost"), encoding="utf-8")
    capsys.readouterr()
    assert exports.main(["--check"], project) == 1
    problem = capsys.readouterr().err
    assert "wrapper/comfy_cloud/_exports.py: is not what the sources make" in problem
    assert "run `make exports`" in problem
    assert table(project)["Lost"] == ".errors"


def test_every_name_of_the_package_can_be_imported() -> None:
    names = exports.exported_names(Checkout().package / "__init__.py")
    assert len(names) > 50
    for name in names:
        value = getattr(comfy_cloud, name)
        assert isinstance(value, UnionType) or value.__name__ == name or name == "Event"
