"""A server that sends the API key back, in every form, wherever it can: is the key shown?

Searched are exceptions with their chains, the reprs of what a call returns, warnings, and every log
line of every logger. `python -m tests.attacks.echoed_keys` tries every combination.
"""

from __future__ import annotations

import base64
import html
import json
import re
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from comfy_cloud import ComfyCloudError, Retry
from tests.attacks.trials import GRAPH, TRANSPORTS, Report, call_over, chain, logged
from tests.clock import FakeTime
from tests.live.forms import Form
from tests.raw_server import RawServer, http_response, raw_server

KEY = "sk-Zq9x77/vAbC+12345678=z"
_JOB = "11111111-2222-4333-8444-555555555555"

# How the key is written. Each form fits into a JSON text as it is.
FORMS: dict[str, str] = {
    "as it is": KEY,
    "lower case": KEY.lower(),
    "JSON escapes": "".join(f"\\u{ord(character):04x}" for character in KEY),
    "JSON escapes in capitals": "".join(f"\\u{ord(character):04X}" for character in KEY),
    "one JSON escape": "\\u0073" + KEY[1:],
    "escaped slash": KEY.replace("/", "\\/"),
    "JSON in JSON": json.dumps("".join(f"\\u{ord(character):04x}" for character in KEY))[1:-1],
    "percent": quote(KEY, safe=""),
    "percent everywhere": "".join(f"%{ord(character):02x}" for character in KEY),
    "percent twice": quote(quote(KEY, safe=""), safe=""),
    "HTML": "".join(f"&#{ord(character)};" for character in KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "basic authorization": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "basic authorization, no user": base64.b64encode(f":{KEY}".encode()).decode(),
}


def _json(status: int, text: str, **headers: str) -> bytes:
    return http_response(status, text.encode(), None, content_type="application/json", **headers)


def _redirect(location: str) -> bytes:
    return http_response(302, location=location)


def _job(error: str, job_id: str = _JOB) -> str:
    return f'{{"id": "{job_id}", "status": "failed", "create_time": 1, "execution_error": {error}}}'


def _status_line(form: str, status: int = 500) -> bytes:
    return f"HTTP/1.1 {status} {form}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()


# Where the key is sent back: the call that is made, and the response to it.
PLACES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "error message": ("list", lambda form: _json(400, f'{{"error": {{"message": "no: {form}"}}}}')),
    "error code and details": (
        "list",
        lambda form: _json(401, f'{{"code": "{form}", "details": {{"a": ["{form}"], "{form}": 1}}}}'),
    ),
    "problem details": (
        "list",
        lambda form: _json(
            403, f'{{"type": "{form}", "title": "{form}", "detail": "{form}", "instance": "/{form}"}}'
        ),
    ),
    "plain text": (
        "list",
        lambda form: http_response(403, f"no: {form}".encode(), content_type="text/plain"),
    ),
    "web page": ("list", lambda form: http_response(200, f"<p>{form}".encode(), content_type="text/html")),
    "web page after spaces": (
        "list",
        lambda form: http_response(200, b" " * 790 + form.encode(), content_type="text/html"),
    ),
    "reason": ("list", _status_line),
    "request id": ("list", lambda form: http_response(500, b"", x_request_id=f"{'a' * 190}{form}")),
    "content type": ("list", lambda form: http_response(200, b"x", content_type=f"text/{form}")),
    "other headers": (
        "list",
        lambda form: http_response(503, b"", retry_after=form, date=form, set_cookie=f"a={form}"),
    ),
    "host of a redirect": ("list", lambda form: _redirect(f"http://{form}/")),
    "path of a redirect": ("list", lambda form: _redirect(f"http://a.example/{form}?q={form}#{form}")),
    "redirect of a file": ("file", lambda form: _redirect(f"http://127.0.0.1:1/{form}?q={form}")),
    "host of the redirect of a file": ("file", lambda form: _redirect(f"http://{form}.invalid/")),
    "job id": (
        "submit",
        lambda form: _json(200, f'{{"prompt_id": "{form}", "number": 1, "node_errors": {{}}}}'),
    ),
    "node errors": (
        "submit",
        lambda form: _json(
            400,
            f'{{"error": {{"type": "{form}", "message": "{form}"}}, "node_errors": '
            f'{{"{form}": {{"errors": [{{"message": "{form}"}}], "class_type": "{form}"}}}}}}',
        ),
    ),
    "error of a job": (
        "job",
        lambda form: _json(
            200,
            _job(
                f'{{"exception_message": "{form}", "exception_type": "{form}", "node_id": "{form}", '
                f'"node_type": "{form}", "traceback": ["{form}"], "current_inputs": {{"a": "{form}"}}}}'
            ),
        ),
    ),
    "error of a job as text": ("job", lambda form: _json(200, _job(f'"{form}"'))),
    "id of a job that is read": ("job", lambda form: _json(200, _job('"bad"', form))),
    "error of a task": (
        "task",
        lambda form: _json(
            200, f'{{"id": "{form}", "status": "failed", "task_name": "{form}", "error_message": "{form}"}}'
        ),
    ),
    "refused websocket": ("events", lambda form: _status_line(form, 403)),
}
_PATHS = {
    "list": "/api/jobs",
    "file": "/api/view",
    "submit": "/api/prompt",
    "job": f"/api/jobs/{_JOB}",
    "task": f"/api/tasks/{_JOB}",
    "events": "/ws",
}


def is_shown(text: str) -> bool:
    """Whether a text contains the key, however it is written. Written apart from what is tested."""
    for _ in range(4):
        text = html.unescape(unquote(text)).replace("\\/", "/")
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        text = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    if KEY.lower() in text.lower():
        return True
    for found in re.findall(r"[A-Za-z0-9+/_-]{16,}", text):
        for start in range(4):
            digits = found[start:].replace("-", "+").replace("_", "/")
            whole = digits[: len(digits) // 4 * 4]
            if KEY[2:-3].encode() in base64.b64decode(whole):
                return True
    return False


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Every log line and warning, as text."""
    with logged() as lines, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield lines
        lines += [f"warning {each.message}" for each in caught]


def attack(
    forms: Sequence[str] = tuple(FORMS),
    places: Sequence[str] = tuple(PLACES),
    transports: Sequence[str] = TRANSPORTS,
) -> Report:
    """Try every combination."""
    report = Report()
    with raw_server() as server:
        for transport in transports:
            for place in places:
                for form in forms:
                    report.tries += 1
                    problem = _try(server, transport, place, form)
                    if problem:
                        report.failures.append(f"{transport}, {place}, {form}: {problem}")
    return report


def _try(server: RawServer, transport: str, place: str, form: str) -> str:
    call, response = PLACES[place]
    server._scripts.clear()
    server.script(_PATHS[call], response(FORMS[form]))
    shown: list[str] = []
    with _watched() as lines:
        try:
            options = {"api_key": KEY, "retry": Retry(attempts=2)}
            time = FakeTime(datetime.now(UTC))
            call_over(transport, server.url, lambda form: _call(form, call, shown), time, **options)
        except Exception as error:  # noqa: BLE001 - whatever is raised is judged here
            if not isinstance(error, ComfyCloudError):
                return f"raised {type(error).__name__}: {error}"
            shown += _texts_of(error)
    for text in (*shown, *lines):
        if is_shown(text):
            return text[:200]
    return ""


def _texts_of(error: BaseException) -> Iterator[str]:
    for each in chain(error):
        notes = getattr(each, "__notes__", ())
        for text in (str(each), repr(each), repr(each.args), repr(vars(each)), *notes):
            yield f"{type(each).__name__} {text}"
    yield "".join(traceback.format_exception(error))


async def _call(form: Form, call: str, shown: list[str]) -> str:
    cloud = form.cloud
    match call:
        case "list":
            await form(cloud.jobs.list())
        case "file":
            async with form.entered(cloud.files.open("a.png")) as content:
                await form(content.read())
        case "submit":
            job = await form(cloud.submit(GRAPH))
            shown += [repr(job)]
            await form(job.wait(timeout=100))
        case "job":
            (job,) = await form(cloud.jobs.wait(_JOB))
            shown += [repr(job), *_texts_of(job.error or ValueError())]
            shown += [repr(await form(cloud.jobs.get(_JOB)))]
        case "task":
            await form(cloud.tasks.wait(_JOB))
        case _:
            await form.listed(cloud.events())
    return ""


def main() -> None:
    """The full product; prints a row for each transport and what did not hold."""
    for transport in TRANSPORTS:
        attack(transports=[transport]).show(f"echoed keys, {transport}")


if __name__ == "__main__":
    main()
