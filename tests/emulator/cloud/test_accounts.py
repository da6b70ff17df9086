"""Several accounts by key: each has its own state, and none sees another's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from comfy_cloud_emulator import Account, Emulator, Fault, Tenant
from comfy_cloud_emulator.cloud.tenants import Tenants
from tests.images import png

from ..workflows import plain, submit

OTHER = "comfyui-second-key"
UNKNOWN = "comfyui-nobodys-key"
PATIENCE = 60


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """Two accounts whose time stands still."""
    return start_emulator(
        time="virtual", accounts={OTHER: Account(tier="pro", credits=5, name="second")}, seed_data=3
    )


@pytest.fixture
def second(emulator: Emulator) -> Tenant:
    return emulator.accounts["second"]


@pytest.fixture
def one(emulator: Emulator) -> Iterator[httpx.Client]:
    with client_of(emulator, emulator.key) as client:
        yield client


@pytest.fixture
def two(emulator: Emulator) -> Iterator[httpx.Client]:
    with client_of(emulator, OTHER) as client:
        yield client


def client_of(emulator: Emulator, key: str | None) -> httpx.Client:
    headers = {} if key is None else {"X-API-Key": key}
    return httpx.Client(
        base_url=emulator.url, headers=headers, timeout=PATIENCE, verify=False, trust_env=False
    )


def upload(client: httpx.Client, content: bytes, name: str = "mine.png") -> dict[str, Any]:
    response = client.post(
        "/api/upload/image", files={"image": (name, content, "image/png")}, data={"type": "input"}
    )
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def events_until_success(url: str, key: str, work: Callable[[], object]) -> list[dict[str, Any]]:
    with connect(f"{url.replace('http', 'ws')}/ws?token={key}", proxy=None) as socket:
        seen = [json.loads(socket.recv(timeout=60))]
        work()
        while seen[-1]["type"] != "execution_success":
            message = socket.recv(timeout=60)
            if isinstance(message, str):
                seen.append(json.loads(message))
        return seen


def test_jobs_are_separate(emulator: Emulator, one: httpx.Client, two: httpx.Client) -> None:
    mine, theirs = submit(one, plain(1)), submit(two, plain(2))
    emulator.time.advance(60)
    for client, own, foreign in ((one, mine, theirs), (two, theirs, mine)):
        assert client.get(f"/api/jobs/{own}").json()["status"] == "completed"
        for path in (f"/api/jobs/{foreign}", f"/api/job/{foreign}/status"):
            assert (client.get(path).status_code, client.get(path).json()["code"]) == (403, "FORBIDDEN")
        assert client.get(f"/api/history_v2/{foreign}").status_code == 404
        assert client.get(f"/api/jobs/{foreign}/assets").status_code == 404
        listed = client.get("/api/jobs").json()["jobs"], client.get("/api/history_v2").json()["history"]
        ids = {entry["id"] for entry in listed[0]} & {entry["prompt_id"] for entry in listed[1]}
        assert (own in ids, foreign in ids) == (True, False)
    assert len(two.get("/api/jobs").json()["jobs"]) == 1
    assert one.get("/api/jobs/no-such-job").status_code == 404


def test_no_account_can_end_or_delete_anothers_job(
    emulator: Emulator, second: Tenant, one: httpx.Client, two: httpx.Client
) -> None:
    theirs = submit(two)
    assert one.post(f"/api/jobs/{theirs}/cancel").status_code == 404
    assert one.post("/api/jobs/cancel", json={"job_ids": [theirs]}).status_code == 404
    assert one.post("/api/queue", json={"delete": [theirs], "clear": True}).json()["deleted"] == []
    assert one.request("DELETE", f"/api/jobs/{theirs}").status_code == 404
    one.post("/api/interrupt")
    emulator.time.advance(60)
    one.post("/api/history", json={"delete": [theirs], "clear": True})
    assert two.get(f"/api/jobs/{theirs}").json()["status"] == "completed"
    assert second.jobs.executed(theirs) == 1


def test_queues_and_tiers_are_separate(emulator: Emulator, one: httpx.Client, two: httpx.Client) -> None:
    for client in (one, two):
        for color in range(7):
            submit(client, plain(color, width=64, height=64))
    emulator.time.advance(0.55)
    running = [len(client.get("/api/queue").json()["queue_running"]) for client in (one, two)]
    assert running == [1, 5]
    limits = [client.get("/api/features").json()["max_concurrent_jobs"] for client in (one, two)]
    assert limits == [1, 5]
    assert httpx.get(f"{emulator.url}/api/features").json()["max_concurrent_jobs"] == 1


def test_credits_are_separate(
    emulator: Emulator, second: Tenant, one: httpx.Client, two: httpx.Client
) -> None:
    submit(one)
    emulator.time.advance(60)
    assert second.account.credits == 5
    submit(two)
    emulator.time.advance(60)
    left = second.account.credits
    assert left is not None
    assert 0 < left < 5
    assert emulator.account.credits is None
    balances = [client.get("/api/billing/balance").json()["amount_micros"] for client in (one, two)]
    assert balances[1] == round(left / 211 * 1_000_000)
    assert balances[0] > balances[1]
    second.account.credits = 0
    assert two.post("/api/prompt", json={"prompt": plain()}).status_code == 402
    submit(one)


def test_files_and_assets_are_separate(emulator: Emulator, one: httpx.Client, two: httpx.Client) -> None:
    uploaded = upload(one, png())
    name, id = uploaded["name"], uploaded["asset"]["id"]
    assert two.get("/api/view", params={"filename": name}).status_code == 404
    assert two.get(f"/api/assets/{id}").status_code == 404
    assert two.get(f"/api/assets/{id}/content").status_code == 404
    assert two.put(f"/api/assets/{id}", json={"name": "taken.png"}).status_code == 404
    assert two.post(f"/api/assets/{id}/tags", json={"tags": ["taken"]}).status_code == 404
    assert two.request("DELETE", f"/api/assets/{id}").status_code == 404
    assert two.get("/api/files/mask-layers", params={"filename": name}).status_code == 404
    assert id not in {asset["id"] for asset in two.get("/api/assets?limit=500").json()["assets"]}
    tags = {tag["name"]: tag["count"] for tag in two.get("/api/tags?include_public=false").json()["tags"]}
    assert tags == {}
    assert one.get(f"/api/assets/{id}").json()["name"] == "mine.png"


def test_anothers_content_is_unknown_by_its_hash(one: httpx.Client, two: httpx.Client) -> None:
    """Otherwise a hash would be enough to read another's upload, or to learn that it exists."""
    digest = upload(one, png())["asset"]["hash"]
    body = {"hash": digest, "tags": ["input"]}
    assert one.head(f"/api/assets/hash/{digest}").status_code == 200
    assert two.head(f"/api/assets/hash/{digest}").status_code == 404
    assert two.post("/api/assets/from-hash", json=body).status_code == 404
    assert upload(two, png())["asset"]["hash"] == digest
    assert two.post("/api/assets/from-hash", json=body).status_code == 200


def test_a_job_cannot_load_anothers_image(emulator: Emulator, one: httpx.Client, two: httpx.Client) -> None:
    graph = plain() | {"1": {"class_type": "LoadImage", "inputs": {"image": upload(one, png())["name"]}}}
    mine, theirs = submit(one, graph), submit(two, graph)
    emulator.time.advance(60)
    assert one.get(f"/api/jobs/{mine}").json()["status"] == "completed"
    failed = two.get(f"/api/jobs/{theirs}").json()
    assert failed["execution_error"]["exception_type"] == "ImageDownloadError"


def test_signed_urls_work_for_everybody(emulator: Emulator, one: httpx.Client, two: httpx.Client) -> None:
    """Each leads to its own account's file, and to no other when it is altered."""
    signed = [
        client.get("/api/view", params={"filename": upload(client, content)["name"]}).headers["location"]
        for client, content in ((one, png((1, 0, 0))), (two, png((2, 0, 0))))
    ]
    assert [httpx.get(url).content for url in signed] == [png((1, 0, 0)), png((2, 0, 0))]
    for client in (one, two):
        assert all(
            OTHER not in str(response) for response in client.get("/_emulator/requests").json()["requests"]
        )
    assert all(OTHER not in url and emulator.key not in url for url in signed)
    bent = signed[1].replace("emulated-outputs-second", "emulated-outputs")
    assert httpx.get(bent).status_code == 403


def test_a_key_of_any_account_is_a_leak_at_the_storage(emulator: Emulator, two: httpx.Client) -> None:
    signed = two.get("/api/view", params={"filename": upload(two, png())["name"]}).headers["location"]
    assert httpx.get(f"{signed}&key={OTHER}").status_code == 400
    assert httpx.get(f"{emulator.files_url}/{OTHER}/{emulator.key}").status_code == 400
    assert [leak.header for leak in emulator.leaks] == ["query"] * 3
    assert OTHER not in repr(emulator.leaks)
    assert emulator.key not in repr(emulator.leaks)


def test_userdata_is_separate(one: httpx.Client, two: httpx.Client) -> None:
    one.post("/api/userdata/note.txt", content=b"mine", headers={"content-type": "text/plain"})
    assert two.get("/api/userdata/note.txt").status_code == 404
    assert two.get("/api/userdata", params={"dir": "/"}).json() == []
    assert two.request("DELETE", "/api/userdata/note.txt").status_code == 404
    assert one.get("/api/userdata/note.txt").content == b"mine"
    assert one.get("/api/user").json()["id"] != two.get("/api/user").json()["id"]


def test_events_are_separate(emulator: Emulator, one: httpx.Client, two: httpx.Client) -> None:
    ids: list[str] = []

    def work() -> None:
        ids.append(submit(one, plain(3)))
        emulator.time.advance(60)
        ids.append(submit(two, plain(3)))
        emulator.time.advance(60)

    seen = events_until_success(emulator.url, OTHER, work)
    found = {event["data"]["prompt_id"] for event in seen if "prompt_id" in event["data"]}
    assert found == {ids[1]}
    assert [request.account for request in emulator.socket_requests] == ["second"]


def test_the_node_cache_is_separate(
    emulator: Emulator, second: Tenant, one: httpx.Client, two: httpx.Client
) -> None:
    """A cached result names a file that the other account does not have."""
    submit(one)
    emulator.time.advance(60)
    submit(two)
    emulator.time.advance(60)
    assert len(second.files) == 1


@pytest.mark.parametrize("key", [None, UNKNOWN])
def test_without_a_known_key_only_public_operations_respond(emulator: Emulator, key: str | None) -> None:
    with client_of(emulator, key) as client:
        assert client.get("/api/jobs").status_code == 401
        assert client.get("/api/features").status_code == 200
    assert [request.account for request in emulator.requests] == [None, None]


def test_each_way_to_send_a_key_selects_the_account(emulator: Emulator) -> None:
    ids = [
        httpx.get(f"{emulator.url}/api/user", headers=headers).json()["id"]
        for headers in (
            {"X-API-Key": OTHER},
            {"Authorization": f"Bearer {OTHER}"},
            {"X-API-Key": emulator.key},
        )
    ]
    assert ids == ["user_emulated_second", "user_emulated_second", "user_emulated"]


def test_request_log_and_faults_are_shared(emulator: Emulator, one: httpx.Client, two: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(503, times=2))
    assert [client.get("/api/user").status_code for client in (two, one, two)] == [503, 503, 200]
    found = [(request.account, request.fault) for request in emulator.requests]
    assert found == [("second", "status"), ("default", "status"), ("second", None)]
    assert [entry["account"] for entry in one.get("/_emulator/requests").json()["requests"]] == [
        "second",
        "default",
        "second",
    ]
    assert OTHER not in repr(emulator.requests)


def test_a_drift_changes_the_jobs_of_the_requesting_account(
    emulator: Emulator, second: Tenant, two: httpx.Client
) -> None:
    emulator.faults.add(Fault.drift(insert=2, path="/api/jobs"))
    assert len(two.get("/api/jobs").json()["jobs"]) == 2
    assert (len(second.store), len(emulator.store)) == (2, 3)


def test_control_routes_with_a_key_reach_its_jobs(
    emulator: Emulator, second: Tenant, one: httpx.Client, two: httpx.Client
) -> None:
    assert two.post("/_emulator/failures", json={"exception_type": "OOMError"}).status_code == 201
    mine, theirs = submit(one), submit(two)
    emulator.time.advance(60)
    assert one.get(f"/api/jobs/{mine}").json()["status"] == "completed"
    assert two.get(f"/api/jobs/{theirs}").json()["status"] == "failed"
    assert [each["prompt_id"] for each in two.get("/_emulator/submissions").json()["submissions"]] == [theirs]
    assert [each.prompt_id for each in second.submissions] == [theirs]
    assert [each.prompt_id for each in emulator.submissions] == [mine]


def test_an_account_is_added_at_runtime(emulator: Emulator) -> None:
    third = emulator.add_account(tier="creator", credits=1.5, name="third")
    assert third.key.startswith("comfyui-")
    assert third.key not in repr(third) + repr(emulator.accounts) + repr(emulator)
    assert list(emulator.accounts) == ["default", "second", "third"]
    assert emulator.account_of(third.key) is third is emulator.accounts["third"]
    with client_of(emulator, third.key) as client:
        id = submit(client)
        emulator.time.advance(60)
        assert client.get(f"/api/jobs/{id}").json()["status"] == "completed"
    assert third.store.get(id) is not None
    assert third.events is not emulator.events


def test_threads_add_an_account_of_one_name_once(
    start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two accounts of one name would each open a store, of which one would never be closed."""
    emulator = start_emulator()
    results: list[str] = []
    is_held = threading.Event()  # the other thread waits, or is done

    class Lock:
        def __init__(self) -> None:
            self.lock = threading.RLock()

        def __enter__(self) -> None:
            if not self.lock.acquire(blocking=False):
                is_held.set()
                self.lock.acquire()

        def __exit__(self, *_: object) -> None:
            self.lock.release()

    def add() -> None:
        try:
            results.append(emulator.add_account(name="one").name)
        except ValueError as error:
            results.append(str(error))
        finally:
            is_held.set()

    def refuse_taken(tenants: Tenants, key: str, account: Account) -> None:
        usual(tenants, key, account)
        if not other.ident:
            other.start()
            assert is_held.wait(10)

    usual, other = Tenants.refuse_taken, threading.Thread(target=add)
    monkeypatch.setattr(emulator, "_changing", Lock())
    monkeypatch.setattr(Tenants, "refuse_taken", refuse_taken)
    add()
    other.join(10)
    assert sorted(results) == ["an account named one exists already; give each account its own name", "one"]


def test_jobs_of_an_account_move_in_real_time(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(clock=None, speed=1000, accounts={OTHER: Account(name="second")})
    for tenant in (emulator.accounts["second"], emulator.add_account()):
        with client_of(emulator, tenant.key) as client:
            assert events_until_success(emulator.url, tenant.key, lambda client=client: submit(client))


def test_a_reset_restores_the_initial_accounts(emulator: Emulator, two: httpx.Client) -> None:
    submit(two)
    added = emulator.add_account(name="third")
    emulator.accounts["second"].account.credits = 0
    emulator.reset()
    assert list(emulator.accounts) == ["default", "second"]
    second = emulator.accounts["second"]
    assert (second.account.tier, second.account.credits, len(second.store)) == ("pro", 5, 0)
    submit(two)
    assert httpx.get(f"{emulator.url}/api/user", headers={"X-API-Key": added.key}).status_code == 401
    emulator.reset(accounts={})
    assert list(emulator.accounts) == ["default"]
    assert two.get("/api/user").status_code == 401


def test_a_name_does_not_reveal_the_key() -> None:
    emulator = Emulator(accounts={OTHER: Account(), "another": Account()})
    with emulator:
        names = list(emulator.accounts)
        assert len(set(names)) == 3
        assert all(OTHER not in name and "another" not in name for name in names)
        with pytest.raises(KeyError, match="no account of this name") as missing:
            emulator.accounts[OTHER]
        assert OTHER not in str(missing.value)
        with pytest.raises(LookupError, match="no account has this key"):
            emulator.account_of(UNKNOWN)
    with emulator:
        assert list(emulator.accounts) == names


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ({"": Account()}, "printable ASCII"),
        ({"schlüssel": Account()}, "printable ASCII"),
        ({"mine": Account()}, "key exists already"),
        ({"one": Account(name="same"), "two": Account(name="same")}, "named same exists"),
        ({"one": Account(name="default")}, "named default exists"),
    ],
)
def test_refuses_duplicate_keys_and_names(accounts: dict[str, Account], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Emulator("mine", accounts=accounts)
    with Emulator("mine", seed_data=2) as emulator:
        with pytest.raises(ValueError, match=message):
            emulator.reset(accounts=accounts)
        assert len(emulator.store) == 2
        for key, account in accounts.items():
            emulator.accounts  # noqa: B018 - the property raises
            if message != "named same exists":
                with pytest.raises(ValueError, match=message):
                    emulator.add_account(key, name=account.name)


@pytest.mark.parametrize("values", [{"name": "../up"}, {"name": "Big"}, {"credits": -1}, {"tier": "gold"}])
def test_refuses_invalid_values(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        Account(**values)


def test_no_account_is_added_to_a_stopped_emulator() -> None:
    with pytest.raises(RuntimeError, match="start it first"):
        Emulator().add_account()


def test_each_account_survives_in_its_own_folder(tmp_path: Path) -> None:
    """Also accounts added again later, by name or by key. No key is written to disk."""
    unnamed = "comfyui-a-key-without-a-name"
    accounts = {OTHER: Account(name="second")}
    ids: dict[str, str] = {}

    def clients(emulator: Emulator) -> Iterator[tuple[str, httpx.Client]]:
        emulator.add_account(unnamed)
        for tenant in emulator.accounts.values():
            with client_of(emulator, tenant.key) as client:
                yield tenant.name, client

    with Emulator(data=tmp_path, time="virtual", accounts=accounts) as emulator:
        for name, client in clients(emulator):
            ids[name] = submit(client)
            client.post("/api/userdata/who", content=name.encode(), headers={"content-type": "text/plain"})
            emulator.time.advance(60)
    with Emulator(data=tmp_path, time="virtual", accounts=accounts) as emulator:
        for name, client in clients(emulator):
            assert client.get(f"/api/jobs/{ids[name]}").json()["status"] == "completed"
            assert client.get("/api/userdata/who").content == name.encode()
            assert len(client.get("/api/jobs").json()["jobs"]) == 1
    assert len(ids) == 3
    for path in tmp_path.rglob("*"):
        for key in (OTHER, unnamed, emulator.key):
            assert key not in path.name
            assert path.is_dir() or key.encode() not in path.read_bytes()
