"""Who may send requests: key, host, origin; and the responses to unknown paths and methods."""

from __future__ import annotations

import httpx
import pytest

from comfy_cloud_emulator import Emulator

PRIVATE = [
    "/api/history_v2",
    "/api/history_v2/x",
    "/api/jobs",
    "/api/jobs/x",
    "/api/job/x/status",
    "/api/queue",
    "/api/user",
    "/api/prompt",
    "/api/anything",
]


@pytest.mark.parametrize("path", PRIVATE)
@pytest.mark.parametrize("key", ["", "comfyui-wrong"])
def test_private_operations_need_the_key(client: httpx.Client, path: str, key: str) -> None:
    response = client.get(path, headers={"X-API-Key": key})
    assert response.status_code == 401
    assert response.json()["code"] == "UNAUTHORIZED"
    assert response.json()["message"]


def test_a_missing_and_a_wrong_key_have_different_errors(emulator: Emulator, client: httpx.Client) -> None:
    del client.headers["X-API-Key"]
    assert "X-API-Key" in client.get("/api/user").json()["message"]
    assert "not valid" in client.get("/api/user", headers={"X-API-Key": "comfyui-x"}).json()["message"]
    assert [request.status for request in emulator.requests] == [401, 401]


def test_the_key_may_be_a_bearer_token(emulator: Emulator, client: httpx.Client) -> None:
    del client.headers["X-API-Key"]
    assert client.get("/api/user", headers={"Authorization": f"Bearer {emulator.key}"}).status_code == 200
    assert client.get("/api/user", headers={"Authorization": f"Basic {emulator.key}"}).status_code == 401


@pytest.mark.parametrize("path", ["/api/features", "/api/system_stats"])
def test_public_operations_need_none(client: httpx.Client, path: str) -> None:
    del client.headers["X-API-Key"]
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "127.9.9.9", "[::1]:80"])
def test_loopback_hosts_are_served(client: httpx.Client, host: str) -> None:
    assert client.get("/api/user", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "10.0.0.1", "[::2]", "", "[::1"])
def test_other_hosts_are_refused(client: httpx.Client, host: str) -> None:
    for path in ("/api/user", "/_emulator/faults"):
        response = client.get(path, headers={"Host": host})
        assert response.status_code == 403
        assert response.json()["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("https://example.com", 403),
        ("null", 403),
        ("http://example.com\\@127.0.0.1", 403),
        ("http://example.com@127.0.0.1", 403),
    ],
)
def test_only_local_origins_are_served(client: httpx.Client, origin: str, status: int) -> None:
    assert client.get("/api/user", headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/jobs/", "/api/history_v2/a/b", "/user"]
)
def test_unknown_paths_respond_in_json(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/json"
    assert response.json()["code"] == "NOT_FOUND"


def test_a_wrong_method_gets_the_allowed_ones(client: httpx.Client) -> None:
    response = client.put("/api/queue")
    assert response.status_code == 405
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"
    assert {method.strip() for method in response.headers["allow"].split(",")} == {"GET", "HEAD", "POST"}


def test_a_plain_path_is_not_taken_for_an_id(client: httpx.Client) -> None:
    for method, path, allowed in (
        ("PUT", "/api/assets/download", {"POST"}),
        ("DELETE", "/api/assets/remote-metadata", {"GET", "HEAD"}),
        ("GET", "/api/jobs/cancel", {"POST"}),
    ):
        response = client.request(method, path)
        assert response.status_code == 405
        assert {method.strip() for method in response.headers["allow"].split(",")} == allowed


def test_head_gets_what_get_does_without_a_body(client: httpx.Client) -> None:
    for path in ("/api/user", "/api/queue"):
        head, get = client.head(path), client.get(path)
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.beyond_contract
def test_requests_are_logged(emulator: Emulator, client: httpx.Client) -> None:
    client.post(
        "/api/queue?b=1&a=%C3%A4&a=", json={"delete": ["x"]}, headers=[("X-Trace", "one"), ("X-Trace", "two")]
    )
    client.get("/api/jobs/a%20b")
    posted, read = emulator.requests
    assert (posted.method, posted.path, posted.status, posted.fault) == ("POST", "/api/queue", 200, None)
    assert posted.query == [("b", "1"), ("a", "ä"), ("a", "")]
    assert posted.body == b'{"delete":["x"]}'
    assert posted.headers["x-trace"] == "one, two"
    assert posted.headers["x-api-key"] == emulator.key
    assert (read.path, read.raw_path, read.status) == ("/api/jobs/a b", "/api/jobs/a%20b", 404)
    emulator.clear_requests()
    assert emulator.requests == []


@pytest.mark.beyond_contract
def test_bodies_without_a_length_are_logged(emulator: Emulator, client: httpx.Client) -> None:
    response = client.post("/api/queue", content=iter([b'{"clear"', b":true}"]))
    assert response.json() == {"deleted": [], "cleared": True}
    assert emulator.requests[0].body == b'{"clear":true}'


def test_a_long_body_is_truncated_in_the_log_only(emulator: Emulator, client: httpx.Client) -> None:
    body = b'{"delete":["' + b"x" * (2 << 20) + b'"]}'
    assert client.post("/api/queue", content=body).json() == {"deleted": [], "cleared": False}
    assert emulator.requests[0].body == body[: 1 << 20]


def test_a_bug_in_the_emulator_is_a_500_in_json(
    emulator: Emulator, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(emulator.store), "count", broken)
    response = client.get("/api/prompt")
    assert response.status_code == 500
    assert response.json()["code"] == "INTERNAL_SERVER_ERROR"
    assert "ZeroDivisionError" in response.json()["message"]


def test_a_line_break_in_a_path_changes_nothing(demo: Emulator) -> None:
    with httpx.Client(base_url=demo.url, trust_env=False, verify=False) as client:
        refused = client.get("/api/userdata/a%0Ab")
        assert (refused.status_code, refused.headers["content-type"][:10]) == (401, "text/plain")
        assert client.get("/api/global_subgraphs/a%0Ab").status_code == 404
