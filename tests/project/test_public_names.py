"""The public names: their list, the cost of importing them, their documentation, sync and async."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from typing import Any, get_type_hints

import pytest

import comfy_cloud
from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError
from comfy_cloud._async.history import AsyncHistory
from comfy_cloud._sync.history import History


def resources(client: type, folder: str) -> dict[str, type]:
    """The class of every `cloud.RESOURCE`, from the module of that name in the client's folder."""
    found = {}
    for name, value in vars(client).items():
        if isinstance(value, cached_property) and not name.startswith("_"):
            found[name] = getattr(
                import_module(f"comfy_cloud.{folder}.{name}"), value.func.__annotations__["return"]
            )
    return found


PUBLIC = """
__version__ ApiError AsyncComfyCloud AsyncJob AsyncMapFailure AsyncMapResult AsyncMapSuccess
AsyncRemoteOutput BadRequest ComfyCloud
ComfyCloudError ComfyCloudWarning ConfigurationError Conflict ConnectionFailed Deviation Deviations
Event FeatureFlags Forbidden HistoryEntry IdempotencyConflict IdempotencyStore
InvalidWorkflow Job JobCancelled JobChanged JobErrored
JobFailed JobInterrupted JobStarted JobStatus JobSubmitted JobSucceeded MapFailure MapResult
MapSuccess NodeExecuting
NodeFinished NodeState NodeText NodesCached NodesProgress NotFound NotSupported Notification Output
PayloadTooLarge PaymentRequired Preview Problem Progress QueueItem QueueState QueueStatus
RateLimited RedisIdempotencyStore RemoteOutput RequestInfo RequestTimeout ResponseInfo Retry
SQLiteIdempotencyStore SavedFiles ServerError Settings
SubmissionUncertain TaskFailed TaskProgress Unauthorized UnexpectedResponse UnknownEvent UserFile
WaitTimeout Workflow Conversion ConvertedNode convert_workflow WorkflowLayout layout_workflow
FileContent AsyncFileContent NodeCatalogue node_stubs
Assets Files History Jobs Models Nodes Queue System Tasks User Userdata Workflows
AsyncAssets AsyncFiles AsyncHistory AsyncJobs AsyncModels AsyncNodes AsyncQueue AsyncSystem AsyncTasks
AsyncUser AsyncUserdata AsyncWorkflows
"""
# Not for `from comfy_cloud import *`, which must work without the extra `mirror`.
NEED_AN_EXTRA = {"AsyncSyncedMirror", "SyncedMirror"}
UNIONS = {"AsyncMapResult", "MapResult"}

RESOURCES = resources(ComfyCloud, "_sync")
ASYNC_RESOURCES = resources(AsyncComfyCloud, "_async")
CLIENT_PAIRS = [
    (ComfyCloud, AsyncComfyCloud),
    *((RESOURCES[resource], ASYNC_RESOURCES[resource]) for resource in RESOURCES),
]


def test_the_list_of_names_is_sorted_without_duplicates() -> None:
    # Underscores come last.
    names = comfy_cloud.__all__
    assert names == sorted(set(names), key=lambda name: (name.startswith("_"), name))
    assert dir(comfy_cloud) == sorted([*names, *NEED_AN_EXTRA])


def test_the_public_names_are_these() -> None:
    """The list by hand: adding or removing a name must be a decision."""
    assert set(comfy_cloud.__all__) == set(PUBLIC.split())


@pytest.mark.parametrize("name", [*comfy_cloud.__all__, *sorted(NEED_AN_EXTRA)])
def test_every_name_can_be_imported(name: str) -> None:
    value = getattr(comfy_cloud, name)
    if name != "__version__":
        assert name in UNIONS or value.__name__ == name
        assert value is vars(comfy_cloud)[name]  # cached for the second time


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(AttributeError, match="module 'comfy_cloud' has no attribute 'Cloud'"):
        comfy_cloud.Cloud  # type: ignore[attr-defined] # noqa: B018
    assert not hasattr(comfy_cloud, "errors_")


def test_every_exception_of_the_library_is_public() -> None:
    from comfy_cloud import errors

    exceptions = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, (ComfyCloudError, Warning))
        and value.__module__ == errors.__name__
    }
    assert len(exceptions) > 20
    assert exceptions <= set(comfy_cloud.__all__)


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement", ["import comfy_cloud", "import comfy_cloud; comfy_cloud.__version__; dir(comfy_cloud)"]
)
def test_importing_the_package_is_cheap(statement: str) -> None:
    loaded = modules_after(statement)
    assert "comfy_cloud" in loaded
    for heavy in (
        "httpx",
        "attrs",
        "attr",
        "comfy_cloud_api",
        "comfy_cloud_api.types",
        "orjson",
        "asyncio",
        "dateutil",
        "ssl",
    ):
        assert heavy not in loaded, heavy


def test_exceptions_and_policies_do_not_import_the_http_library() -> None:
    loaded = modules_after(
        "from comfy_cloud import ComfyCloudError, NotFound, Retry, JobStatus, ResponseInfo"
    )
    assert "httpx" not in loaded
    assert "comfy_cloud_api" not in loaded


def test_the_sync_client_does_not_import_the_async_one_nor_vice_versa() -> None:
    assert "comfy_cloud._async.client" not in modules_after("from comfy_cloud import ComfyCloud")
    assert "comfy_cloud._sync.client" not in modules_after("from comfy_cloud import AsyncComfyCloud")


# Documentation


def own_members(kind: type) -> dict[str, Any]:
    """What the class and its bases in this library define."""
    parts = [part for part in reversed(kind.__mro__) if part.__module__.startswith("comfy_cloud.")]
    return {name: value for part in parts for name, value in vars(part).items()}


def public_members(kind: type) -> Iterator[tuple[str, Any]]:
    """The methods and properties of the class without a leading underscore."""
    for name, value in own_members(kind).items():
        if not name.startswith("_") and (
            inspect.isfunction(value)
            or isinstance(value, (property, cached_property, classmethod, staticmethod))
        ):
            yield name, value


@pytest.mark.parametrize("name", sorted({*comfy_cloud.__all__, *NEED_AN_EXTRA} - {"__version__", *UNIONS}))
def test_every_public_class_is_documented(name: str) -> None:
    kind = getattr(comfy_cloud, name)
    doc = kind.__doc__ if inspect.isfunction(kind) else kind.__dict__.get("__doc__") or ""
    assert doc
    assert not doc.startswith(f"{name}(")  # the docstring that dataclass generates
    for member, value in () if inspect.isfunction(kind) else public_members(kind):
        assert inspect.getdoc(value), f"{name}.{member}"


@pytest.mark.parametrize("kind", [kind for pair in CLIENT_PAIRS for kind in pair])
def test_every_public_method_of_a_client_is_documented(kind: type) -> None:
    members = dict(public_members(kind))
    assert members
    for member, value in members.items():
        assert inspect.getdoc(value), f"{kind.__name__}.{member}"


@pytest.mark.parametrize("kind", [*RESOURCES.values(), *ASYNC_RESOURCES.values()])
def test_every_resource_is_a_public_class_whose_help_says_more_than_its_name(kind: type) -> None:
    assert getattr(comfy_cloud, kind.__name__) is kind
    first = (inspect.getdoc(kind) or "").split("\n\n")[0]
    assert re.match(r"`cloud\.\w+`: .{30}", first.replace("\n", " ")), first


def public_annotations(kind: type) -> set[str]:
    """The names of this package's own classes in the annotations of a class's public methods."""
    found: set[str] = set()
    for _, value in public_members(kind):
        function = getattr(value, "func", None) or getattr(value, "fget", None) or value
        module = vars(sys.modules[getattr(function, "__module__", kind.__module__)])
        for annotation in getattr(function, "__annotations__", {}).values():
            for name in re.findall(r"\w+", str(annotation)):
                named = module.get(name)
                if isinstance(named, type) and named.__module__.startswith("comfy_cloud._"):
                    found.add(name)
    return found


@pytest.mark.parametrize("kind", [kind for pair in CLIENT_PAIRS for kind in pair])
def test_what_public_methods_take_and_return_can_be_named(kind: type) -> None:
    # Nobody makes one: modules of comfy_cloud_api are operations, and arguments are given by name.
    unnamed = {"GeneratedOperation", "SubmitArguments"}
    assert public_annotations(kind) <= {*comfy_cloud.__all__, *NEED_AN_EXTRA, *unnamed}


def does_io(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_method_that_calls_the_server_documents_its_path(resource: str) -> None:
    calling = [name for name, value in public_members(ASYNC_RESOURCES[resource]) if does_io(value)]
    assert calling
    for member in calling:
        for kind in (RESOURCES[resource], ASYNC_RESOURCES[resource]):
            assert "/api/" in (inspect.getdoc(getattr(kind, member)) or ""), f"{kind.__name__}.{member}"


FILE_ERRORS = {
    "FileNotFoundError", "FileExistsError", "PermissionError", "IsADirectoryError", "NotADirectoryError",
}  # fmt: skip


def documented_errors(function: Any) -> set[str]:
    """The names under "Raises" of a docstring, and in its sentences that begin with "Raises"."""
    text = inspect.getdoc(function) or ""
    listed = re.findall(r"^ {4}(\w+): ", text.partition("\nRaises:\n")[2], re.MULTILINE)
    return {*listed, *re.findall(r"Raises ([A-Z]\w+)", text)}


def test_every_documented_error_is_of_this_package_or_about_files() -> None:
    kinds = [kind for pair in CLIENT_PAIRS for kind in pair]
    kinds += [comfy_cloud.AsyncJob, comfy_cloud.Job, comfy_cloud.RemoteOutput, comfy_cloud.AsyncRemoteOutput]
    found = {
        f"{kind.__name__}.{name}": documented_errors(value)
        for kind in kinds
        for name, value in public_members(kind)
    }
    assert sum(map(len, found.values())) > 200
    for where, names in found.items():
        for name in names - FILE_ERRORS:
            assert issubclass(getattr(comfy_cloud, name), ComfyCloudError), where


# Sync and async


def names_of(kind: type) -> set[str]:
    special = {"__enter__": "with", "__aenter__": "with", "__iter__": "for", "__aiter__": "for"}
    own = {special.get(name, name) for name in own_members(kind)}
    return {name for name in own if not name.startswith("_")}


def parameters(function: Any) -> list[tuple[str, object, object]]:
    found = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in found]


@pytest.mark.parametrize(("blocking", "awaiting"), CLIENT_PAIRS)
def test_sync_and_async_have_the_same_names(blocking: type, awaiting: type) -> None:
    assert names_of(blocking) == names_of(awaiting)
    assert awaiting.__name__ == f"Async{blocking.__name__}"


@pytest.mark.parametrize(("blocking", "awaiting"), CLIENT_PAIRS)
def test_sync_and_async_take_the_same_parameters(blocking: type, awaiting: type) -> None:
    for name in [
        "__init__",
        *(name for name, value in public_members(blocking) if inspect.isfunction(value)),
    ]:
        assert parameters(getattr(blocking, name)) == parameters(getattr(awaiting, name)), name


@pytest.mark.parametrize(("blocking", "awaiting"), CLIENT_PAIRS)
def test_io_is_awaited_in_the_async_client_only(blocking: type, awaiting: type) -> None:
    for name, value in public_members(awaiting):
        if inspect.isfunction(value):
            other = getattr(blocking, name)
            assert not does_io(other), name
            assert inspect.isgeneratorfunction(other) == inspect.isasyncgenfunction(value), name
    assert any(does_io(value) for _, value in public_members(awaiting))


def test_sync_and_async_have_the_same_resources() -> None:
    assert RESOURCES.keys() == ASYNC_RESOURCES.keys() >= {"history"}
    assert (RESOURCES["history"], ASYNC_RESOURCES["history"]) == (History, AsyncHistory)


def test_the_client_has_its_public_attributes() -> None:
    promised = {"history", "request", "close", "settings"}
    cloud = ComfyCloud(base_url="http://localhost")
    try:
        assert promised <= set(dir(cloud))
        assert cloud.history is cloud.history
        assert isinstance(cloud.history, History)
    finally:
        cloud.close()
    arguments = list(inspect.signature(ComfyCloud).parameters)
    assert {
        "api_key", "base_url", "timeout", "retry", "http_client", "partner_api_key", "max_connections",
        "max_response_bytes", "on_request", "on_response", "profile",
    } <= set(arguments)  # fmt: skip
    assert all(
        parameter.kind is inspect.Parameter.KEYWORD_ONLY
        for parameter in inspect.signature(ComfyCloud).parameters.values()
    )
    assert {"list", "iter", "get", "delete", "clear", "for"} <= names_of(History)


@pytest.mark.parametrize("name", ["list", "iter", "get"])
def test_the_annotations_can_be_read_at_run_time(name: str) -> None:
    import builtins

    for kind in (History, AsyncHistory):
        hints = get_type_hints(
            getattr(kind, name), {**vars(sys.modules[kind.__module__]), "builtins": builtins}
        )
        assert "return" in hints
