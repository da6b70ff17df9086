"""Steps of `drive` about jobs: submitting, following, listing, cancelling, deleting, failing."""

from __future__ import annotations

import random
from typing import Any

from comfy_cloud import InvalidWorkflow, JobStatus, NotFound

from .forms import Form, Step

Json = dict[str, Any]


def node(class_type: str, **inputs: Any) -> Json:
    """A node of a graph."""
    return {"class_type": class_type, "inputs": inputs}


def images(count: int = 1, color: int | None = None, edge: int = 64) -> Json:
    """A graph that saves images of one colour, a new one unless it is given."""
    color = random.randrange(1 << 24) if color is None else color
    return {
        "1": node("EmptyImage", width=edge, height=edge, batch_size=count, color=color),
        "2": node("SaveImage", images=["1", 0], filename_prefix="drive/image"),
    }


def long_chain(length: int = 60) -> Json:
    """A graph that takes a while: a large image that is blurred many times."""
    graph = images(edge=1024)
    for number in range(length):
        source = "1" if not number else f"b{number - 1}"
        graph[f"b{number}"] = node("ImageBlur", image=[source, 0], blur_radius=5, sigma=1.0 + number / 100)
    graph["2"]["inputs"]["images"] = [f"b{length - 1}", 0]
    return graph


def expect(condition: object, about: object) -> None:
    """Raise AssertionError with what was seen instead."""
    if not condition:
        raise AssertionError(about)


async def submit_and_wait(form: Form) -> str:
    job = await form(form.cloud.submit(images(5)))
    await form(job.wait(60))
    expect(job.status is JobStatus.COMPLETED, job.status)
    expect(len(job.outputs) == 5, [output.filename for output in job.outputs])
    expect(job.created_at and job.started_at and job.finished_at, (job.created_at, job.started_at))
    return f"{job.status}, {len(job.outputs)} outputs, times"


async def run_with_live_events(form: Form) -> str:
    job = await form(form.cloud.submit(long_chain(8)))
    seen = await form.listed(job.events(timeout=120))
    kinds = {type(event).__name__ for event in seen}
    expect({"JobStarted", "NodeExecuting", "NodeFinished", "JobSucceeded"} <= kinds, kinds)
    expect("UnknownEvent" not in kinds, [event for event in seen if "Unknown" in type(event).__name__])
    return f"{len(seen)} events: {', '.join(sorted(kinds))}"


async def cached_run(form: Form) -> str:
    color = random.randrange(1 << 24)
    first = await form(form.cloud.run(images(2, color), timeout=60))
    events: list[Any] = []
    second = await form(form.cloud.run(images(2, color), timeout=60, on_event=events.append))
    names = [[output.filename for output in job.outputs] for job in (first, second)]
    expect(names[0] == names[1], names)
    return f"{len(names[1])} outputs under the same names, {len(events)} events"


async def map_of_variants(form: Form) -> str:
    variants = [{"1.color": color} for color in random.sample(range(1 << 24), 3)]
    results = await form.listed(form.cloud.map(images(), variants, timeout=60))
    expect([result.is_completed for result in results] == [True] * 3, results)
    return "3 of 3 completed"


async def history_list_get_iter(form: Form) -> str:
    job = await form(form.cloud.run(images(5), timeout=60))
    listed = next(each for each in await form(form.cloud.history.list(5)) if each.id == job.id)
    read = await form(form.cloud.history.get(job.id))
    iterated = next(each for each in await form.listed(form.cloud.history.iter(limit=5)) if each.id == job.id)
    counts = [len(each.outputs) for each in (listed, read, iterated)]
    expect(counts == [5, 5, 5], f"outputs in list, get, iter: {counts}")
    times = [each.created_at for each in (listed, read, iterated)]
    expect(len(set(times)) == 1 and times[0], times)
    expect(read.workflow, "no graph")
    return "5 outputs and created_at in all three"


async def jobs_list_and_get(form: Form) -> str:
    job = await form(form.cloud.run(images(5), timeout=60))
    listed = await form(form.cloud.jobs.list(status="completed", limit=3))
    expect(listed[0].id == job.id, listed)
    counted = len(await form.listed(form.cloud.jobs.iter(limit=4, page_size=2)))
    got = await form(form.cloud.jobs.get(job.id))
    expect(len(got.outputs) == 5, got.outputs)
    status = await form(form.cloud.jobs.status(job.id))
    expect(status is JobStatus.COMPLETED, status)
    return f"newest first, {counted} by pages, get has 5 outputs (list {len(listed[0].outputs)})"


async def jobs_by_output_type(form: Form) -> str:
    await form(form.cloud.run(images(), timeout=60))
    found = await form(form.cloud.jobs.list(output_type="video", limit=20))
    names = [job.outputs[0].filename for job in found if job.outputs]
    wrong = [name for name in names if name.endswith(".png")]
    expect(not wrong, f"{len(wrong)} images among the videos")
    return "no images among the videos"


async def unknown_job(form: Form) -> str:
    unknown = "0aa57c75-8b51-4e2f-9d0c-3f1f6f5d7a10"
    found = []
    for call in (form.cloud.jobs.get, form.cloud.history.get):
        try:
            await form(call(unknown))
        except NotFound:
            found.append("NotFound")
    expect(len(found) == 2, found)
    return "NotFound, also in the history"


async def queue_and_cancel_waiting_and_running(form: Form) -> str:
    cloud = form.cloud
    jobs = [await form(cloud.submit(long_chain())) for _ in range(4)]
    running, *waiting = jobs
    async for event in form.each(running.events(timeout=60)):
        if type(event).__name__ == "NodeExecuting":
            break
    state = await form(cloud.queue.get())
    expect(len(state.running) == 1 and len(state.pending) == 3, state)
    remaining = await form(cloud.queue.remaining())
    expect(remaining == 4, remaining)
    first = await form(waiting[0].cancel())
    removed = await form(cloud.queue.cancel(waiting[2].id))
    both = await form(cloud.jobs.cancel(waiting[1], running))
    await form(running.wait(60))
    expect(running.status is JobStatus.CANCELLED, running.status)
    expect(first and removed == [waiting[2].id], (first, removed))
    expect(set(both) == {waiting[1].id, running.id}, f"cancelled {len(both)} of 2")
    statuses = {waiting[0].status, (await form(cloud.history.get(running.id))).status}
    return f"1 running and 3 waiting cancelled; {', '.join(sorted(map(str, statuses)))}"


async def interrupt_by_id(form: Form) -> str:
    job = await form(form.cloud.submit(long_chain()))
    async for event in form.each(job.events(timeout=60)):
        if type(event).__name__ == "NodeExecuting":
            break
    await form(form.cloud.queue.interrupt(job.id))
    await form(job.wait(60))
    expect(job.status is JobStatus.CANCELLED, job.status)
    return str(job.status)


async def delete_a_job(form: Form) -> str:
    job, other = [await form(form.cloud.run(images(), timeout=60)) for _ in range(2)]
    await form(job.delete())
    await form(form.cloud.history.delete(other.id))
    left = {entry.id for entry in await form(form.cloud.history.list(10))}
    expect(not left & {job.id, other.id}, left)
    return "gone from the history"


async def validation_and_the_verdict(form: Form) -> str:
    bad = images()
    bad["1"]["inputs"] |= {"width": -5, "height": "x"}
    del bad["2"]["inputs"]["filename_prefix"]
    graphs = {
        "values": bad,
        "class": {**images(), "3": node("NoSuchClass")},
        "cycle": {
            "1": node("ImageInvert", image=["3", 0]),
            "3": node("ImageInvert", image=["1", 0]),
            "2": node("PreviewImage", images=["1", 0]),
        },
        "types": {"1": images()["1"], "2": node("VAEDecode", samples=["1", 0], vae=["1", 0]),
                  "3": node("PreviewImage", images=["2", 0])},
        "choice": {"1": images()["1"], "3": node("PreviewImage", images=["2", 0]),
                   "2": node("ImageScale", image=["1", 0], upscale_method="x", width=1, height=1, crop="x")},
    }  # fmt: skip
    counts = []
    for name, graph in graphs.items():
        problems = await form(form.cloud.validate(graph))
        expect(problems, f"no problem in {name}")
        try:
            await form(form.cloud.submit(graph))
        except InvalidWorkflow as error:
            theirs = set(error.node_errors)
        else:
            raise AssertionError(f"{name} was accepted")
        ours = {problem.node_id for problem in problems}
        # The client names a cycle once, the server at each of its nodes.
        expect(
            theirs & ours if name == "cycle" else theirs <= ours,
            f"{name}: server {sorted(theirs)}, client {sorted(map(str, ours))}",
        )
        counts.append(len(problems))
    expect(not await form(form.cloud.validate(images())), "a problem in a good graph")
    return f"{sum(counts)} problems in {len(counts)} graphs, at the nodes that the server names"


async def one_of_two_outputs_wrong(form: Form) -> str:
    graph = {**images(), "3": node("ImageInvert"), "4": node("PreviewImage", images=["3", 0])}
    job = await form(form.cloud.submit(graph))
    expect(set(job.node_errors) == {"3"}, job.node_errors)
    await form(job.wait(60))
    expect(len(job.outputs) == 1, job.outputs)
    return "accepted, node 3 reported, 1 output"


async def a_node_that_fails(form: Form) -> str:
    name = (await form(form.cloud.files.upload_image(b"\x89PNG\r\n\x1a\nbroken", name="broken.png"))).name
    graph = {"1": node("LoadImage", image=name), "2": node("PreviewImage", images=["1", 0])}
    job = await form(form.cloud.submit(graph))
    await form(job.wait(60))
    expect(job.status is JobStatus.FAILED and job.error, job.status)
    entry = await form(form.cloud.history.get(job.id))
    expect(entry.error is not None and entry.error.node_id == "1", entry.error)
    return f"{job.status}: {entry.error.exception_type} in node {entry.error.node_id}"


STEPS: list[Step] = [
    submit_and_wait,
    run_with_live_events,
    cached_run,
    map_of_variants,
    history_list_get_iter,
    jobs_list_and_get,
    jobs_by_output_type,
    unknown_job,
    queue_and_cancel_waiting_and_running,
    interrupt_by_id,
    delete_a_job,
    validation_and_the_verdict,
    one_of_two_outputs_wrong,
    a_node_that_fails,
]
