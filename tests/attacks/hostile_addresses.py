"""Redirect downloads to addresses that a hostile server might name, over each transport.

`python -m tests.attacks.hostile_addresses` tries every address, in the first redirect, which the
API sends, and in a later one, which the storage sends. No connection may be opened to an address
that is not public, and the call must raise an exception of the library that does not have the key.
Nothing leaves this machine: connections elsewhere are recorded and refused.
"""

from __future__ import annotations

import errno
import socket
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from comfy_cloud import ComfyCloudError, Retry
from tests.attacks.trials import TRANSPORTS, Report, call_over
from tests.live.forms import Form
from tests.raw_server import RawServer, http_response, raw_server

KEY = "recognisable-key-of-a-self-hosted-server"
PLACES = ("first", "later")
PUBLIC = "93.184.216.34"
# The server of the base URL: whatever a redirect asks of it, it is trusted.
API = "comfy.test"
API_ADDRESS = "127.0.0.77"
# Names, and what they resolve to, one list for each time that somebody asks. The last one stays.
NAMES: dict[str, list[list[str]]] = {
    API: [[API_ADDRESS]],
    "loopback.test": [["127.0.0.1"]],
    "loopback6.test": [["::1"]],
    "private.test": [["10.0.0.5"]],
    "private6.test": [["fd00::5"]],
    "metadata.test": [["169.254.169.254"]],
    "mapped.test": [["::ffff:127.0.0.1"]],
    "nat64.test": [["64:ff9b::7f00:1"]],
    "sixtofour.test": [["2002:7f00:1::1"]],
    "unspecified.test": [["0.0.0.0"]],
    "mixed.test": [["10.0.0.5", PUBLIC, "::1"]],
    "rebinding.test": [[PUBLIC], ["127.0.0.1"]],
    "rebinding-back.test": [["127.0.0.1"], [PUBLIC]],
    "localhost": [["127.0.0.1", "::1"]],
    "files.localhost": [["127.0.0.1"]],
    "public.test": [[PUBLIC]],
}
_LOOPBACK = (
    *("127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "127.0.0.1.", "127.0.0.01", "127.000.000.001"),
    *("0.0.0.0", "0", "00", "0x0", "2130706433", "2130706433.", "0x7f000001", "0X7F000001", "0x7f.0.0.1"),
    *("0x7f.1", "017700000001", "0177.0.0.1", "0177.1", "00000177.0.0.1", "127.0x0.1", "4294967297"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[0:0:0:0:0:FFFF:127.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:1::1]", "[2001:0:7f00:1::]"),
)
_INTERNAL = (
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254"),
    *("169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("168.63.129.16", "192.88.99.1", "2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE"),
    *("0251.0376.0251.0376", "169.16689662", "169.254.43518", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]"),
    *("[2002:a00:1::1]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]"),
    *("[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]", "[2001:10::1]"),
)
_ODD = (
    *("LOCALHOST", "localhost.", "LocalHost.", "loc%61lhost", "%31%32%37.0.0.1", "127.0.0.1%00.test"),
    *("\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "127\uff0e0\uff0e0\uff0e1", "[::\uff11]"),
    *("\u2460\u2461\u2466.0.0.1", "\u24dbocalhost", "", ".", "..", "[]"),
    *("user@127.0.0.1", "user:password@127.0.0.1", "public.test@127.0.0.1", "public.test#@127.0.0.1"),
    *("127.0.0.1\\@public.test", "127.0.0.1 .public.test", "127.0.0.1,public.test", "localhost\t", "-"),
    *(f"{KEY}.test", f"{'a' * 300}.test", "0x", "1.2.3.4.5", "1.2.3.256", "256.256.256.256", "xn--a"),
)
_URLS = (
    *(
        "http://public.test/",
        f"http://{PUBLIC}/",
        "HTTP://127.0.0.1/",
        "http://127.0.0.1/",
        "http://10.0.0.1/",
    ),
    *("//127.0.0.1/", "//public.test/", "\\\\127.0.0.1\\", "https:127.0.0.1", "https:/127.0.0.1/"),
    *("https:///127.0.0.1/", "https:\\\\127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "data:,a"),
    *("gopher://127.0.0.1/", "javascript:0", "unix:///a", "http+unix://%2Fa/", "ws://127.0.0.1/"),
    *("https://user:password@public.test/", "https://127.0.0.1:0/", "https://127.0.0.1:99999/", "https://"),
)
LOCATIONS = (
    *(f"https://{host}:8443/a" for host in (*_LOOPBACK, *_INTERNAL, *_ODD, *NAMES) if host != API),
    *_URLS,
)
_Connect = socket.socket.connect


@contextmanager
def network(api_port: int, attempts: list[str]) -> Iterator[None]:
    """Resolve NAMES only, and connect to the API only; other attempts are recorded."""
    asked: dict[str, int] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        times = NAMES.get(name.lower().rstrip("."))
        if times is None:
            # Numbers in any form are read as a resolver reads them, and no name is asked for.
            return real(name, port, *arguments[:3], **{**options, "flags": socket.AI_NUMERICHOST})
        count = asked[name] = asked.get(name, -1) + 1
        found = []
        for address in times[min(count, len(times) - 1)]:
            found += real(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return found

    def connect(self: socket.socket, address: Any) -> None:
        if address[:2] in ((API_ADDRESS, api_port), ("127.0.0.1", api_port)):
            return _Connect(self, ("127.0.0.1", api_port))
        attempts.append(str(address[0]))
        raise OSError(errno.ENETUNREACH, "no such network")

    with (
        mock.patch.object(socket, "getaddrinfo", resolve),
        mock.patch.object(socket.socket, "connect", connect),
    ):
        yield


def attack(
    locations: Sequence[str] = LOCATIONS,
    places: Sequence[str] = PLACES,
    transports: Sequence[str] = TRANSPORTS,
) -> Report:
    """Try every combination."""
    report = Report()
    attempts: list[str] = []
    with raw_server() as server:
        port = int(server.url.rpartition(":")[2])
        with network(port, attempts):
            for transport in transports:
                for place in places:
                    for location in locations:
                        attempts.clear()
                        report.tries += 1
                        problem = _try(server, f"http://{API}:{port}", transport, place, location)
                        internal = [address for address in attempts if address not in (PUBLIC, API_ADDRESS)]
                        if internal:
                            problem = f"connected to {internal}"
                        if problem:
                            report.failures.append(f"{transport}, {place}, {location!r}: {problem}")
    return report


def _try(server: RawServer, url: str, transport: str, place: str, location: str) -> str:
    sent = location.encode("utf-8").decode("latin-1")
    server.script("/api/view", http_response(302, location=sent if place == "first" else f"{url}/hop"))
    server.script("/hop", http_response(302, location=sent))
    try:
        call_over(transport, url, _download, api_key=KEY, allow_insecure=True, retry=Retry.none())
    except ComfyCloudError as error:
        shown = "".join(traceback.format_exception(error)).lower()
        return "the key is shown" if KEY in shown else ""
    except Exception as error:  # noqa: BLE001 - judged here
        return f"raised {type(error).__name__}: {error}"
    return "it was followed"


async def _download(form: Form) -> str:
    async with form.entered(form.cloud.files.open("a.png")) as content:
        await form(content.read())
    return ""


def main() -> None:
    for transport in TRANSPORTS:
        for place in PLACES:
            report = attack(places=[place], transports=[transport])
            report.show(f"hostile address, {transport}, {place} redirect")


if __name__ == "__main__":
    main()
