"""Attacks on the emulator: it runs in another process, whose memory is measured.

Each kind sends many hostile requests. A try is held when the response is no server error without
words, or the connection was closed; after each kind the emulator must respond to a plain request,
and its memory must have stayed below a bound. `python -m tests.attacks.emulator_attacks`.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx

from tests.attacks import hostile_media
from tests.attacks.emulator_target import KEY, Report, Target, running
from tests.attacks.emulator_workflows import batches, chain, cycle, doubling, empty, node, saved

ROUTES = (
    ("POST", "/api/prompt"),
    ("POST", "/api/queue"),
    ("POST", "/api/interrupt"),
    ("POST", "/api/history"),
    ("POST", "/api/jobs/cancel"),
    ("POST", "/api/assets"),
    ("POST", "/api/assets/from-hash"),
    ("POST", "/api/assets/download"),
    ("PUT", "/api/assets/x"),
    ("POST", "/api/upload/image"),
    ("POST", "/api/upload/mask"),
    ("POST", "/api/settings"),
    ("POST", "/api/settings/x"),
    ("POST", "/api/userdata/x.json"),
    ("POST", "/_emulator/faults/x"),
    ("POST", "/_emulator/time"),
    ("POST", "/_emulator/failures"),
)
LISTS = (
    "/api/jobs",
    "/api/history",
    "/api/history_v2",
    "/api/assets",
    "/api/tags",
    "/api/userdata",
    "/api/view",
)
NUMBERS: tuple[Any, ...] = (
    *(2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30, -1, 0),
    *(1e308, -1e308, 5e-324, 0.5, True, None, "", "9" * 5_000, "1e999", "NaN", "-0", "٣", [], {}),
)
PATHS = (
    *("../../etc/passwd", "..%2f..%2fetc%2fpasswd", "..\\..\\x", "/etc/passwd", "C:\\x", "//server/share"),
    *(
        ".",
        "..",
        "",
        " ",
        "%00",
        "a%00.png",
        "%0d%0aX: y",
        "\u202egnp.png",
        "CON",
        "a" * 5_000,
        "%ff%fe",
        "~root",
    ),
    *(
        "emulator.sqlite3",
        "emulator.lock",
        "....//....//x",
        "file:///etc/passwd",
        "%2e%2e%2f" * 50,
        "a/" * 2_000,
    ),
)


# The kinds. Each takes the target and how much of everything it sends: 1.0 for all.


def images(target: Target, share: float) -> None:
    """Hostile images, uploaded as images, videos and masks, and opened in every way."""
    good = target.client.post("/api/upload/image", files={"image": ("a.png", hostile_media.png(8, 8))})
    original = json.dumps({"filename": good.json()["name"]})
    for make in some(hostile_media.REFUSED | hostile_media.MANY_FRAMES, share):
        content = make()
        mask = {"image": ("painted.png", content)}
        target.send("POST", "/api/upload/mask", files=mask, data={"original_ref": original})
        for name in ("a.png", "a.mp4", "a", "a.safetensors"):
            uploaded = target.send("POST", "/api/upload/image", files={"image": (name, content)})
            if uploaded is None or uploaded.status_code != 200:
                continue
            stored = uploaded.json()["name"]
            for query in ("res=64", "res=1024&channel=a", "channel=rgb"):
                target.send("GET", f"/api/view?filename={stored}&{query}")
            target.send("GET", f"/_emulator/page/thumbnails/{stored}")
            target.send(
                "POST",
                "/api/upload/mask",
                files={"image": ("a.png", hostile_media.png(8, 8))},
                data={"original_ref": json.dumps({"filename": stored})},
            )
            target.run({"1": node("LoadImage", image=stored), "2": saved("1")})


def parallel_views(target: Target, share: float) -> None:
    """Sixteen and more requests at a time for a smaller version of the largest image."""
    uploaded = target.client.post(
        "/api/upload/image", files={"image": ("a.png", hostile_media.largest_png())}
    )
    name = uploaded.json()["name"]
    addresses = [f"/api/view?filename={name}&{query}" for query in ("res=1024", "res=64&channel=a")]
    addresses.append(f"/_emulator/page/thumbnails/{name}")
    calls = [
        lambda address=address: target.send("GET", address)
        for _ in range(max(2, int(16 * share)))
        for address in addresses
    ]
    target.together(calls, threads=48)


def jobs(target: Target, share: float) -> None:
    """Workflows that make large images, long texts, or many of either; deep and cyclic ones."""
    edge = 8_000
    graphs: list[dict[str, Any]] = [
        {"1": empty(edge, edge), "2": node("ImageInvert", image=["1", 0]), "3": saved("2")},
        {"1": empty(1, 1, 4_096), "2": saved("1")},
        {"1": empty(64, 64, 4_096), "2": node("ImageInvert", image=["1", 0]), "3": saved("2")},
        {"1": empty(16_384, 16_384, 4_096), "2": saved("1")},
        {"1": empty(edge, edge), "2": node("SaveAnimatedWEBP", images=["1", 0], filename_prefix="a")},
        doubling(60),
        chain(int(2_000 * share) + 100),
        cycle(int(2_000 * share) + 100),
        {str(number): empty(edge, edge, color=number) for number in range(20)} | batches(20),
        {"1": empty(64, 64), "2": node("ImageScaleBy", image=["1", 0], scale_by=8.0), "3": saved("2")},
    ]
    for graph in some(dict(enumerate(graphs)), share):
        target.run(graph)


def numbers(target: Target, share: float) -> None:
    """Numbers of every size and kind in inputs, in fields and in queries."""
    names = ("seed", "steps", "width", "height", "batch_size", "length", "cfg", "denoise", "color", "fps")
    for name, value in some(dict(enumerate(itertools.product(names, NUMBERS))), share):
        sampler = node("KSampler", **{"model": ["4", 0], "seed": 1, "steps": 1, name: value})
        graph = {"1": empty(8, 8), "2": saved("1"), "3": sampler}
        graph["1"]["inputs"][name] = value
        target.send("POST", "/api/prompt", json={"prompt": graph, name: value, "number": value})
    for path, value in some(dict(enumerate(itertools.product(LISTS, NUMBERS))), share):
        query = "&".join(
            f"{name}={quote(str(value))}" for name in ("limit", "offset", "max_items", "res", "page", "after")
        )
        target.send("GET", f"{path}?{query}&dir=a&filename=a")
    for value in NUMBERS:
        for path in ("/_emulator/time", "/_emulator/failures", "/_emulator/faults"):
            body = {"kind": "delay", "times": value, "seconds": value, "status": value, "path": "/nowhere"}
            fields = {"advance": value} if path.endswith("time") else {"node": value}
            target.send("POST", path, json=body if path.endswith("faults") else fields)


def deep_json(target: Target, share: float) -> None:
    """JSON of a million levels, of a million empty arrays, and cut off, on every route."""
    texts = ["[" * levels + "]" * levels for levels in (250, 900, 1_020, 100_000, 1_000_000)]
    texts += ['{"prompt": ' * levels + "1" + "}" * levels for levels in (250, 900, 1_020, 100_000)]
    texts += [
        '{"a": [' + "[]," * 2_000_000 + "1]}",
        '{"a": "' + "\\u0000" * 100_000 + '"}',
        '{"a": 1',
        "[" * 90,
    ]
    texts += ['{"prompt": {"1": {"class_type": "A", "inputs": {"a": ' + "[" * 500 + "]" * 500 + "}}}}"]
    for (method, path), text in some(dict(enumerate(itertools.product(ROUTES, texts))), share):
        target.send(method, path, content=text, headers={"content-type": "application/json"})
    for text in texts[:9]:
        target.send("GET", f"/api/assets?metadata_filter={quote(text[:30_000])}")


def forms(target: Target, share: float) -> None:
    """Forms of 100,000 parts, with endless headers, without an end, and in odd encodings."""
    part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nb\r\n'
    file = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.mp4"\r\n'
    bodies = [
        b"".join(part % number for number in range(100_000)) + b"--x--\r\n",
        b"".join(file + b"\r\na\r\n" for _ in range(20_000)) + b"--x--\r\n",
        file + b"X-Long: " + b"a" * 30_000_000,
        file + b"".join(b"X-Many-%d: a\r\n" % number for number in range(300_000)),
        b"--x\r\n" + b"a" * 20_000_000,
        b"\r\n" * 5_000_000,
        b"-" * 10_000_000,
        file + b"\r\n" + b"\r\n--" * 3_000_000,
        b'--x\r\nContent-Disposition: form-data; name="tags"\r\n\r\n' + b"[" * 900_000 + b"\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a";' + b"a=" * 2_000 + b"\r\n\r\n\r\n--x--\r\n",
        b"",
    ]
    kinds = [
        "boundary=x",
        "",
        "boundary=" + "x" * 60_000,
        "boundary=x; charset=unicode_escape",
        "boundary=\xe4",
    ]
    for body, kind in some(dict(enumerate(itertools.product(bodies, kinds))), share):
        if kind != "boundary=x" and len(body) > 10_000_000:
            continue
        headers = {b"content-type": f"multipart/form-data; {kind}".encode("latin-1")}
        for path in ("/api/upload/image", "/api/assets"):
            target.send("POST", path, content=body, headers=headers)  # type: ignore[arg-type]


def bodies(target: Target, share: float) -> None:
    """Bodies that are endless, compressed, or never sent; many large ones at a time."""
    chunk = bytes(1 << 20)
    for path in ("/api/prompt", "/api/userdata/a.bin", "/_emulator/faults"):
        target.send("POST", path, content=itertools.repeat(chunk, int(200 * share) + 1))
        for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
            bomb = gzip.compress(bytes(10_000_000))
            target.send("POST", path, content=bomb, headers={"content-encoding": encoding})
        for length in (b"99999999999999999999", b"-1", b"1e9", b"0x10", b"5, 6", b"9" * 5_000):
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {KEY}\r\nContent-Length: ".encode()
            target.raw(head + length + b"\r\n\r\nabc")
    large = b'{"prompt": "' + b"a" * (60 << 20) + b'"}'
    target.together(
        [lambda: target.send("POST", "/api/prompt", content=large) for _ in range(int(12 * share) + 1)], 12
    )


def log_flood(target: Target, share: float) -> None:
    """Requests whose bodies, queries and headers are as large as the log keeps."""
    body = {"content": b"a" * (1 << 20)}
    for _ in range(int(300 * share) + 1):
        target.send("POST", "/api/nowhere", **body)
    pairs = "a&" * 15_000
    target.together(
        [lambda: target.send("GET", f"/api/user?{pairs}") for _ in range(int(100 * share) + 1)], 4
    )
    for text in ("api_key=", "name=", '"key": "', "\\", "comfyui-", "bearer ", "cookie"):
        target.send("POST", "/api/nowhere", content=(text * 200_000)[: 1 << 20])
    target.send("GET", "/_emulator/requests")


def websockets(target: Target, share: float) -> None:
    """Many websockets; large, deep and endless messages; pings that nobody reads the answers of."""
    from websockets.frames import Frame, Opcode

    upgrade = (
        f"GET /ws?token={KEY}&clientId=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    opening = (upgrade % "a").encode()
    messages = [
        Frame(Opcode.TEXT, b"a" * 30_000_000),
        Frame(Opcode.TEXT, b"[" * 900_000),
        Frame(Opcode.TEXT, b'{"type": "feature_flags", "data": ' + b"[" * 500 + b"]" * 500 + b"}"),
        Frame(Opcode.TEXT, b"\xff\xfe"),
        Frame(Opcode.TEXT, b"a", fin=False),
        Frame(Opcode.CONT, b"a"),
        Frame(Opcode.BINARY, bytes(1_000_000)),
        Frame(Opcode.CLOSE, b"\xff"),
    ]
    for message in messages:
        frame = message.serialize(mask=True)
        target.raw(opening, frame, frame, seconds=2)
    unmasked = Frame(Opcode.TEXT, b"a").serialize(mask=False)
    target.raw(opening, unmasked, seconds=2)
    flags = Frame(Opcode.TEXT, b'{"type": "feature_flags", "data": {}}').serialize(mask=True)
    for flood in (Frame(Opcode.PING, bytes(125)).serialize(mask=True), flags):
        target.report.tries += 1
        with suppress(OSError), socket.create_connection(target.address, timeout=3) as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            wire.sendall(opening)
            wire.sendall(flood * int(1_000_000 * share))
    held: list[socket.socket] = []
    for number in range(int(300 * share) + 1):
        target.report.tries += 1
        with suppress(OSError):
            wire = socket.create_connection(target.address, timeout=5)
            wire.sendall((upgrade % number).encode())
            held.append(wire)
    target.run(chain(200))
    for wire in held:
        wire.close()


def paths(target: Target, share: float) -> None:
    """Names that lead out of folders, in every route that takes one."""
    for text in some(dict(enumerate(PATHS)), share):
        name = quote(text, safe="%/")
        for path in (
            f"/api/view?filename={name}&subfolder={name}&type={name}",
            f"/api/userdata/{quote(text, safe='%')}",
            f"/api/userdata/{name}",
            f"/api/userdata?dir={name}",
            f"/api/files/mask-layers?filename={name}",
            f"/api/assets/{name}/content",
            f"/api/experiment/models/preview/{name}/0/{name}",
            f"/_emulator/page/files/{name}",
            f"/_emulator/page/own/{name}",
            f"/_emulator/page/thumbnails/{name}",
            f"/api/jobs/{name}",
        ):
            for method in ("GET", "POST", "DELETE"):
                target.send(method, path[:60_000], content=b"a")
        sent = text[:2_000]
        for fields in ({"subfolder": sent}, {"type": sent}, {"overwrite": sent}):
            files = {"image": (sent.replace("\0", "") or "a", b"a", "video/mp4")}
            with suppress(UnicodeError):
                target.send("POST", "/api/upload/image", files=files, data=fields)
        target.send(
            "POST", "/api/assets", files={"file": (sent or "a", b"a")}, data={"name": sent, "tags": "[]"}
        )
        graph = {"1": node("LoadImage", image=sent), "2": saved("1", prefix=sent)}
        target.send("POST", "/api/prompt", json={"prompt": graph})


def garbage(target: Target, share: float) -> None:
    """Malformed HTTP, huge queries and headers, on connections of their own."""
    draw = random.Random(7)
    host = f"Host: 127.0.0.1\r\nX-API-Key: {KEY}\r\n".encode()
    heads = [
        b"GET /api/user?" + b"a=b&" * 15_000 + b" HTTP/1.1\r\n" + host,
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n" + host,
        b"GET /api/user HTTP/1.1\r\n" + host + b"X-Many: a\r\n" * 50_000,
        b"GET /api/user HTTP/1.1\r\n" + host + b"X-Long: " + b"a" * 10_000_000,
        b"GET /api/user HTTP/1.1\r\n" + host * 2,
        b"GET /%ff%fe/%00?%ff=%00&=&&&;; HTTP/1.1\r\n" + host,
        b"GET http://127.0.0.1/api/user HTTP/1.1\r\n" + host,
        b"GET http://[ HTTP/1.1\r\n" + host,
        b"GET /api/user HTTP/1.1\r\nHost: [\r\n",
        b"GET /api/user HTTP/1.1\r\n" + host + b"Origin: http://[\r\n",
        b"GET /api/user HTTP/1.1\r\n" + host + b"Range: bytes=" + b"9" * 5_000 + b"-\r\n",
        b"GET /api/user HTTP/1.1\r\n" + host + b"Cookie: \xff\xfe=\x80\r\n",
        b"BREW /api/user HTTP/1.1\r\n" + host,
        b"GET /api/user HTTP/9.9\r\n" + host,
        b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n" + host,
        b"OPTIONS * HTTP/1.1\r\n" + host,
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
    ]
    heads += [draw.randbytes(draw.randint(1, 3_000)) for _ in range(int(100 * share))]
    target.together([lambda head=head: target.raw(head + b"\r\n\r\n", seconds=5) for head in heads], 4)


KINDS: dict[str, tuple[Callable[[Target, float], None], int]] = {
    # The second is how many MB the emulator may take at most.
    "hostile images": (images, 1_800),
    "parallel views of the largest image": (parallel_views, 1_500),
    "jobs that want much": (jobs, 2_000),
    "numbers": (numbers, 700),
    "deep JSON": (deep_json, 700),
    "forms": (forms, 700),
    "bodies": (bodies, 1_200),
    "floods of the request log": (log_flood, 1_200),
    "websockets": (websockets, 1_200),
    "paths": (paths, 1_200),
    "malformed HTTP": (garbage, 1_200),
}


def attack(target: Target, kind: str, share: float = 1.0) -> Report:
    """Make one kind of attack."""
    function, most = KINDS[kind]
    target.report = report = Report(kind)
    target.reset_peak()
    begun = time.perf_counter()
    function(target, share)
    report.seconds = time.perf_counter() - begun
    report.peak = target.peak()
    if report.peak > most:
        report.problems.append(f"took {report.peak} MB; the bound is {most}")
    for path in ("/api/user", "/api/features", "/_emulator/faults"):
        try:
            status = target.client.get(path, timeout=30).status_code
        except httpx.HTTPError as error:
            report.problems.append(f"afterwards {path} fails: {error!r}")
        else:
            if status != 200:
                report.problems.append(f"afterwards {path} is {status}")
    target.client.delete("/_emulator/faults")
    return report


def some(items: dict[Any, Any], share: float) -> list[Any]:
    """The values, or every n-th of them."""
    return list(items.values())[:: max(1, round(1 / share))]


def main() -> None:
    print("emulator: kind | tries | held | most memory | time")
    for kind in KINDS:
        with running() as target:
            report = attack(target, kind)
        print(report, flush=True)
        for problem in report.problems[:20]:
            print(f"  {problem}", flush=True)


if __name__ == "__main__":
    main()
