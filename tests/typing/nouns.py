"""The class of each noun can be imported and annotated with; checked like `api`, never run."""

from __future__ import annotations

from typing import assert_type

from comfy_cloud import (
    Assets,
    AsyncAssets,
    AsyncComfyCloud,
    AsyncFileContent,
    AsyncFiles,
    AsyncHistory,
    AsyncJobs,
    AsyncModels,
    AsyncNodes,
    AsyncQueue,
    AsyncSyncedMirror,
    AsyncSystem,
    AsyncTasks,
    AsyncUser,
    AsyncUserdata,
    AsyncWorkflows,
    ComfyCloud,
    FileContent,
    Files,
    History,
    HistoryEntry,
    Jobs,
    Models,
    NodeCatalogue,
    Nodes,
    Queue,
    QueueState,
    SyncedMirror,
    System,
    Tasks,
    User,
    Userdata,
    Workflows,
)


def nouns(cloud: ComfyCloud) -> None:
    assert_type(cloud.assets, Assets)
    assert_type(cloud.files, Files)
    assert_type(cloud.history, History)
    assert_type(cloud.jobs, Jobs)
    assert_type(cloud.models, Models)
    assert_type(cloud.nodes, Nodes)
    assert_type(cloud.queue, Queue)
    assert_type(cloud.system, System)
    assert_type(cloud.tasks, Tasks)
    assert_type(cloud.user, User)
    assert_type(cloud.userdata, Userdata)
    assert_type(cloud.workflows, Workflows)
    assert_type(cloud.nodes.all(), NodeCatalogue)
    assert_type(cloud.files.open("a.png"), FileContent)
    assert_type(cloud.mirror(), SyncedMirror)


async def nouns_async(cloud: AsyncComfyCloud) -> None:
    assert_type(cloud.assets, AsyncAssets)
    assert_type(cloud.files, AsyncFiles)
    assert_type(cloud.history, AsyncHistory)
    assert_type(cloud.jobs, AsyncJobs)
    assert_type(cloud.models, AsyncModels)
    assert_type(cloud.nodes, AsyncNodes)
    assert_type(cloud.queue, AsyncQueue)
    assert_type(cloud.system, AsyncSystem)
    assert_type(cloud.tasks, AsyncTasks)
    assert_type(cloud.user, AsyncUser)
    assert_type(cloud.userdata, AsyncUserdata)
    assert_type(cloud.workflows, AsyncWorkflows)
    assert_type(await cloud.nodes.all(), NodeCatalogue)
    assert_type(cloud.files.open("a.png"), AsyncFileContent)
    assert_type(await cloud.mirror(), AsyncSyncedMirror)


def functions_take_nouns(history: History, queue: Queue) -> list[HistoryEntry]:
    assert_type(queue.get(), QueueState)
    return list(history.iter(limit=3))


def a_noun_is_not_another(cloud: ComfyCloud, other: AsyncComfyCloud) -> None:
    functions_take_nouns(cloud.jobs, cloud.queue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    functions_take_nouns(other.history, cloud.queue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
