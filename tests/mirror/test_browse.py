"""The live page: who may ask, what there is, and that it follows the mirror."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.report import thumbnails
from comfy_cloud.mirror.report.browse_routes import BrowseRoutes
from comfy_cloud.mirror.report.browse_server import BrowseServer

from .hostile import ATTACKS, fill_hostile
from .pages import ReadPage
from .sample import fill
from .test_report import png, save_outputs


class Client(httpx.Client):
    """A client of one page; paths are relative to its address."""

    server: BrowseServer


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with Mirror.open(tmp_path / "history.sqlite", account="user-1") as made:
        yield made


@pytest.fixture
def fetched() -> list[str]:
    return []


@pytest.fixture
def client(mirror: Mirror, fetched: list[str]) -> Iterator[Client]:
    def fetch(row, edge: int) -> bytes | None:
        fetched.append(row["filename"])
        return png()

    with BrowseServer(BrowseRoutes(mirror, fetch=fetch)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with Client(base_url=server.url, trust_env=False) as client:
                client.server = server
                yield client
        finally:
            server.shutdown()
            thread.join()


def test_the_page_and_its_data(mirror: Mirror, client: Client) -> None:
    ids = fill(mirror, 20)
    page = client.get("")
    assert page.status_code == 200
    assert ReadPage(page.text).data == {"live": True}
    policy = page.headers["content-security-policy"]
    assert ReadPage(page.text).policy in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    data = client.get("data.json")
    assert [job[0] for job in data.json()["jobs"]] == ids
    for response in (page, data, client.get("nothing")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in response.headers


def test_the_data_is_sent_again_only_after_the_mirror_has_changed(mirror: Mirror, client: Client) -> None:
    fill(mirror, 3)
    first = client.get("data.json")
    again = client.get("data.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    fill(mirror, 2, seed=1)
    newer = client.get("data.json", headers={"if-none-match": first.headers["etag"]})
    assert (newer.status_code, len(newer.json()["jobs"])) == (200, 5)


def test_images_are_fetched_once_and_only_when_asked_for(
    mirror: Mirror, client: Client, fetched: list[str]
) -> None:
    fill(mirror, 10)
    data = client.get("data.json").json()
    job = next(job for job in data["jobs"] if job[data["columns"].index("outputs")])
    assert job[data["columns"].index("outputs")][0][3] == -1
    assert fetched == []
    for _ in range(2):
        image = client.get(f"small/{job[0]}/0")
        assert (image.status_code, image.headers["content-type"]) == (200, "image/webp")
    assert len(fetched) == 1
    assert client.get(f"large/{job[0]}/0").status_code == 200
    assert client.get(f"small/{job[0]}/900").status_code == 404


def test_an_image_on_this_machine_is_not_fetched(
    mirror: Mirror, client: Client, fetched: list[str], tmp_path: Path
) -> None:
    ids = fill(mirror, 1)
    assert save_outputs(mirror, tmp_path)
    assert client.get(f"small/{ids[0]}/0").status_code == 200
    assert fetched == []


def test_nothing_is_given_away_without_the_token(mirror: Mirror, client: Client) -> None:
    fill(mirror, 1)
    origin = client.server.url.removesuffix(f"{client.server.token}/")
    for path in ("", "data.json", "x/data.json", f"{client.server.token[:-1]}/", f"{client.server.token}x/"):
        response = httpx.get(f"{origin}{path}", trust_env=False)
        assert (response.status_code, response.text) == (404, "not found")
    assert len(client.server.token) >= 32


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "", "[::1]:1"])
def test_a_name_that_leads_here_is_not_this_server(mirror: Mirror, client: Client, host: str) -> None:
    response = client.get("data.json", headers={"host": host})
    assert response.status_code in (400, 421)
    assert b"jobs" not in response.content


def test_other_pages_may_not_ask(mirror: Mirror, client: Client) -> None:
    assert client.get("data.json", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("data.json", headers={"sec-fetch-site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
def test_there_is_only_get(mirror: Mirror, client: Client, method: str) -> None:
    assert client.request(method, "data.json").status_code == 501


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "static/page.js", "small/../../x/0", "small//0", "small/x/-1", "%2e%2e/x", "?x=1"],
)
def test_there_is_nothing_else(mirror: Mirror, client: Client, path: str) -> None:
    with httpx.Client(trust_env=False) as raw:
        request = raw.build_request("GET", client.server.url)
        request.url = request.url.copy_with(raw_path=f"/{client.server.token}/{path}".encode())
        assert raw.send(request).status_code == 404


def test_only_this_machine_can_reach_it(client: Client) -> None:
    assert client.server.server_address[0] == "127.0.0.1"


def test_ids_of_any_text_lead_to_their_image(mirror: Mirror, client: Client) -> None:
    fill_hostile(mirror)
    data = client.get("data.json").json()
    assert len(data["jobs"]) == len(ATTACKS)
    job_id = next(job[0] for job in data["jobs"] if "</script>" in job[0])
    from urllib.parse import quote

    assert client.get(f"small/{quote(job_id, safe='')}/0").status_code == 200


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("GET {path}data.json HTTP/1.1\r\nHost: {host}\r\nHost: evil.example", 421),
        ("GET {path}data.json HTTP/1.0", 421),
        ("GET http://evil.example{path}data.json HTTP/1.1\r\nHost: {host}", 404),
        ("GET {path}data.json HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-site", 403),
        ("<script>alert(1)</script> {path} HTTP/1.1\r\nHost: {host}", 501),
        ("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5", 501),
        ("GET {path}" + "a" * 70_000 + " HTTP/1.1\r\nHost: {host}", 414),
        ("GET {path} HTTP/1.1\r\nHost: {host}" + "\r\na: b" * 200, 431),
        ("GET {path}small/%00%ff%2e%2e/0 HTTP/1.1\r\nHost: {host}", 404),
        ("GET {path}small/%ed%a0%80/0 HTTP/1.1\r\nHost: {host}", 404),
        ("GET {path} HTTP/1.1\r\nHost: {host}\r\nRange: bytes=0-3", 200),
    ],
)
def test_odd_requests(mirror: Mirror, client: Client, lines: str, status: int) -> None:
    """By hand, as no client would write them: a plain response, and none of the request's words."""
    host, path = f"127.0.0.1:{client.server.server_port}", f"/{client.server.token}/"
    request = lines.format(path=path, host=host)
    with socket.create_connection(client.server.server_address[:2], timeout=10) as connection:
        connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
        response = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = response.partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    assert b"Content-Security-Policy" in head
    assert b"nosniff" in head
    if status != 200:
        assert b"text/plain" in head
        assert b"script>" not in head + body


def test_large_images_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "_LARGE_PIXELS", 10)
    decoding = threading.Lock()
    monkeypatch.setattr(thumbnails, "_one_large", decoding)
    with decoding:
        thread = threading.Thread(target=thumbnails.thumbnail, args=(png(),))
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
    thread.join()
    assert thumbnails.thumbnail(png())
