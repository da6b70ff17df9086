"""What a test in any language does over the control routes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from comfy_cloud_emulator import Account, Emulator, Fault

from ..workflows import Json, job, plain, submit, text_to_image

START = 1_780_000_000.0


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed_data=3, time="virtual", clock=lambda: START) as emulator:
        yield emulator


@pytest.fixture
def outside(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(base_url=f"{emulator.url}/_emulator", trust_env=False, verify=False) as client:
        yield client


def test_health_counts_what_is_there(emulator: Emulator, client: httpx.Client, outside: httpx.Client) -> None:
    submit(client)
    emulator.add_account("a-second-key")
    emulator.faults.add(Fault.reset())
    found = outside.get("/health").json()
    assert (found["status"], found["url"], found["files_url"]) == ("ready", emulator.url, emulator.files_url)
    assert found["uptime"] >= 0
    assert found["counts"] == {
        "accounts": 2,
        "jobs": {"completed": 3, "pending": 1},
        "requests": 1,
        "file_requests": 0,
        "faults": 1,
        "file_faults": 0,
        "leaks": 0,
    }


def test_a_reset_returns_to_the_seed(emulator: Emulator, client: httpx.Client, outside: httpx.Client) -> None:
    submit(client)
    emulator.faults.add(Fault.reset())
    emulator.add_account("a-second-key")
    emulator.time.advance(60)
    found = outside.post("/reset").json()["counts"]
    assert (found["jobs"], found["accounts"], found["requests"], found["faults"]) == (
        {"completed": 3},
        1,
        0,
        0,
    )
    assert emulator.time.now() == START
    # The connection that asked for it goes on, and the next requests see the new state.
    assert outside.get("/health").json()["counts"]["jobs"] == {"completed": 3}
    assert emulator.requests == []


def test_a_reset_changes_settings_until_the_next(emulator: Emulator, outside: httpx.Client) -> None:
    outside.post("/reset", json={"seed_data": "none", "tier": "pro", "credits": 3})
    assert (len(emulator.store), emulator.account.tier, emulator.account.credits) == (0, "pro", 3)
    outside.post("/reset")
    assert (len(emulator.store), emulator.account.tier, emulator.account.credits) == (3, "standard", None)


def test_a_reset_that_is_refused_changes_nothing(emulator: Emulator, outside: httpx.Client) -> None:
    emulator.faults.add(Fault.reset())
    response = outside.post("/reset", json={"quirks": "unheard of"})
    assert (response.status_code, response.json()["code"]) == (400, "BAD_REQUEST")
    assert "unheard of" in response.json()["message"]
    assert (len(emulator.store), len(emulator.faults)) == (3, 1)


def test_a_reset_never_deletes_a_folder(tmp_path: Path) -> None:
    with Emulator(seed_data=2, data=tmp_path) as emulator:
        response = httpx.post(f"{emulator.url}/_emulator/reset", trust_env=False)
        assert response.status_code == 409
        assert "--data" in response.json()["message"]
        assert len(emulator.store) == 2


def test_resets_at_the_same_time(emulator: Emulator) -> None:
    """Each breaks off the others' connections, or lets them finish; the emulator stays whole."""

    def reset() -> None:
        with suppress(httpx.TransportError):
            httpx.post(f"{emulator.url}/_emulator/reset", trust_env=False, timeout=10)

    threads = [threading.Thread(target=reset) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = httpx.get(f"{emulator.url}/_emulator/health", trust_env=False).json()
    assert found["counts"]["jobs"] == {"completed": 3}


def test_what_a_hook_raised_before_a_reset_is_raised_at_the_end() -> None:
    def raises(*_: object) -> None:
        raise ArithmeticError("the hook")

    emulator = Emulator(on_exchange=raises).start()
    httpx.get(f"{emulator.url}/api/features", trust_env=False)
    assert httpx.post(f"{emulator.url}/_emulator/reset", trust_env=False).status_code == 200
    with pytest.raises(ArithmeticError, match="the hook"):
        emulator.stop()


def test_jobs_of_all_accounts_are_listed(
    emulator: Emulator, client: httpx.Client, outside: httpx.Client
) -> None:
    emulator.add_account("a-second-key", name="second")
    emulator.time.advance(1)
    first = submit(client)
    emulator.time.advance(1)
    client.headers["X-API-Key"] = "a-second-key"
    second = submit(client)
    found = outside.get("/jobs", params={"status": "pending"}).json()["jobs"]
    assert [(each["id"], each["account"]) for each in found] == [(second, "second")]
    assert [each["id"] for each in outside.get("/jobs", params={"limit": 2}).json()["jobs"]] == [
        second,
        first,
    ]
    own = outside.get("/jobs", params={"account": "second"}).json()["jobs"]
    assert [each["id"] for each in own] == [second]
    assert outside.post(f"/jobs/{second}/finish").json()["status"] == "completed"
    assert job(client, second)["status"] == "completed"


def test_a_job_is_held_released_and_failed(
    emulator: Emulator, client: httpx.Client, outside: httpx.Client
) -> None:
    id = submit(client, text_to_image())
    outside.post("/time", json={"advance": 4})
    held = outside.post(f"/jobs/{id}/hold").json()
    assert (held["status"], held["held"], held["node"], held["executed"]) == ("in_progress", True, "3", 1)
    outside.post("/time", json={"advance": 3600})
    assert outside.get(f"/jobs/{id}").json()["status"] == "in_progress"
    assert outside.post(f"/jobs/{id}/release").json()["held"] is False
    failed = outside.post(f"/jobs/{id}/fail", json={"exception_type": "ImageDownloadError"}).json()
    assert (failed["status"], failed["error"]["exception_type"], failed["error"]["node_id"]) == (
        "failed",
        "ImageDownloadError",
        "3",
    )
    assert outside.post(f"/jobs/{id}/hold").json() == {
        "code": "CONFLICT",
        "message": "the job is over: failed",
    }


def test_the_next_job_of_an_account_fails(
    emulator: Emulator, client: httpx.Client, outside: httpx.Client
) -> None:
    emulator.add_account("a-second-key", name="second")
    outside.post("/failures", params={"account": "second"}, json={"exception_type": "PanicError"})
    ids = [submit(client)]
    client.headers["X-API-Key"] = "a-second-key"
    ids.append(submit(client))
    outside.post("/time", json={"advance": 60})
    assert [outside.get(f"/jobs/{id}").json()["status"] for id in ids] == ["completed", "failed"]
    submitted = outside.get("/submissions", params={"account": "second"}).json()["submissions"]
    assert [(each["prompt_id"], each["executed"]) for each in submitted] == [(ids[1], 1)]


def test_accounts_are_added_and_changed(
    emulator: Emulator, client: httpx.Client, outside: httpx.Client
) -> None:
    made = outside.post("/accounts", json={"name": "second", "credits": 0}).json()
    assert emulator.account_of(made["key"]).name == "second"
    client.headers["X-API-Key"] = made["key"]
    assert client.post("/api/prompt", json={"prompt": plain()}).status_code == 402
    changed = outside.patch("/accounts/second", json={"credits": 5, "tier": "pro"}).json()
    assert (changed["credits"], changed["concurrent_jobs"], changed["subscription_active"]) == (5, 5, True)
    assert client.post("/api/prompt", json={"prompt": plain()}).status_code == 200
    refused = outside.patch("/accounts/second", json={"tier": "free", "credits": -1})
    assert refused.status_code == 400
    assert emulator.accounts["second"].account == Account("pro", 5, name="second")


def test_no_key_is_shown(emulator: Emulator, outside: httpx.Client) -> None:
    given = outside.post("/accounts", json={"key": "a-second-key", "name": "second"})
    wrong = outside.get("/accounts/a-second-key")
    for response in (given, wrong, outside.get("/accounts"), outside.get("/health")):
        assert "second-key" not in response.text.replace("/accounts/", "")
        assert emulator.key not in response.text


def test_time_is_frozen_and_set(emulator: Emulator, outside: httpx.Client) -> None:
    outside.post("/reset", json={"time": "real"})
    frozen: Json = outside.post("/time", json={"set": START + 3600, "frozen": True}).json()
    assert frozen == {"now": START + 3600, "kind": "real", "speed": 1.0, "frozen": True}
    assert outside.post("/time", json={"set": "2033-05-18T03:33:20Z"}).json()["now"] == 2_000_000_000
    assert outside.post("/time", json={"frozen": False}).json()["frozen"] is False


def test_requests_are_selected(emulator: Emulator, client: httpx.Client, outside: httpx.Client) -> None:
    id = submit(client)
    client.get(f"/api/jobs/{id}")
    client.get("/api/jobs/unknown")
    for parameters, expected in (
        ({"method": "post"}, ["/api/prompt"]),
        ({"path": "/api/jobs/*", "status": 404}, ["/api/jobs/unknown"]),
        ({"limit": 1}, ["/api/jobs/unknown"]),
        ({"account": "second"}, []),
    ):
        found = outside.get("/requests", params=parameters).json()["requests"]
        assert [each["path"] for each in found] == expected


def test_faults_and_the_log_leave_control_alone(emulator: Emulator, outside: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(500, times=None))
    assert outside.get("/health").status_code == 200
    assert outside.get("/jobs").status_code == 200
    assert emulator.requests == []


def test_control_of_a_self_hosted_server(comfyui: Emulator, keyless: httpx.Client) -> None:
    id = keyless.post("/prompt", json={"prompt": plain()}).json()["prompt_id"]
    assert keyless.post(f"/_emulator/jobs/{id}/finish").json()["status"] == "completed"
    assert keyless.get("/_emulator/nothing").json()["code"] == "NOT_FOUND"


def test_a_parameter_is_given_once(outside: httpx.Client) -> None:
    for query, message in (
        ("account=a&account=a", "account: given more than once"),
        ("acount=a", "unknown query parameter 'acount'"),
    ):
        refused = outside.get(f"/requests?{query}")
        assert refused.status_code == 400
        assert refused.json()["message"].startswith(message)


def test_what_a_terminal_shows_ends_with_a_line_end_and_names_the_fix(
    client: httpx.Client, outside: httpx.Client
) -> None:
    unquoted, unknown = outside.post("/faults", content="429 x2"), outside.get("/nothing")
    assert unquoted.json()["message"].endswith(
        """a fault as text is in quotes too: -d '"503 x2 /api/jobs"'"""
    )
    assert unknown.json()["message"].endswith("GET /_emulator/openapi.json lists them")
    for response in (outside.get("/health"), outside.get("/time"), unquoted, unknown):
        assert response.text.endswith("}\n")
    assert client.get("/api/jobs").text.endswith("}")
