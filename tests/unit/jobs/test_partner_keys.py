"""No entry or queue item shows a key for partner nodes, in whichever form a server echoes it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud._jobs import entries
from comfy_cloud._jobs.entries import ComfyHistoryEntry, HistoryEntry, JobHistoryEntry
from comfy_cloud._jobs.queue_items import entries_of, read_queue
from comfy_cloud._submission.options import SubmitOptions
from comfy_cloud_api.models import HistoryEntry as HistoryModel
from comfy_cloud_api.models import JobDetailResponse

# Not in the form of a Comfy key: found by the name of the field alone.
KEY, TOKEN = "partner-secret-1", "partner-secret-2"
SECRETS = (KEY, TOKEN)


def extra_data() -> dict[str, Any]:
    return {"api_key_comfy_org": KEY, "auth_token_comfy_org": TOKEN, "client_id": "c"}


def failure() -> dict[str, Any]:
    inputs = {"text": ["a lighthouse"], "api_key_comfy_org": [KEY], "auth_token": [TOKEN]}
    return {"node_id": "1", "exception_message": "no", "current_inputs": inputs}


def history_entry() -> HistoryEntry:
    status = {"status_str": "error", "messages": [["execution_error", failure()]]}
    prompt = {"prompt_id": "a", "extra_data": extra_data()}
    return HistoryEntry(HistoryModel.from_dict({"prompt_id": "a", "prompt": prompt, "status": status}))


def job_entry() -> HistoryEntry:
    workflow = {"prompt": {}, "extra_data": extra_data()}
    found = {"id": "a", "status": "failed", "workflow": workflow, "execution_error": failure()}
    return JobHistoryEntry(JobDetailResponse.from_dict(found))


def comfy_entry() -> HistoryEntry:
    status = {"status_str": "error", "messages": [["execution_error", failure()]]}
    return ComfyHistoryEntry("a", {"prompt": [1, "a", {}, extra_data(), ["1"]], "status": status})


def queued_entry() -> HistoryEntry:
    return entries_of(read_queue([], [[1, "a", {}, extra_data(), ["1"]]]))[0]


FORMS = [history_entry, job_entry, comfy_entry, queued_entry]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", ["raw", "extra_data", "repr", "error"])
def test_no_key_is_shown(form: Callable[[], HistoryEntry], first: str) -> None:
    entry = form()
    first_shown = repr(entry) if first == "repr" else repr(getattr(entry, first))
    raw = entry.raw.to_dict() if hasattr(entry.raw, "to_dict") else entry.raw
    shown = f"{first_shown}{entry!r}{entry.raw!r}{raw!r}{entry.extra_data!r}{entry.error!r}"
    assert not [secret for secret in SECRETS if secret in shown]
    assert entry.extra_data["client_id"] == "c"
    assert "'client_id': 'c'" in repr(raw)


def test_a_failure_keeps_its_other_inputs() -> None:
    for entry in (history_entry(), job_entry(), comfy_entry()):
        assert "a lighthouse" in repr(entry.raw)


@pytest.mark.parametrize("odd", [None, "text", 7, [], [["api_key_comfy_org"]], {"api_key_comfy_org": None}])
def test_odd_extra_data(odd: Any) -> None:
    entry = ComfyHistoryEntry("a", {"prompt": [1, "a", {}, odd, ["1"]]})
    assert entry.raw == {"prompt": [1, "a", {}, odd, ["1"]]}
    assert len(read_queue([[1, "a", {}, odd, ["1"]]], [])) == 1


def test_the_queue() -> None:
    (item,) = read_queue([[1, "a", {}, extra_data(), ["1"]]], [])
    assert not [secret for secret in SECRETS if secret in f"{item.raw!r}{item.extra_data!r}{item!r}"]


def test_a_redacted_key_is_not_sent() -> None:
    """The extra data of a job may be given to another submission."""
    options = SubmitOptions(extra_data=history_entry().extra_data)
    assert not options.has_partner_key
    sent = options.body({}, None, "n", "c", KEY)["extra_data"]
    assert sent["api_key_comfy_org"] == KEY
    assert "auth_token_comfy_org" not in sent
    assert sent["client_id"] == "c"


@pytest.mark.parametrize("form", FORMS)
def test_no_key_is_shown_after_an_interruption(
    form: Callable[[], HistoryEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the keys are taken out, or another thread that reads the entry then."""
    entry, others = form(), list[str]()

    def interrupted(found: object) -> None:
        with monkeypatch.context() as usual:
            usual.setattr(entries, "redact_partner_keys", redact_partner_keys)
            thread = threading.Thread(target=lambda: others.append(repr(entry.raw)))
            if not others:
                thread.start()
                thread.join(10)
        raise KeyboardInterrupt

    redact_partner_keys = entries.redact_partner_keys
    with monkeypatch.context() as broken:
        broken.setattr(entries, "redact_partner_keys", interrupted)
        with pytest.raises(KeyboardInterrupt):
            entry.raw  # noqa: B018 - it is a property
    for shown in (*others, repr(entry.raw)):
        assert not any(secret in shown for secret in SECRETS)
    assert len(others) == 1
