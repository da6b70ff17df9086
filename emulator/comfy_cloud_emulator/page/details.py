"""What the page shows of one job or one request when it is opened, ready for JSON.

Everything has passed the redaction of the request log. Long texts are cut, and what was cut says
so: an open page must stay quick whatever a client sent.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from typing import Any, Final

import orjson

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.redaction import ShownRequest, shown, shown_json
from comfy_cloud_emulator.http.request_log import KEPT_BODY, Request, RequestLog
from comfy_cloud_emulator.media.media_types import media_type
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import is_array, is_object
from comfy_cloud_emulator.state.redaction import REDACTED
from comfy_cloud_emulator.state.store import Store

MAX_TEXT: Final = 200_000
"""Characters of a workflow, a body or a traceback."""
MOST_OUTPUTS: Final = 200
MOST_EVENTS: Final = 300
MAX_COMMAND: Final = 20_000
"""Characters of a body inside a curl command."""
_CONTROL: Final = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_OF_TRANSPORT: Final = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent",
     "x-api-key", "authorization", "cookie", "expect", "te", "upgrade")
)  # fmt: skip
"""Headers that curl sets by itself, and those of keys."""

Document = dict[str, Any]


def job_details(store: Store, engine: JobEngine, id: str, keys: Collection[str]) -> Document | None:
    """One job with its workflow, outputs, timeline and error; None when there is no such job."""
    job = store.get(id)
    if job is None:
        return None
    error = job.execution_error
    outputs = _outputs(job)
    return {
        "id": job.id,
        "number": job.number,
        "status": job.status,
        "state": job.state,
        "created": job.create_time,
        "started": job.start_time,
        "ended": job.end_time,
        "workflow_id": job.workflow_id,
        "moves": engine.runs_job(job.id),
        "error": None if error is None else _text(shown_json(error, keys)),
        "outputs": outputs[:MOST_OUTPUTS],
        "outputs_count": len(outputs),
        "events": _timeline(job, keys),
        "events_count": len(job.messages),
        "graph": _text(shown_json(job.graph, keys)),
    }


def request_details(log: RequestLog, id: str, keys: Collection[str]) -> Document | None:
    """One logged request by its id on the page; None when the log no longer has it."""
    record = _record(log, id)
    if record is None:
        return None
    covered = shown(record, list(keys))
    is_cut = len(record.body) >= KEPT_BODY
    return {
        "id": id,
        "method": record.method[:20],
        "address": covered.address[:MAX_TEXT],
        "status": record.status,
        "fault": record.fault,
        "account": record.account,
        "started": record.started,
        "seconds": record.seconds,
        "headers": [[name, value[:MAX_TEXT]] for name, value in covered.headers.items()],
        "body": _body(covered.body, is_cut=is_cut),
        "curl": _curl(record, covered, is_cut=is_cut) if _can_be_repeated(id, covered) else None,
    }


def _record(log: RequestLog, id: str) -> Request | None:
    """The request with an id such as `r12`, or a websocket upgrade such as `w3`."""
    number = int(id[1:]) if id[1:].isascii() and id[1:].isdecimal() and len(id) < 20 else 0
    match id[:1]:
        case "r":
            return log.numbered(number)
        case "w":
            return log.upgrades.numbered(number)
        case _:
            return None


def _can_be_repeated(id: str, covered: ShownRequest) -> bool:
    """Whether curl can send a request: no websocket, and no target such as `@evil.example`.

    Behind the address of the server, that would be another host, which would get the key.
    """
    return id.startswith("r") and covered.address.startswith("/")


def _outputs(job: Job) -> list[Document]:
    """The files and texts that a job made, in the order of its nodes."""
    found: list[Document] = []
    for node, of_node in job.outputs.items():
        for kind, items in of_node.items() if is_object(of_node) else ():
            for item in items if is_array(items) else ():
                file = item.get("filename") if is_object(item) else None
                if isinstance(file, str):
                    family = media_type(file).partition("/")[0]
                    found.append(
                        {"node": str(node)[:80], "kind": str(kind)[:80], "file": file, "family": family}
                    )
                elif kind == "text" and isinstance(item, str):
                    found.append({"node": str(node)[:80], "kind": "text", "text": item[:2000]})
    return found


def _timeline(job: Job, keys: Collection[str]) -> list[Document]:
    """The newest events of a job with their instants, oldest first."""
    events: list[Document] = []
    for event, data in job.messages[-MOST_EVENTS:]:
        at = data.get("timestamp")
        node = data.get("node", data.get("node_id"))
        cached = data.get("nodes")
        events.append(
            {
                "name": event,
                "at": at if isinstance(at, int) else None,
                "node": None if node is None else str(shown_json(str(node)[:200], keys)),
                "cached": len(cached) if is_array(cached) else None,
            }
        )
    return events


def _text(value: object) -> Document:
    """A JSON value as indented text, and whether the end is missing."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return {"text": text[:MAX_TEXT], "is_cut": len(text) > MAX_TEXT}


def _body(body: str, *, is_cut: bool) -> Document | None:
    if not body:
        return None
    if not is_cut and body.lstrip()[:1] in ("{", "["):
        try:
            return _text(orjson.loads(body))
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            pass  # shown as it is
    return {"text": body[:MAX_TEXT], "is_cut": is_cut or len(body) > MAX_TEXT}


def _curl(record: Request, covered: ShownRequest, *, is_cut: bool) -> str:
    """The request as a command for a POSIX shell; the address and the key come from variables.

    Every part that a client sent is quoted. Bodies that are not text, or are long, are left out
    with a comment that says so; headers that are not text are left out, too. To a terminal into
    which it is pasted, control characters are keys: some end the line, quoted or not.
    """
    parts = ["curl"]
    if any(each in covered.address for each in "[]{}"):
        parts.append("-g")  # or curl makes several addresses of them
    if record.method != "GET":
        parts += ["-X", shlex.quote(record.method[:20])]
    parts.append(f'"$COMFY_CLOUD_BASE_URL"{shlex.quote(covered.address)}')
    parts += ["-H", '"X-API-Key: $COMFY_CLOUD_API_KEY"']
    for name, value in covered.headers.items():
        if name not in _OF_TRANSPORT and value != REDACTED and _CONTROL.search(value) is None:
            parts += ["-H", shlex.quote(f"{name}: {value}")]
    if not record.body:
        return " ".join(parts)
    is_text = not is_cut and "\ufffd" not in covered.body and _CONTROL.search(covered.body) is None
    if is_text and len(covered.body) <= MAX_COMMAND:
        return " ".join([*parts, "--data-raw", shlex.quote(covered.body)])
    return f"{' '.join(parts)}  # without its body of {len(record.body)} bytes"
