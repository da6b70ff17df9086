"""The walk that only reads: lists, details, missing things, and missing or wrong keys.

It changes nothing, costs nothing, and asks for each thing once. What must hold is what the client
relies on: the order of lists, the ends of pages, the statuses of what is missing, where files are.
An operation that nothing leads to stays unchecked.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from .file_content import check_content, digest_of, files_of_jobs
from .job_walk import FINAL_STATUSES
from .json_access import items_of, mapping, object_in, objects_in, objects_of, text_of
from .list_rules import check_empty, check_length, check_offset, check_order, check_page
from .probe import Probe

FEW: Final = 5
"""How many items are asked for where a list could be long."""
BEYOND: Final = 100_000_000
"""An offset beyond the end of any list."""
_NO_HASH: Final = f"blake3:{'0' * 64}"


def read_everything(probe: Probe, remote_url: str | None = None) -> None:
    """Ask for everything that can be read.

    `remote_url` is an address whose metadata the server may be asked for.
    """
    for part in (_small, _queue, _history, _jobs, _models, _subgraphs, _assets, _tags, _userdata, _tasks):
        part(probe)
    _remote(probe, remote_url)
    _files(probe)
    _keys(probe)


def _small(probe: Probe) -> None:
    for operation in (
        "getUser", "getFeatures", "getSystemStats", "getPromptInfo", "getWorkflowTemplates", "getNodeInfo",
        "getBillingBalance",
    ):  # fmt: skip
        probe.ask(operation)


def _queue(probe: Probe) -> None:
    found = object_in(probe.ask("getQueueInfo"))
    for name in ("queue_running", "queue_pending"):
        for item in items_of(found, name):
            if not (isinstance(item, list) and len(item) > 1 and isinstance(item[1], str)):
                expected = "a list whose second item is the job's id"
                probe.deviates("getQueueInfo", f"{name}[]", expected, "another one")


# Jobs and their history


def _history(probe: Probe) -> None:
    entries = objects_of(object_in(probe.ask("getHistory", query={"max_items": FEW})), "history")
    check_order(probe, "getHistory", "history[].create_time", entries)
    check_length(probe, "getHistory", "history", entries, FEW)

    def page(number: int, offset: int) -> list[dict[str, Any]]:
        found = probe.ask("getHistory", query={"max_items": number, "offset": offset})
        return objects_of(object_in(found), "history")

    if len(entries) > 1:
        check_offset(probe, "getHistory", "history[].prompt_id", "prompt_id", page)
    beyond = object_in(probe.ask("getHistory", query={"max_items": FEW, "offset": BEYOND}))
    check_empty(probe, "getHistory", "history", beyond)
    probe.leads_nowhere("getHistoryForPrompt", "getHistory", "the history is empty")
    for entry in entries[:1]:
        _history_entry(probe, text_of(entry, "prompt_id"))
    probe.ask_in_vain(
        "getHistoryForPrompt", 404, "for an id that does not exist", path={"prompt_id": str(uuid4())}
    )
    old = probe.ask("getHistoryV1", query={"max_items": 1})
    if old is not None and old.is_good:
        for prompt_id in list(object_in(old))[:1]:
            probe.ask("getHistoryV1ForPrompt", path={"prompt_id": prompt_id})
    else:
        probe.skips("getHistoryV1ForPrompt", "its list, GET /api/history, could not be read")


def _history_entry(probe: Probe, prompt_id: str) -> None:
    detail = probe.ask_for_listed("getHistoryForPrompt", path={"prompt_id": prompt_id})
    if detail is not None and detail.is_good and prompt_id not in object_in(detail):
        probe.deviates("getHistoryForPrompt", "body", "the entry under its id", "no such field")


def _jobs(probe: Probe) -> None:
    page = object_in(probe.ask("listJobs", query={"limit": FEW}))
    jobs = objects_of(page, "jobs")
    check_order(probe, "listJobs", "jobs[].create_time", jobs)
    check_page(probe, "listJobs", "jobs", page, mapping(page.get("pagination")), FEW)

    def part(number: int, offset: int) -> list[dict[str, Any]]:
        found = probe.ask("listJobs", query={"limit": number, "offset": offset})
        return objects_of(object_in(found), "jobs")

    if len(jobs) > 1:
        check_offset(probe, "listJobs", "jobs[].id", "id", part)
    rising = objects_of(object_in(probe.ask("listJobs", query={"limit": FEW, "sort_order": "asc"})), "jobs")
    check_order(probe, "listJobs", "jobs[].create_time", rising[::-1], "oldest first with sort_order=asc")
    beyond = object_in(probe.ask("listJobs", query={"limit": FEW, "offset": BEYOND}))
    check_empty(probe, "listJobs", "jobs", beyond)
    if mapping(beyond.get("pagination")).get("has_more") is True:
        probe.deviates("listJobs", "pagination.has_more", "false behind the end", "true")
    _check_cursor(probe, page, jobs)
    done = objects_of(object_in(probe.ask("listJobs", query={"limit": FEW, "status": "completed"})), "jobs")
    for job in done:
        if job.get("status") != "completed":
            expected = "completed alone with status=completed"
            probe.deviates("listJobs", "jobs[].status", expected, "another one")
    for operation in ("getJobDetail", "getJobStatus", "listJobAssets"):
        probe.leads_nowhere(operation, "listJobs", "there are no jobs")
    for job in (done or jobs)[:1]:
        _job(probe, job)
    missing = {"job_id": str(uuid4())}
    for operation in ("getJobDetail", "getJobStatus", "listJobAssets"):
        probe.ask_in_vain(operation, 404, "for an id that does not exist", path=missing)


def _job(probe: Probe, listed: dict[str, Any]) -> None:
    where = {"job_id": text_of(listed, "id")}
    for operation in ("getJobDetail", "getJobStatus"):
        found = probe.ask_for_listed(operation, path=where)
        if found is not None and found.is_good and object_in(found).get("id") != listed.get("id"):
            probe.deviates(operation, "id", "the id that was asked for", "another one")
        if operation == "getJobDetail" and found is not None and found.is_good:
            detail = object_in(found)
            check_order(probe, operation, "create_time", [detail])
            if listed.get("status") in FINAL_STATUSES and detail.get("status") != listed.get("status"):
                probe.deviates(operation, "status", "the status that the list has", "another one")
            if detail.get("create_time") != listed.get("create_time"):
                probe.deviates(operation, "create_time", "the time that the list has", "another one")
    probe.ask("listJobAssets", path=where, query={"limit": FEW})


def _check_cursor(probe: Probe, page: dict[str, Any], jobs: list[dict[str, Any]]) -> None:
    cursor = mapping(page.get("pagination")).get("next_cursor")
    if isinstance(cursor, str) and cursor:
        after = probe.ask("listJobs", query={"limit": FEW, "after": cursor})
        following = objects_of(object_in(after), "jobs")
        known = {text_of(job, "id") for job in jobs}
        if any(text_of(job, "id") in known for job in following):
            where = "pagination.next_cursor"
            probe.deviates("listJobs", where, "the jobs after this page", "a job of this page")


# Models, subgraphs, assets, stored files, tasks


def _models(probe: Probe) -> None:
    folders = objects_in(probe.ask("getModelFolders"))
    probe.leads_nowhere("getModelsInFolder", "getModelFolders", "there are no folders of models")
    probe.leads_nowhere("getModelPreview", "getModelFolders", "there are no models")
    for folder in folders:
        name = text_of(folder, "name")
        if not name:
            continue
        files = probe.ask_for_listed("getModelsInFolder", path={"folder": name})
        if files is not None and files.is_good:
            for file in objects_in(files)[:1]:
                parts = {
                    "folder": name,
                    "path_index": str(file.get("pathIndex", 0)),
                    "filename": text_of(file, "name"),
                }
                probe.ask("getModelPreview", path=parts)
            break
    nowhere = {"folder": f"no-such-folder-{uuid4()}"}
    probe.ask_in_vain("getModelsInFolder", 404, "for a folder that does not exist", path=nowhere)


def _subgraphs(probe: Probe) -> None:
    subgraphs = object_in(probe.ask("getGlobalSubgraphs"))
    probe.leads_nowhere("getGlobalSubgraph", "getGlobalSubgraphs", "there are no shared subgraphs")
    for name in list(subgraphs)[:1]:
        probe.ask_for_listed("getGlobalSubgraph", path={"id": name})
    probe.ask_in_vain("getGlobalSubgraph", 404, "for an id that does not exist", path={"id": str(uuid4())})


def _assets(probe: Probe) -> None:
    own = object_in(probe.ask("listAssets", query={"limit": FEW, "include_public": "false"}))
    page = object_in(probe.ask("listAssets", query={"limit": FEW})) if not own.get("assets") else own
    assets = objects_of(page, "assets")
    check_page(probe, "listAssets", "assets", page, page, FEW)
    beyond = object_in(probe.ask("listAssets", query={"limit": FEW, "offset": BEYOND}))
    check_empty(probe, "listAssets", "assets", beyond)
    for operation in ("getAssetById", "getAssetContent", "checkAssetByHash"):
        probe.leads_nowhere(operation, "listAssets", "there are no assets")
    for asset in assets[:1]:
        where = {"id": text_of(asset, "id")}
        found = probe.ask_for_listed("getAssetById", path=where)
        if found is not None and found.is_good and object_in(found).get("id") != asset.get("id"):
            probe.deviates("getAssetById", "id", "the id that was asked for", "another one")
        # A server need not give out the content of a public model.
        ask = probe.ask_for_listed if page is own else probe.ask
        check_content(probe, "getAssetContent", ask("getAssetContent", path=where))
        if (digest := digest_of(asset)) is not None:
            probe.ask_for_listed("checkAssetByHash", path={"hash": digest})
    missing = {"id": str(uuid4())}
    probe.ask_in_vain("getAssetById", 404, "for an id that does not exist", path=missing)
    probe.ask_in_vain("checkAssetByHash", 404, "for content that does not exist", path={"hash": _NO_HASH})
    probe.ask_in_vain("checkAssetByHash", 400, "for text that is not a hash", path={"hash": "nonsense"})
    probe.ask("getAssetTagHistogram", query={"limit": FEW})


def _tags(probe: Probe) -> None:
    page = object_in(probe.ask("listTags", query={"limit": FEW}))
    check_page(probe, "listTags", "tags", page, page, FEW)


def _userdata(probe: Probe) -> None:
    listed = objects_in(
        probe.ask("getUserdata", query={"dir": "workflows/", "recurse": "true", "full_info": "true"})
    )
    probe.leads_nowhere("getUserdataFile", "getUserdata", "there are no stored workflows")
    for file in listed[:1]:
        path = text_of(file, "path")
        if path:
            whole = path if path.startswith("workflows/") else f"workflows/{path}"
            probe.ask("getUserdataFile", path={"file": whole})
    probe.ask_in_vain(
        "getUserdataFile", 404, "for a file that does not exist", path={"file": f"{uuid4()}.json"}
    )


def _tasks(probe: Probe) -> None:
    tasks = objects_of(object_in(probe.ask("listTasks", query={"limit": FEW})), "tasks")
    probe.leads_nowhere("getTask", "listTasks", "there are no tasks")
    for task in tasks[:1]:
        found = probe.ask_for_listed("getTask", path={"task_id": text_of(task, "id")})
        if found is not None and found.is_good and object_in(found).get("id") != task.get("id"):
            probe.deviates("getTask", "id", "the id that was asked for", "another one")
    probe.ask_in_vain("getTask", 404, "for an id that does not exist", path={"task_id": str(uuid4())})


def _remote(probe: Probe, remote_url: str | None) -> None:
    if remote_url is None:
        probe.skips(
            "getRemoteAssetMetadata",
            "it makes the server ask another one; give an address for it (remote_url)",
        )
    else:
        probe.ask("getRemoteAssetMetadata", query={"url": remote_url})


# Files


def _files(probe: Probe) -> None:
    file = next(files_of_jobs(probe), None)
    if file is None:
        for operation in ("viewFile", "getMaskLayers"):
            probe.skips(operation, "no finished job has a file")
    else:
        query = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        check_content(probe, "viewFile", probe.ask_for_listed("viewFile", query=query))
        if file.filename.lower().endswith(".png"):
            for more in ({"channel": "rgb"}, {"res": "64"}):
                probe.ask("viewFile", query={**query, **more})
        probe.ask("getMaskLayers", query={"filename": file.filename})
    missing = {"filename": f"{uuid4().hex * 2}.png", "type": "output"}
    probe.ask_in_vain("viewFile", 404, "for a file that does not exist", query=missing)


# Keys


def _keys(probe: Probe) -> None:
    """What was read with the key cannot be read without it, nor with a wrong one."""
    if not probe.has_key:
        return
    for op in probe.operations():
        parts = probe.last_good(op.id)
        if op.key == "required" and not op.changes_something and parts is not None:
            probe.ask_in_vain(op.id, 401, "without a key", key="none", path=parts.path, query=parts.query)
    if probe.last_good("getUser") is not None:
        probe.ask_in_vain("getUser", 401, "with a wrong key", key="wrong")
