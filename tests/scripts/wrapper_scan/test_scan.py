"""Each way in which a public method can lead to an operation, and none in which it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud.contract.documents import ContractError
from scripts.wrapper_scan.scan import WrapperScan

EXPORTED = {"AsyncComfyCloud", "AsyncJob", "AsyncWatch"}
_LISTS = {"cloud.everything", *(f"cloud.jobs.{name}" for name in ("list", "iter", "first", "second"))}

EXPECTED = {
    # A generated module in the method itself, and in another method of the same class.
    "user.get_user": {"cloud.whoami"},
    "job.get_queue": {"cloud.queue.get", "cloud.queue.remaining", "cloud.remaining"},
    # A collaborator that `__init__` keeps, by the annotation of its parameter.
    "job.cancel_queued": {"cloud.queue.cancel", "cloud.jobs.cancel"},
    # A method that is passed to a class counts where the class names the attribute that keeps it.
    "job.forget_job": {"cloud.queue.forget", "cloud.jobs.delete"},
    "job.list_retried": {"cloud.jobs.retried"},
    "system.get_system_stats": {"cloud.files.list"},
    # A bound method that is passed to a function counts as called.
    "job.list_assets": {"cloud.jobs.assets"},
    # A local variable that is constructed, a class method, and private methods of collaborators.
    "job.get_job": {"cloud.jobs.get", "cloud.jobs.fetch", "job.fetched", "job.refresh", "job.workflow"},
    # A property of what a method returns.
    "job.get_workflow": {"job.workflow"},
    # A declared base class stands for its subclasses.
    "job.list_by_details": _LISTS,
    "job.list_by_names": _LISTS,
    # `super()` stands for the bases alone.
    "job.clear_list": {"cloud.history.clear", "cloud.files.clear"},
    # What a generic object holds, by its type arguments: the parameter of a lambda, and a property.
    "asset.get_new_task": {"cloud.tasks.get"},
    "asset.get_old_task": {"cloud.tasks.get"},
    "asset.list_new_tasks": {"cloud.tasks.list"},
    "asset.list_old_tasks": {"cloud.tasks.list"},
    "asset.skip_tasks": {"cloud.tasks.get"},
    "asset.probe_tasks": {"cloud.tasks.probe"},
    # Items of async iterators and of parameters, of dictionaries, of functions from elsewhere, and
    # what a `case` binds.
    "job.get_outputs": {"cloud.jobs.first", "cloud.jobs.fourth", "job.read_outputs"},
    "job.get_texts": {"cloud.jobs.second", "cloud.jobs.third", "cloud.jobs.fifth", "job.read_texts"},
    # Constructors and context managers: their own methods, and what they give.
    "job.make_watch": {"cloud.jobs.wait", "cloud.jobs.look"},
    "job.open_watch": {"cloud.jobs.wait"},
    "job.close_watch": {"cloud.jobs.wait"},
    "job.poll_until_end": {"cloud.jobs.wait"},
    "job.poll_once": {"cloud.jobs.look"},
    # A free function, a re-exported class, and a protocol.
    "workflow.execute_prompt": {"cloud.submit"},
    "file.upload_part": {"cloud.submit"},
    # A guess by a name that only one private class has, and what that method returns.
    "file.upload_model": {"cloud.submit"},
    "file.finish_upload": {"cloud.submit"},
    # One method of a base, which calls another method of each of its subclasses.
    "file.list_files": {"cloud.files.list"},
    "job.get_history": {"cloud.history.list"},
    "job.get_other_history": {"cloud.history.list"},
    # No public method is seen to lead here: the public class of the nearest file that imports it
    # stands for it. The first is never called, the others on objects of unknown classes.
    "job.list_unused": {"cloud.jobs"},
    "system.get_features": {"cloud"},
    "file.check_graph": {"cloud"},
    "file.check_text": {"cloud"},
}


@pytest.fixture(scope="module")
def scan() -> WrapperScan:
    return WrapperScan(Path(__file__).with_name("composed"), EXPORTED)


@pytest.fixture(scope="module")
def methods(scan: WrapperScan) -> dict[str, dict[str, int]]:
    return scan.methods_by_module()


@pytest.mark.parametrize("module", EXPECTED)
def test_the_methods_that_lead_to_an_operation(methods: dict[str, dict[str, int]], module: str) -> None:
    # The watch is public here, but what its own methods lead to is not the subject.
    found = {call for call in methods[module] if not call.startswith("watch.")}
    assert found == EXPECTED[module]


def test_every_operation_that_is_used_is_found(methods: dict[str, dict[str, int]]) -> None:
    assert methods.keys() == EXPECTED.keys()


def test_the_number_of_functions_in_between(methods: dict[str, dict[str, int]]) -> None:
    assert methods["job.get_queue"] == {
        "cloud.queue.get": 0,
        "cloud.queue.remaining": 1,
        "cloud.remaining": 2,
    }


def test_public_classes_are_the_client_its_nouns_and_the_exported_ones_in_order(scan: WrapperScan) -> None:
    assert {cls.name: label for cls, label in scan.labels().items()} == {
        "AsyncComfyCloud": "cloud",
        "AsyncFiles": "cloud.files",
        "AsyncQueue": "cloud.queue",
        "AsyncTasks": "cloud.tasks",
        "AsyncJobs": "cloud.jobs",
        "AsyncHistory": "cloud.history",
        "AsyncJob": "job",
        "AsyncWatch": "watch",
    }
    assert list(scan.labels().values()) == [
        "cloud",
        "cloud.files",
        "cloud.queue",
        "cloud.tasks",
        "cloud.jobs",
        "cloud.history",
        "job",
        "watch",
    ]
    assert [label for cls, label in scan.labels().items() if scan.is_noun(cls)] == [
        "cloud.files",
        "cloud.queue",
        "cloud.tasks",
        "cloud.jobs",
        "cloud.history",
    ]


def test_without_a_client_there_is_no_map(tmp_path: Path) -> None:
    folder = tmp_path / "_async"
    folder.mkdir()
    with pytest.raises(ContractError, match=r"_async/client.py has no AsyncComfyCloud"):
        WrapperScan(folder, set())
