"""The same work with each client, run by the environment that has it. It imports nothing of ours.

`python peer_programs.py CLIENT WORK SETTINGS` prints the seconds of each round as JSON. SETTINGS is
JSON: `url`, `key`, `rounds`, and `folder` with the files. Everything is done as the client's own
documentation does it, with its defaults.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Settings = dict[str, Any]
Work = Callable[[int], object]


def graph(number: int) -> dict[str, Any]:
    """A small graph. Each number has a result of its own, so that nothing is cached."""
    image = {"width": 64, "height": 64, "batch_size": 1, "color": number}
    return {
        "1": {"class_type": "EmptyImage", "inputs": image},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "bench"}},
    }


def read(settings: Settings, name: str) -> Any:
    """A file of JSON in the folder."""
    return json.loads(Path(settings["folder"], name).read_text(encoding="utf-8"))


# Until the list of a job's outputs is in hand


def run_comfy_cloud(settings: Settings) -> Work:
    from comfy_cloud import ComfyCloud

    cloud = ComfyCloud(api_key=settings["key"], base_url=settings["url"])
    return lambda number: cloud.run(graph(number)).outputs[0]


def run_comfy_sdk(settings: Settings) -> Work:
    import comfy_sdk

    client = comfy_sdk.Comfy(api_key=settings["key"])  # the URL is read from COMFY_BASE_URL
    return lambda number: client.run(client.workflows.from_json(graph(number))).outputs[0]


def run_comfy_api_simplified(settings: Settings) -> Work:
    from comfy_api_simplified import ComfyApiWrapper

    api = ComfyApiWrapper(settings["url"])

    def run(number: int) -> object:
        job_id, _ = asyncio.run(api.queue_prompt_and_wait(graph(number)))
        return api.get_history(job_id)[job_id]["outputs"]["2"]["images"][0]

    return run


def run_comfyui_xy(settings: Settings) -> Work:
    from comfyui_xy import ComfyUiClient

    client = ComfyUiClient(settings["url"])
    return lambda number: client.process_workflow(graph(number), return_raw=True)["2"]["images"][0]


def run_comfy_toolkit(settings: Settings) -> Work:
    from comfy_toolkit import ComfyClient

    client = ComfyClient(settings["url"])
    return lambda number: client.wait(client.submit(graph(number)))["images"][0]


def run_comfyui_autograph(settings: Settings) -> Work:
    from autograph import ApiFlow

    return lambda number: ApiFlow(graph(number)).submit(server_url=settings["url"], wait=True)["history"]


# The ids, times and states of all finished jobs


def history_comfy_cloud(settings: Settings) -> Work:
    from comfy_cloud import ComfyCloud

    cloud = ComfyCloud(api_key=settings["key"], base_url=settings["url"])
    return lambda _: [(entry.id, entry.created_at, entry.status) for entry in cloud.history][
        settings["jobs"] - 1
    ]


def history_comfy_sdk(settings: Settings) -> Work:
    import comfy_sdk

    client = comfy_sdk.Comfy(api_key=settings["key"])  # the URL is read from COMFY_BASE_URL
    return lambda _: [(job.id, job.create_time, job.status) for job in client.list_jobs()][
        settings["jobs"] - 1
    ]


# A workflow of the editor to a graph


def convert_comfy_cloud(settings: Settings) -> Work:
    from comfy_cloud import convert_workflow

    workflow, classes = read(settings, "workflow.json"), read(settings, "object_info.json")
    return lambda _: convert_workflow(workflow, classes)


def convert_comfy_cli(settings: Settings) -> Work:
    from comfy_cli.workflow_to_api import convert_ui_to_api

    workflow, classes = read(settings, "workflow.json"), read(settings, "object_info.json")
    return lambda _: convert_ui_to_api(workflow, classes)


def convert_comfyui_autograph(settings: Settings) -> Work:
    from autograph.convert import convert_workflow

    workflow, classes = read(settings, "workflow.json"), read(settings, "object_info.json")
    return lambda _: convert_workflow(workflow, node_info=classes)


def main(client: str, work: str, given: str) -> None:
    settings: Settings = json.loads(given)
    call: Work = globals()[f"{work}_{client.replace('-', '_')}"](settings)
    taken = []
    for number in range(settings["rounds"] + 1):  # the first one is not counted: it imports and connects
        begun = time.perf_counter()
        if not call(settings["first"] + number):
            raise SystemExit(f"{client} found nothing")
        taken.append(time.perf_counter() - begun)
    print("\n" + json.dumps(taken[1:]))


if __name__ == "__main__":
    main(*sys.argv[1:])
