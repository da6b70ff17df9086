"""What the tools do. Their docstrings and annotations are what an agent reads of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import anyio.to_thread
from mcp.types import ContentBlock, ImageContent, TextContent
from pydantic import Field

from ..._errors.redaction import redact
from .._console.details import plain
from .._console.exits import NOT_FOUND, REFUSED, CommandError
from .._console.formats import json_text
from .._console.options import GlobalOptions
from .._console.sanitizing import safe_json
from .._history.mirror_option import open_mirror
from .._jobs.again import choices_of_node, explanation_text
from .._jobs.details import job_record
from .._jobs.explanation import explain
from .._workflows.output import write_document
from .._workflows.problems import problem_record
from .budget import Budget
from .folders import Folders
from .images import LARGEST_SIDE, LARGEST_SOURCE, MOST_IMAGES, small_jpeg
from .texts import bounded, shown
from .workflows import graph_of, read_given, set_inputs

if TYPE_CHECKING:
    from comfy_cloud import AsyncComfyCloud, AsyncJob, HistoryEntry, Output

LONGEST_WAIT = 600
_LONGEST_GRAPH = 200_000
_LONGEST_EXPLANATION = 8_000

Record: TypeAlias = dict[str, Any]
WorkflowGiven: TypeAlias = Annotated[
    dict[str, Any] | str,
    Field(
        description="The workflow: an API graph or a workflow of the editor, as a JSON object or as JSON "
        "text; or the path of a file with one, also of an image or video made by ComfyUI; or the whole id "
        "of a job."
    ),
]
Inputs: TypeAlias = Annotated[
    dict[str, Any] | None,
    Field(
        description='Inputs to change, by "NODE.INPUT", such as {"6.text": "a cat", "3.seed": 7}. NODE '
        "is the id, the title or the class of a node. No file is uploaded for these."
    ),
]
Files: TypeAlias = Annotated[
    dict[str, str] | None,
    Field(
        description='Files to upload, by the input that takes them, such as {"10.image": "photo.png"}. Paths '
        "are relative to the server's first folder."
    ),
]
JobId: TypeAlias = Annotated[str, Field(min_length=1, max_length=200, description="The whole id of a job.")]
Seconds: TypeAlias = Annotated[
    int, Field(ge=0, le=LONGEST_WAIT, description="How long to wait at most, in seconds. 0: do not wait.")
]
Status: TypeAlias = Annotated[
    Literal["completed", "failed", "cancelled"] | None, Field(description="Only jobs that ended so.")
]
When: TypeAlias = Annotated[
    str | None, Field(max_length=100, description='Such as "30d", "yesterday" or "2026-11-01".')
]


class Tools:
    """The tools over one client, one budget, the allowed folders, and perhaps a mirror."""

    def __init__(
        self,
        cloud: AsyncComfyCloud,
        budget: Budget,
        folders: Folders,
        options: GlobalOptions,
        database: str | None = None,
    ) -> None:
        self._cloud = cloud
        self._budget = budget
        self._folders = folders
        self._options = options
        self._database = database

    async def run(
        self,
        workflow: WorkflowGiven,
        inputs: Inputs = None,
        files: Files = None,
        random_seeds: Annotated[bool, Field(description="Draw new random seeds.")] = False,
        wait_seconds: Seconds = 60,
        check: Annotated[
            bool, Field(description="Check the workflow first, and submit nothing if there are problems.")
        ] = True,
    ) -> Record:
        """Run a workflow: submit it as one job, and wait for its end for a while.

        Each job costs credits of the account. It works only if the person who started this server
        allowed a number of jobs; `budget` in the result is what is used and allowed. The result
        has the job's `id`, `status` (pending, in_progress, completed, failed or cancelled),
        `duration` in seconds, and `outputs`, one object for each file. A job that has not ended
        goes on: call `wait` with its id, and do not run it again.
        """
        self._budget.check()
        notes: list[str] = []
        found = await read_given(self._cloud, self._folders, workflow, notes)
        graph = await graph_of(self._cloud, found, notes)
        set_inputs(graph, inputs, files, self._folders, notes)
        if check and (problems := await self._cloud.validate(graph)):
            lines = "\n".join(f"- {each}" for each in problems[:20])
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise CommandError(
                f"nothing was submitted: {count} in this workflow.\n{lines}\n"
                "Mend them, or pass check=false if you know better",
                REFUSED,
            )
        with self._budget.one_job():
            job = await self._cloud.submit(graph, randomise_seeds=random_seeds)
        return await self._waited(job, wait_seconds, notes)

    async def wait(self, job_id: JobId, wait_seconds: Seconds = 60) -> Record:
        """Wait for the end of a job, and return what it has become. It costs nothing.

        The result has the form of that of `run`. `status` is pending or in_progress if the job has
        not ended in that time; call this again then. With 0 seconds, it only looks.
        """
        return await self._waited(await self._cloud.jobs.get(job_id), wait_seconds, [])

    async def _waited(self, job: AsyncJob, seconds: int, notes: list[str]) -> Record:
        from comfy_cloud import WaitTimeout

        if seconds and not job.status.is_terminal:
            try:
                await job.wait(timeout=seconds)
            except WaitTimeout:
                notes.append("the job has not ended yet and goes on: call `wait` with its id")
        self._budget.note_credits(job.id, _credits(job))
        if job.error is not None:
            notes.append("`explain` says why it failed and what to try")
        return self._record(job, notes, budget=self._budget.record(), seeds=dict(job.seeds))

    def _record(self, job: AsyncJob | HistoryEntry, notes: list[str], **more: Any) -> Record:
        found: Record = bounded({**plain(job_record(job)), "credits": _credits(job), **more})  # type: ignore[arg-type]
        if notes:
            found["notes"] = [shown(each) for each in notes[:20]]
        return found

    async def explain(self, job_id: JobId) -> str:
        """Say why a job failed or waits: the node, its inputs, what was reported, and what to try.

        The result is text, the same as that of `comfy-cloud jobs explain`.
        """
        from comfy_cloud import ComfyCloudError

        job = await self._cloud.jobs.get(job_id)
        node = None
        if job.error is not None and (node_class := _blamed(job)):
            try:
                node = await self._cloud.nodes.get(node_class, stale_if_error=True)
            except ComfyCloudError:
                node = None
        found = explain(job, lambda _, name: choices_of_node(node, name))
        return shown(explanation_text(job.id, found), _LONGEST_EXPLANATION)

    async def list_history(
        self,
        limit: Annotated[int, Field(ge=1, le=100, description="At most so many jobs.")] = 20,
        status: Status = None,
        since: When = None,
        until: When = None,
    ) -> Record:
        """List finished jobs of the account, newest first, as the service has them.

        `jobs` has one object for each, with its id, status, times, `duration` in seconds, outputs
        and error. It does not search: `search_history` does, in a mirror of the history.
        """
        entries = self._cloud.history.iter(status=status, since=since, until=until, limit=limit)
        return {"jobs": [self._record(entry, []) async for entry in entries]}

    async def search_history(
        self,
        query: Annotated[
            str,
            Field(
                max_length=1_000,
                description='Words that must all be there; "phrases", -word, word*, and prompt:, text:, '
                "title:, model:, file:, status:, workflow: or seed: before a word.",
            ),
        ],
        limit: Annotated[int, Field(ge=1, le=100, description="At most so many jobs.")] = 20,
        status: Status = None,
        since: When = None,
        until: When = None,
        model: Annotated[
            str | None, Field(max_length=200, description="Only jobs with a model whose words begin so.")
        ] = None,
    ) -> Record:
        """Search the mirror of the history by prompts, texts, titles, models and files.

        The mirror is a copy on this machine, which `comfy-cloud history sync` makes and updates; no
        server is asked. `jobs` has one object for each, best match first, with its id, status,
        `created_ms` (milliseconds since 1970), prompt, model, seed, size in pixels, `run_seconds`
        and credits. `is_cut` says whether there are more.
        """

        def search() -> Record:
            with open_mirror(self._options, self._database) as mirror:
                found = mirror.search(
                    query, status=status, since=since, until=until, model=model, limit=limit
                )
                return {"jobs": [bounded(plain(dict(row))) for row in found], "is_cut": found.is_cut}

        return await anyio.to_thread.run_sync(search)

    async def images(
        self,
        job_id: JobId,
        max_images: Annotated[int, Field(ge=1, le=MOST_IMAGES, description="At most so many images.")] = 4,
        max_side: Annotated[
            int, Field(ge=64, le=LARGEST_SIDE, description="The longer side of each, in pixels.")
        ] = 768,
    ) -> list[ContentBlock]:
        """Show images that a job made, each as a JPEG that is made smaller, of at most 1 MB.

        Before each image, a text has its name, its size and that of the original in pixels. Of an
        animation it is the first frame. Videos and audio are not shown: `download` saves them.
        """
        job = await self._cloud.jobs.get(job_id)
        found = [output for output in job.outputs if output.kind == "image"]
        if not found:
            kinds = ", ".join(sorted({output.kind for output in job.outputs})) or "none"
            raise CommandError(
                f"job {job.id} is {job.status.value} and has no images (outputs: {kinds})", NOT_FOUND
            )
        content: list[ContentBlock] = []
        for output in found[:max_images]:
            content += await self._image(output, max_side)
        more = len(found) - max_images
        if more > 0:
            content.append(_text(f"{more} more image{'s' if more > 1 else ''}; `download` saves all of them"))
        return content

    async def _image(self, output: Output, side: int) -> list[ContentBlock]:
        name = shown(output.display_name or output.filename, 200)
        buffer = bytearray()
        async with self._cloud.files.open(output) as opened:
            async for chunk in opened:
                buffer += chunk
                if len(buffer) > LARGEST_SOURCE:
                    return [_text(f"{name} has more than {LARGEST_SOURCE} bytes; `download` saves it")]
        try:
            small, size, original = await anyio.to_thread.run_sync(small_jpeg, bytes(buffer), side)
        except CommandError as error:
            return [_text(f"{name}: {shown(error.message)}; `download` saves it")]
        about = f"{name}: {size[0]} x {size[1]} pixels, from {original[0]} x {original[1]}"
        encoded = base64.b64encode(small).decode()
        return [_text(about), ImageContent(type="image", data=encoded, mime_type="image/jpeg")]

    async def download(
        self,
        job_id: JobId,
        folder: Annotated[str, Field(max_length=1_000, description="A folder, which is made if need be.")],
    ) -> Record:
        """Save all outputs of a job to a folder below the server's folders.

        No file is replaced: an existing one is kept, and the new one has a number in its name.
        `paths` has the files that were saved.
        """
        job = await self._cloud.jobs.get(job_id)
        if not job.outputs:
            raise CommandError(f"job {job.id} is {job.status.value} and has no outputs", NOT_FOUND)
        saved = await job.download(self._folders.folder(folder), if_exists="rename")
        return {"paths": [str(path) for path in saved]}

    async def validate(self, workflow: WorkflowGiven, inputs: Inputs = None, files: Files = None) -> Record:
        """Check a workflow against the node classes of the server, without running it.

        `valid` says whether it is in order. Each of `problems` has the node, its class, the input,
        what is wrong, and suggestions.
        """
        notes: list[str] = []
        found = await read_given(self._cloud, self._folders, workflow, notes)
        graph = await graph_of(self._cloud, found, notes)
        set_inputs(graph, inputs, files, self._folders, notes)
        problems = await self._cloud.validate(graph)
        record: Mapping[str, Any] = {
            "valid": not problems,
            "problems": [problem_record(each) for each in problems],
            "notes": notes,
        }
        return bounded(record)  # type: ignore[no-any-return]

    async def convert(
        self,
        workflow: WorkflowGiven,
        save_as: Annotated[
            str | None,
            Field(max_length=1_000, description="A new file for the graph, below the server's folders."),
        ] = None,
    ) -> Record:
        """Convert a workflow of ComfyUI's editor to an API graph, which `run` takes.

        `graph` maps the id of each node to its `class_type` and `inputs`; with `save_as` it is
        written to that file instead, and `path` names it. `notes` has what the graph does not have.
        An API graph is returned as it is.
        """
        target = self._folders.new_file(save_as) if save_as is not None else None
        notes: list[str] = []
        found = await read_given(self._cloud, self._folders, workflow, notes)
        graph = (await graph_of(self._cloud, found, notes)).graph
        record: Record = {"notes": [shown(each) for each in notes[:50]]}
        if target is not None:
            write_document(graph, target, overwrite=False)
            return {"path": str(target), **record}
        length = len(json_text(graph))
        if length > _LONGEST_GRAPH:
            raise CommandError(
                f"the graph has {length} characters, too many to be returned: pass save_as with the "
                "name of a new file"
            )
        safe = redact(graph)
        if safe != graph:
            record["notes"].append("what looks like a key was taken out of this graph; save_as keeps it")
        return {"graph": safe, **record}


def _blamed(job: AsyncJob) -> str:
    """The class of the node at which a job failed, as `explain` finds it."""
    error = job.error
    if error is None:
        return ""
    node = (job.workflow or {}).get(error.node_id) if error.node_id is not None else None
    found = node.get("class_type") if isinstance(node, Mapping) else None
    return str(error.node_class or found or "")


def _credits(job: AsyncJob | HistoryEntry) -> Any:
    get = getattr(job.raw, "get", None)
    return get("credits") if get is not None else None


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)


def text_of(record: Record) -> TextContent:
    """A result as JSON, in which nothing acts on a terminal."""
    return _text(safe_json(json_text(record, indent=2)))
