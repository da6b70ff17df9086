"""Why a job ended as it did, and what to try: rules over what the library knows.

Nothing is shown here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._console.times import seconds_text
from .._runs.state import node_title

if TYPE_CHECKING:
    from comfy_cloud import AsyncJob, Job

_LONG_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is to be said of one job.

    Attributes:
        outcome: The status, in a sentence.
        node: The node that is to blame: its id, class, title and literal inputs; None if none is.
        reason: What the server reported.
        advice: What to try, the most likely first.
        timeline: How long each part took, in words.
    """

    outcome: str
    node: Mapping[str, Any] | None = None
    reason: str = ""
    advice: tuple[str, ...] = ()
    timeline: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Facts:
    job: Job | AsyncJob
    message: str
    node_class: str
    inputs: Mapping[str, Any]
    choices: Callable[[str, str], Sequence[str]]


def explain(job: Job | AsyncJob, choices: Callable[[str, str], Sequence[str]]) -> Explanation:
    """What became of a job.

    `choices` gives what the server offers for an input of a node class, such as the checkpoints; it
    is called only if the value that a node has may be missing there.
    """
    status = job.status.value
    timeline = tuple(_timeline(job))
    error = job.error
    if error is None:
        return Explanation(_OUTCOMES.get(status, f"The job is {status}."), timeline=timeline)
    graph = job.workflow or {}
    raw = graph.get(error.node_id) if error.node_id is not None else None
    found: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    inputs = found.get("inputs")
    literals = (
        {name: value for name, value in inputs.items() if not isinstance(value, list)}
        if isinstance(inputs, Mapping)
        else {}
    )
    node_class = str(error.node_class or found.get("class_type") or "")
    node = None
    if error.node_id is not None:
        title = node_title(found, error.node_id) if found else node_class
        node = {"id": error.node_id, "class": node_class, "title": title, "inputs": literals}
    facts = _Facts(job, error.message or "", node_class, literals, choices)
    typed = f"{error.exception_type}: {error.message}" if error.exception_type else error.message
    return Explanation(
        "The job failed.",
        node,
        str(typed).strip(),
        tuple(_advice(error.exception_type or "", facts)),
        timeline,
    )


_OUTCOMES = {
    "pending": "The job waits in the queue.",
    "in_progress": "The job is running.",
    "completed": "The job completed.",
    "cancelled": "The job was cancelled.",
}


def _timeline(job: Job | AsyncJob) -> list[str]:
    lines = []
    if job.queue_position is not None:
        reason = f", because of {job.queue_reason.replace('_', ' ')}" if job.queue_reason else ""
        lines.append(f"waits at position {job.queue_position}{reason}")
    if job.created_at is not None and job.started_at is not None:
        waited = (job.started_at - job.created_at).total_seconds()
        if waited >= 0:
            lines.append(f"waited {seconds_text(waited)} in the queue")
            if waited > _LONG_WAIT:
                lines.append("most accounts run few jobs at once: see comfy-cloud system features")
    if job.duration is not None:
        lines.append(f"ran for {seconds_text(job.duration.total_seconds())}")
    return lines


def _advice(kind: str, facts: _Facts) -> list[str]:
    """What to try: by the kind of the error, then by its words."""
    lines: list[str] = []
    for pattern, advise in _RULES:
        if pattern.search(f"{kind}: {facts.message}"):
            for line in advise(facts):
                if line not in lines:
                    lines.append(line)
    return lines or _again(facts)


def _memory(facts: _Facts) -> list[str]:
    lines = ["make it smaller: a lower width, height, batch size or number of frames"]
    large = [
        f"{name} is {value}"
        for name, value in facts.inputs.items()
        if name in ("width", "height", "batch_size", "length") and isinstance(value, (int, float))
    ]
    if large:
        lines.append(f"here {', '.join(large)}")
    return [*lines, "use a smaller model, such as an fp8 version"]


def _model(facts: _Facts) -> list[str]:
    return _missing(facts) or [
        "check the names of models in the loader nodes: `comfy-cloud models list`",
        "a model of your own has to be imported first: `comfy-cloud assets import URL --folder FOLDER`",
    ]


def _missing(facts: _Facts) -> list[str]:
    """For each input whose value the server does not offer: that, and what it has that is close."""
    from difflib import get_close_matches

    lines = []
    for name, value in facts.inputs.items():
        if not isinstance(value, str):
            continue
        offered = facts.choices(facts.node_class, name)
        if offered and value not in offered:
            close = get_close_matches(value, offered, n=3, cutoff=0.4)
            lines.append(f"the server has no {value!r} for {name}")
            if close:
                lines.append(f"it has {', '.join(close)}")
    return lines


def _image(facts: _Facts) -> list[str]:
    return [
        "the graph must have the stored name of the image, which `comfy-cloud files upload` shows",
        "or let the command upload it: `comfy-cloud jobs rerun "
        f"{facts.job.id} -i {facts.job.error.node_id if facts.job.error else 'NODE'}.image=FILE`",
    ]


def _graph(_: _Facts) -> list[str]:
    return ["see all its problems: `comfy-cloud workflow validate FILE`"]


def _credits(_: _Facts) -> list[str]:
    return ["see what is left: `comfy-cloud user balance`", "add credits, or wait for the plan's next ones"]


def _plan(_: _Facts) -> list[str]:
    return ["the subscription is not active: see `comfy-cloud auth status`"]


def _time(_: _Facts) -> list[str]:
    return ["make it shorter: fewer steps, frames or images in one job, and more jobs instead"]


def _shapes(_: _Facts) -> list[str]:
    return [
        "the parts do not fit together: the text encoder, the model, the VAE or a LoRA is of another family",
        "load all of them from one checkpoint, or from files for the same base model",
    ]


def _again(facts: _Facts) -> list[str]:
    return [f"try again: `comfy-cloud jobs rerun {facts.job.id}`"]


def _service(facts: _Facts) -> list[str]:
    return ["the fault is on the service's side, not in the workflow", *_again(facts)]


def _rule(words: str, advise: Callable[[_Facts], list[str]]) -> tuple[re.Pattern[str], Any]:
    return re.compile(words, re.IGNORECASE), advise


_RULES = (
    _rule(r"OOM|out of memory|insufficient memory", _memory),
    _rule(r"InsufficientFunds|insufficient (funds|credits)", _credits),
    _rule(r"InactiveSubscription|subscription", _plan),
    _rule(r"ImageDownloadError|Invalid image file|failed to download image", _image),
    _rule(r"ModelDownloadError|ModelAccess|value_not_in_list|not in list|model .*not found", _model),
    _rule(r"ValidationError|failed validation|node_errors", _graph),
    _rule(r"time exceeded|timed? ?out|Timeout", _time),
    _rule(r"shapes? cannot be multiplied|size mismatch|expected .*channels|shape .*invalid", _shapes),
    _rule(r"stagnated|PanicError|WebSocketError|DispatcherError|UnexpectedService", _service),
)
"""What the report contains, and what is advised then. All that match count."""
