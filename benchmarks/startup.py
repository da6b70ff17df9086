"""Time before the first request: imports, start of the command, creation of a client.

The limits are those of a Python that does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from .measurement import Row, process_ratio, ratio, seconds

_CLIENTS = 10
IMPORTS = {
    "import comfy_cloud": "",
    "from comfy_cloud import ComfyCloud": "",
}


def rows() -> Iterator[Row]:
    """The rows of this file."""
    for code, note in IMPORTS.items():
        measure = partial(process_ratio, ["-c", code], ["-c", "import httpx"])
        yield Row.later(code, "import httpx", measure, 1.10, note, limit=partial(nothing, "import httpx"))
    # What that import leaves out comes with the first client.
    first = ["-c", "from comfy_cloud import ComfyCloud; ComfyCloud(api_key='comfyui-bench').close()"]
    measure = partial(process_ratio, first, ["-c", "import httpx; httpx.Client().close()"])
    yield Row.later("  and the first client", "httpx and its first client", measure, 1.60)
    program = "import sys; sys.argv = ['comfy-cloud', {!r}]; from comfy_cloud.cli import main; main()"
    for option, target in (("--version", 1.20), ("--help", 1.30)):
        measure = partial(process_ratio, ["-c", program.format(option)], ["-c", "import click"])
        limit = partial(nothing, "import click")
        yield Row.later(f"comfy-cloud {option}", "import click", measure, target, limit=limit)
    yield second_client()


def nothing(other: str) -> float:
    """A Python that does nothing: no program is quicker."""
    return process_ratio(["-c", "pass"], ["-c", other])


def second_client() -> Row:
    """A second client in a process, against httpx's first one, which reads the certificates."""
    import httpx

    from comfy_cloud import ComfyCloud

    def ours() -> None:
        for _ in range(_CLIENTS):  # one alone is too fast to be timed
            ComfyCloud(api_key="comfyui-bench", base_url="https://cloud.comfy.org").close()

    def bare() -> None:
        httpx.Client().close()

    ours()
    first = min(seconds(bare) for _ in range(5))
    found = ratio(ours, bare, rounds=15) / _CLIENTS
    return Row("a second client", "the first httpx.Client()", found, 0.02, f"httpx: {first * 1000:.1f} ms")
