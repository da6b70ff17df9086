"""The page at `/`: its static files and headers, and how it shows the account's files."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from PIL import Image

from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT
from tests.images import png

OWN = "/_emulator/page/own/"
STATIC = {
    each.name: each.read_text("utf-8")
    for each in files("comfy_cloud_emulator.page").joinpath("static").iterdir()
}
# Sorted.
FAULT_KINDS = [
    "accepted_then", "cut", "delay", "drift", "garbage", "html", "lag", "refused", "reset", "retired",
    "socket_disorder", "socket_drop", "socket_foreign", "socket_garbage", "socket_refuse", "socket_silent",
    "status",
]  # fmt: skip
FAULT_FIELDS = [
    "after", "at_bytes", "delete", "insert", "lag_requests", "lag_seconds", "messages", "method", "path",
    "retry_after", "seconds", "status", "then", "times",
]  # fmt: skip
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def browser(client: httpx.Client) -> httpx.Client:
    del client.headers["X-API-Key"]
    return client


# The page itself


def test_everything_that_it_loads_exists(browser: httpx.Client) -> None:
    loaded = set(re.findall(r'(?:src|href)="(/[^"]+)"', STATIC["page.html"]))
    imported = {f"{OWN}{name}" for text in STATIC.values() for name in re.findall(r'from "\./([^"]+)"', text)}
    assert loaded | imported == {f"{OWN}{name}" for name in STATIC} - {f"{OWN}page.html"}
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    for path in loaded | imported:
        response = browser.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kinds[Path(path).suffix])
        assert response.headers["x-content-type-options"] == "nosniff"


def test_it_needs_nothing_from_outside_and_nothing_inline() -> None:
    for name, text in STATIC.items():
        without_namespaces = text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", without_namespaces), name
    page = STATIC["page.html"]
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?! type=\"module\" src=\"/)|javascript:", page)


def test_no_text_is_ever_parsed_as_markup() -> None:
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc"
        "|createContextualFragment"
    )
    for name, text in STATIC.items():
        assert not re.search(sinks, text), name


def test_its_policy_allows_its_own_files_only(browser: httpx.Client) -> None:
    for path in ("/", f"{OWN}page.js"):
        headers = browser.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "media", "connect")} == {
            "'self'"
        }
        assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
        assert policy["require-trusted-types-for"] == "'script'"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert (
            headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
        )
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["../__init__.py", "..%2f__init__.py", "nothing.js", "serving.py", "%00", ""]
)
def test_only_its_own_files_can_be_requested(browser: httpx.Client, name: str) -> None:
    response = browser.get(httpx.URL(f"{browser.base_url}").copy_with(raw_path=f"{OWN}{name}".encode()))
    assert response.status_code == 404
    assert response.json()["code"] == "NOT_FOUND"


def test_the_key_is_not_in_it(emulator: Emulator, browser: httpx.Client) -> None:
    assert emulator.key not in browser.get("/").text
    assert not [name for name, text in STATIC.items() if emulator.key in text]


def test_opening_it_makes_no_api_request(emulator: Emulator, browser: httpx.Client) -> None:
    assert browser.get("/").status_code == 200
    assert browser.head("/").status_code == 200
    assert browser.get(f"{OWN}page.js").status_code == 200
    assert emulator.requests == []


def test_other_methods_and_paths_are_refused(browser: httpx.Client) -> None:
    assert browser.post("/").status_code == 405
    assert browser.get("/_emulator/page/nothing").json()["code"] == "NOT_FOUND"


def test_its_forms_have_every_kind_and_field_of_a_fault() -> None:
    """And no others, because the control routes must accept what they send."""
    text = STATIC["fault_kinds.js"]
    groups, fields = text.split("export const FIELDS")
    kinds = re.findall(r"^    (\w+): \{", groups, re.MULTILINE)
    assert sorted(kinds) == FAULT_KINDS
    shown = set(re.findall(r"^  (\w+): \{ label", fields, re.MULTILINE))
    shown |= {"path"} if re.search(r"^  path: \{", fields, re.MULTILINE) else set()
    assert sorted(shown) == FAULT_FIELDS
    used = {
        name
        for names in re.findall(r"(?:fields: |CHOOSING = )\[(.*?)\]", groups)
        for name in re.findall(r"\w+", names)
    }
    assert used == shown


def test_the_control_routes_accept_the_kinds_and_fields_of_the_forms(browser: httpx.Client) -> None:
    unknown_kind = browser.post("/_emulator/faults", json={"kind": "x"}).json()["message"]
    assert sorted(re.findall(r"\w+", unknown_kind.rpartition(":")[2])) == FAULT_KINDS
    unknown_field = browser.post("/_emulator/faults", json={"kind": "reset", "x": 1}).json()["message"]
    known = set(re.findall(r"\w+", unknown_field.rpartition(":")[2]))
    assert sorted(known - {"kind", "body", "content_type"}) == FAULT_FIELDS


def test_it_offers_every_failure_that_the_service_documents() -> None:
    assert re.findall(r'^  "(\w+)",', STATIC["fault_kinds.js"], re.MULTILINE) == [
        "OOMError",
        "ImageDownloadError",
        "ModelDownloadError",
        "ModelAccessError",
        "PreprocessingTimeout",
        "ServiceError",
        "UnexpectedServiceError",
        "PanicError",
        "WebSocketError",
        "DispatcherError",
        "RequestError",
        "InsufficientFundsError",
        "InactiveSubscriptionError",
        "ValidationError",
        "ValueError",
        "RuntimeError",
    ]


def test_the_wheel_contains_it(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
    assert {f"comfy_cloud_emulator/page/static/{name}" for name in STATIC} <= names


# The account's files


def test_a_thumbnail_is_re_encoded(emulator: Emulator, browser: httpx.Client) -> None:
    name = emulator.files.put(png(size=(900, 600)) + b"<script>alert(1)</script>", "png")
    response = browser.get(f"/_emulator/page/thumbnails/{name}")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/jpeg")
    assert b"<script>" not in response.content
    assert max(Image.open(io.BytesIO(response.content)).size) == 256


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (SCRIPT, "svg"),
        (SCRIPT, "png"),
        (b"", "png"),
        (b"plain", "txt"),
        (png(size=(900, 600))[:60], "png"),
        (png(size=(900, 600))[:400], "png"),
    ],
)
def test_other_files_have_no_thumbnail(
    emulator: Emulator, browser: httpx.Client, data: bytes, extension: str
) -> None:
    name = emulator.files.put(data, extension)
    assert browser.get(f"/_emulator/page/thumbnails/{name}").status_code == 404


@pytest.mark.parametrize(
    "extension", ["svg", "html", "htm", "xhtml", "xml", "js", "json", "txt", "pdf", "glb", ""]
)
def test_types_that_a_browser_could_run_are_downloads(
    emulator: Emulator, browser: httpx.Client, extension: str
) -> None:
    name = emulator.files.put(SCRIPT, extension, 'a"b\r\nX-Y: z.svg')
    response = browser.get(f"/_emulator/page/files/{name}")
    assert (response.status_code, response.content) == (200, SCRIPT)
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert "x-y" not in response.headers
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("extension", "kind"),
    [("png", "image/png"), ("mp4", "video/mp4"), ("mp3", "audio/mpeg"), ("webp", "image/webp")],
)
def test_safe_types_are_shown(emulator: Emulator, browser: httpx.Client, extension: str, kind: str) -> None:
    """Even if the content is something else: browsers go by the type."""
    name = emulator.files.put(SCRIPT, extension, "a.b")
    response = browser.get(f"/_emulator/page/files/{name}")
    assert response.headers["content-type"] == kind
    assert response.headers["content-disposition"] == 'inline; filename="a.b"'
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_players_request_ranges(emulator: Emulator, browser: httpx.Client) -> None:
    path = f"/_emulator/page/files/{emulator.files.put(bytes(range(200)), 'mp3')}"
    part = browser.get(path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/200"
    beyond = browser.get(path, headers={"Range": "bytes=200-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */200")


def test_an_image_that_a_job_only_names_is_shown(emulator: Emulator, browser: httpx.Client) -> None:
    job = emulator.store.add_job()
    name = job.outputs["9"]["images"][0]["filename"]
    assert emulator.files.record(name) is None
    response = browser.get(f"/_emulator/page/thumbnails/{name}")
    assert response.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("name", ["0" * 64 + ".png", "x", "..%2f..%2fetc%2fpasswd"])
def test_unknown_files_are_not_found(browser: httpx.Client, name: str) -> None:
    for kind in ("thumbnails", "files", "progress"):
        response = browser.get(f"/_emulator/page/{kind}/{name}")
        assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")
