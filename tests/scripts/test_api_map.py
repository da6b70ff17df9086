"""API.md and its table of methods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comfy_cloud.contract._documents.operations import operations_of
from scripts import api_map
from scripts.client_docs.generated_modules import generated_modules
from scripts.contract.overlay import merged
from scripts.project.checkout import Checkout

from .copies import checksums, contract_of, overlay_of
from .small import small_project


def test_generated_modules(tmp_path: Path) -> None:
    folder = tmp_path / "comfy_cloud_api" / "api" / "job"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "list_jobs.py").write_text(
        'OPERATION = Operation("listJobs", "GET", "/api/jobs", "required")\n\n'
        "def parse(response) -> Jobs | None: ...\n"
    )
    assert generated_modules(tmp_path) == {"listJobs": ("job.list_jobs", "Jobs | None")}


class TestTheMap:
    def test_every_operation_has_one_row(self, checkout: Checkout) -> None:
        assert api_map.main([], checkout) == 0
        text = checkout.api_map.read_text(encoding="utf-8").partition("\n## API v2\n")[0]
        rows = [line for line in text.splitlines() if line.startswith("| `")]
        document = merged(contract_of(checkout), overlay_of(checkout))
        expected = {(f"`{op.id}`", f"`{op.method} {op.path}`") for op in operations_of(document)}
        assert {tuple(row.strip("| ").split(" | ")[:2]) for row in rows} == expected
        assert len(rows) == len(expected)

    def test_history_is_where_it_should_be(self, checkout: Checkout) -> None:
        api_map.main([], checkout)
        text = checkout.api_map.read_text(encoding="utf-8")
        row = next(line for line in text.splitlines() if line.startswith("| `getHistory` |"))
        assert row.startswith("| `getHistory` | `GET /api/history_v2` | `cloud.history.list`, ")
        assert "| `_jobs/history_sources.py`, `_submission/search.py` |" in row
        assert row.endswith("| `job.get_history` | `HistoryResponse` |")
        assert "### `cloud.history`" in text
        assert "\n- `list(limit, offset, *, max_items)`: " in text
        assert "### `NotFound` (ApiError" in text
        assert "async" not in text.partition("## Public classes")[2]
        assert "Async" not in text.partition("## Public classes")[2].replace("AsyncComfyCloud", "")

    def test_an_operation_that_no_code_is_made_of_says_so(self, checkout: Checkout) -> None:
        source = checkout.generated / "comfy_cloud_api" / "contract.json"
        document = json.loads(source.read_bytes())
        document["paths"]["/api/user"]["get"]["x-left-out"] = "at parameters.a: a | b is odd"
        source.write_text(json.dumps(document), encoding="utf-8")
        (checkout.generated / "comfy_cloud_api" / "api" / "user" / "get_user.py").unlink()
        assert api_map.main([], checkout) == 0
        rows = checkout.api_map.read_text(encoding="utf-8").splitlines()
        (row,) = (row for row in rows if row.startswith("| `getUser` |"))
        assert row == (
            "| `getUser` | `GET /api/user` | `cloud.request` |  | left out | "
            "at parameters.a: a \\| b is odd |"
        )

    def test_an_operation_without_a_wrapper_says_so(self, checkout: Checkout) -> None:
        for path in (checkout.package / "_async").rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("GET /api/history_v2", "the history"), encoding="utf-8")
        api_map.main([], checkout)
        rows = [
            line
            for line in checkout.api_map.read_text(encoding="utf-8").splitlines()
            if "`getHistory`" in line
        ]
        assert "| `cloud.call` with the generated module |" in rows[0]

    def test_check_compares_and_writes_nothing(
        self, checkout: Checkout, capsys: pytest.CaptureFixture[str]
    ) -> None:
        api_map.main([], checkout)
        assert api_map.main(["--check"], checkout) == 0
        with checkout.api_map.open("a", encoding="utf-8") as file:
            file.write("by hand\n")
        before = checksums(checkout.root)
        assert api_map.main(["--check"], checkout) == 1
        problem = capsys.readouterr().err
        assert "API.md: is not what the sources make" in problem
        assert "run `make api-map`" in problem
        checkout.api_map.unlink()
        assert api_map.main(["--check"], checkout) == 1
        assert not checkout.api_map.exists()
        assert before.keys() - checksums(checkout.root).keys() == {"API.md"}

    def test_a_generated_tree_that_lacks_an_operation_is_an_error(
        self, checkout: Checkout, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (checkout.generated / "comfy_cloud_api" / "api" / "job" / "list_jobs.py").unlink()
        before = checksums(checkout.root)
        assert api_map.main([], checkout) == 1
        assert "generated/ has no module for listJobs (GET /api/jobs)" in capsys.readouterr().err
        assert checksums(checkout.root) == before

    def test_a_generated_tree_without_its_contract_is_an_error(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        project = small_project(tmp_path)
        (project.generated / "comfy_cloud_api" / "contract.json").unlink()
        assert api_map.main(["--check"], project) == 1
        assert "error: generated/ has no contract.json; run `make generate` first" in capsys.readouterr().err

    def test_making_it_twice_gives_the_same_text(self, checkout: Checkout) -> None:
        api_map.main([], checkout)
        first = checkout.api_map.read_bytes()
        api_map.main([], checkout)
        assert checkout.api_map.read_bytes() == first

    def test_wrapper_methods_by_operation(self, checkout: Checkout) -> None:
        methods = api_map.wrapper_methods(checkout, checkout.generated)
        assert "cloud.history.delete" in methods["manageHistory"]
        assert "cloud.history.get" in methods["getHistoryForPrompt"]


class TestOneClass:
    """The page of a small project whose client is replaced."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Checkout:
        checkout = small_project(tmp_path)
        files = {
            "__init__.py": "if TYPE_CHECKING:\n"
            "    from ._async.client import AsyncComfyCloud\n"
            "    from ._async._jobs.job import AsyncJob\n"
            "    from ._sync._jobs.job import Job\n"
            "    from .errors import Apology, Lost\n",
            "errors.py": 'class Lost(Exception):\n    """It is lost."""\n\nclass Apology: ...\n',
            "options.py": "class Wishes(TypedDict):\n    size: int\n",
            "_async/client.py": CLIENT,
            "_async/_jobs/job.py": "class AsyncJob:\n    async def end(self): ...\n",
            "_async/zebra.py": 'class AsyncZebra:\n    """Use `async with`."""\n',
        }
        for name, text in files.items():
            path = checkout.package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return checkout

    def test_classes_are_the_client_its_nouns_and_the_rest_by_name(self, project: Checkout) -> None:
        assert api_map.main([], project) == 0
        lines = project.api_map.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.startswith("### ")] == [
            "### `ComfyCloud`",
            "### `cloud.zebra`",
            "### `Apology`",
            "### `Job`",
            "### `Lost` (Exception)",
        ]
        assert "Use `with`." in lines

    def test_methods_have_one_row_with_the_options_of_their_group(self, project: Checkout) -> None:
        api_map.main([], project)
        lines = project.api_map.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.startswith("- ")] == [
            "- `zebra`",
            "- `draw(path, *, size)`: Draw it. A `ComfyCloud` draws.",
            "- `end()`",
        ]

    def test_an_operation_has_the_methods_that_name_it_and_the_module_that_sends_it(
        self, project: Checkout
    ) -> None:
        api_map.main([], project)
        assert json.loads(project.methods.read_text(encoding="utf-8")) == {"getUser": ["cloud.draw"]}
        (row,) = [line for line in project.api_map.read_text().splitlines() if line.startswith("| `get")]
        assert (
            row == "| `getUser` | `GET /api/user` | `cloud.draw` | `client.py` | `user.get_user` | `User` |"
        )


CLIENT = """
from comfy_cloud_api.api.user import get_user
from .zebra import AsyncZebra

class AsyncComfyCloud:
    @cached_property
    def zebra(self) -> AsyncZebra: ...

    @overload
    async def draw(self, path: str) -> None: ...
    @overload
    async def draw(self, path: bytes) -> None: ...
    async def draw(self, path, **options: Unpack[Wishes]) -> None:
        \'\'\'Draw it.
        A `AsyncComfyCloud` draws.

        More (GET /api/user), and GET /api/user/of/others is another.
        \'\'\'
        get_user.build()

    async def _hidden(self) -> None: ...
"""
