from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import ContractError
from scripts import api_map
from scripts.contract_files import Checkout, merged
from scripts.wrapper_scan import WrapperScan, exported_names, generated_modules

from .copies import contract_of, overlay_of, prints

CLIENT = """
from functools import cached_property
from comfy_cloud_api.api.system import get_system_stats
from comfy_cloud_api.api.user import get_user

class Sender:
    async def ping(self):
        return self._ping()

    def _ping(self):
        return get_system_stats.build()

class AsyncComfyCloud(Sender):
    @cached_property
    def jobs(self) -> AsyncJobs:
        from .jobs import AsyncJobs
        return AsyncJobs(self)

    async def whoami(self):
        return await self._call(get_user.build())

    async def _call(self, request): ...
"""
JOBS = """
from comfy_cloud_api.api.job import cancel_job, cancel_jobs, delete_job, get_job_detail, get_queue_info, list_jobs, manage_queue
from .readers import Reader

class AsyncJobs:
    async def list(self):
        return await self._page()

    async def get(self, job_id):
        try:
            return await self._call(get_job_detail.build(job_id))
        except Error:
            raise error(get_queue_info.OPERATION)

    async def cancel(self, job_id):
        return await _cancelled(self, job_id)

    async def iter(self):
        reader = Reader()
        return reader.page()

    async def _note(self):
        return await self._call(cancel_jobs.build())

    async def _page(self):
        return await self._call(list_jobs.build())

async def _cancelled(jobs, job_id):
    return await jobs._call(cancel_job.build(job_id))

def _from_a_callback():
    return delete_job.build("x")

class AsyncJob:
    async def refresh(self):
        await self.cloud.jobs._note()
        return await send(manage_queue)
"""
READERS = """
from comfy_cloud_api.api.job import get_history, get_history_v1, interrupt_job

class Reader:
    def page(self):
        raise NotImplementedError

class HistoryReader(Reader):
    def page(self):
        return get_history.build()

class Unrelated:
    def page(self):
        return interrupt_job.build()
"""


@pytest.fixture
def scan(tmp_path: Path) -> WrapperScan:
    for name, text in (("client", CLIENT), ("jobs", JOBS), ("readers", READERS), ("unused", READERS)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return WrapperScan(tmp_path, {"AsyncComfyCloud", "AsyncJob"})


class TestScan:
    def test_methods_are_found_whichever_way_they_lead_to_an_operation(self, scan: WrapperScan) -> None:
        assert scan.methods_by_module() == {
            "user.get_user": ["cloud.whoami"],
            "system.get_system_stats": ["cloud.ping"],
            "job.list_jobs": ["cloud.jobs.list"],
            "job.get_job_detail": ["cloud.jobs.get"],
            "job.cancel_job": ["cloud.jobs.cancel"],
            "job.get_history": ["cloud.jobs.iter"],
            "job.manage_queue": ["job.refresh"],
            "job.cancel_jobs": ["job.refresh"],
            "job.delete_job": ["cloud.jobs"],
            "job.interrupt_job": [
                "cloud.jobs"
            ],  # nothing names its class: the noun of the file that imports it
        }

    def test_names_of_classes(self, scan: WrapperScan) -> None:
        assert scan.nouns == {"AsyncJobs": "jobs"}
        assert scan.label("AsyncJobs") == "cloud.jobs"
        assert scan.label("AsyncJob") == "job"
        assert scan.label("Reader") is None

    def test_without_a_client_there_is_no_map(self, tmp_path: Path) -> None:
        with pytest.raises(ContractError, match=r"client.py is missing"):
            WrapperScan(tmp_path, set())

    def test_exported_names(self, tmp_path: Path) -> None:
        init = tmp_path / "__init__.py"
        init.write_text(
            "if TYPE_CHECKING:\n    from .errors import A, B\n    from ._sync.client import C\nimport os\n"
        )
        assert exported_names(init) == {"A": "errors", "B": "errors", "C": "_sync.client"}

    def test_generated_modules(self, tmp_path: Path) -> None:
        folder = tmp_path / "comfy_cloud_api" / "api" / "job"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "list_jobs.py").write_text(
            'OPERATION = Operation("listJobs", "GET", "/api/jobs", "required")\n\ndef parse(response) -> Jobs | None: ...\n'
        )
        assert generated_modules(tmp_path) == {"listJobs": ("job.list_jobs", "Jobs | None")}


class TestTheMap:
    def test_every_operation_has_one_row(self, checkout: Checkout) -> None:
        assert api_map.main([], checkout) == 0
        rows = [
            line
            for line in checkout.api_map.read_text(encoding="utf-8").splitlines()
            if line.startswith("| `")
        ]
        document = merged(contract_of(checkout), overlay_of(checkout))
        expected = {(f"`{op.id}`", f"`{op.method} {op.path}`") for op in operations_of(document)}
        assert {tuple(row.strip("| ").split(" | ")[:2]) for row in rows} == expected
        assert len(rows) == len(expected)

    def test_history_is_where_it_should_be(self, checkout: Checkout) -> None:
        api_map.main([], checkout)
        text = checkout.api_map.read_text(encoding="utf-8")
        row = next(line for line in text.splitlines() if line.startswith("| `getHistory` |"))
        assert row.startswith("| `getHistory` | `GET /api/history_v2` | `cloud.history.list`, ")
        assert row.endswith("| `job.get_history` | `HistoryResponse` |")
        assert "### `cloud.history`" in text
        assert (
            "- `list(max_items, offset)`: One page of finished jobs, newest first (GET /api/history_v2)."
            in text
        )
        assert "### `NotFound` (ApiError" in text
        assert "async" not in text.partition("## Public classes")[2]
        assert "Async" not in text.partition("## Public classes")[2].replace("AsyncComfyCloud", "")

    def test_an_operation_without_a_wrapper_says_so(self, checkout: Checkout) -> None:
        for path in (checkout.root / "wrapper/comfy_cloud/_async").glob("*.py"):
            if path.stem not in ("client", "__init__"):
                path.unlink()
        api_map.main([], checkout)
        rows = [
            line
            for line in checkout.api_map.read_text(encoding="utf-8").splitlines()
            if "`getHistory`" in line
        ]
        assert api_map.NO_WRAPPER in rows[0]

    def test_check_compares_and_writes_nothing(
        self, checkout: Checkout, capsys: pytest.CaptureFixture[str]
    ) -> None:
        api_map.main([], checkout)
        assert api_map.main(["--check"], checkout) == 0
        with checkout.api_map.open("a", encoding="utf-8") as file:
            file.write("by hand\n")
        before = prints(checkout.root)
        assert api_map.main(["--check"], checkout) == 1
        assert "API.md is not what the sources make; run `make api-map`" in capsys.readouterr().err
        checkout.api_map.unlink()
        assert api_map.main(["--check"], checkout) == 1
        assert not checkout.api_map.exists()
        assert before.keys() - prints(checkout.root).keys() == {"API.md"}

    def test_a_generated_tree_that_lacks_an_operation_is_an_error(
        self, checkout: Checkout, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (checkout.generated / "comfy_cloud_api" / "api" / "job" / "list_jobs.py").unlink()
        before = prints(checkout.root)
        assert api_map.main([], checkout) == 1
        assert "generated/ has no module for listJobs (GET /api/jobs)" in capsys.readouterr().err
        assert prints(checkout.root) == before

    def test_making_it_twice_gives_the_same_text(self, checkout: Checkout) -> None:
        api_map.main([], checkout)
        first = checkout.api_map.read_bytes()
        api_map.main([], checkout)
        assert checkout.api_map.read_bytes() == first

    def test_wrapper_methods_by_operation(self, checkout: Checkout) -> None:
        methods = api_map.wrapper_methods(checkout, checkout.generated)
        assert "cloud.history.delete" in methods["manageHistory"]
        assert "cloud.history.get" in methods["getHistoryForPrompt"]
