"""Time before the first request: imports, start of the command, creation of a client."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from .measurement import Row, process_ratio, ratio, seconds

_CLIENTS = 10
IMPORTS = {
    "import comfy_cloud": "",
    "from comfy_cloud import ComfyCloud": "the class itself, not only the package",
}


def rows() -> Iterator[Row]:
    """The rows of this file."""
    for code, note in IMPORTS.items():
        measure = partial(process_ratio, ["-c", code], ["-c", "import httpx"])
        yield Row.later(code, "import httpx", measure, 1.10, note)
    program = "import sys; sys.argv = ['comfy-cloud', {!r}]; from comfy_cloud.cli import main; main()"
    for option, target in (("--version", 1.20), ("--help", 1.30)):
        measure = partial(process_ratio, ["-c", program.format(option)], ["-c", "import click"])
        yield Row.later(f"comfy-cloud {option}", "import click", measure, target)
    yield second_client()


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
