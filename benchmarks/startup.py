"""Time before the first request: imports, start of the command, creation of a client."""

from __future__ import annotations

from collections.abc import Iterator

from .measurement import Row, process_ratio, ratio, seconds

_CLIENTS = 10


def rows() -> Iterator[Row]:
    """The rows of this file."""
    yield Row(
        "import comfy_cloud",
        "import httpx",
        process_ratio(["-c", "import comfy_cloud"], ["-c", "import httpx"]),
        1.10,
    )
    both = process_ratio(["-c", "from comfy_cloud import ComfyCloud"], ["-c", "import httpx"])
    yield Row("from comfy_cloud import ComfyCloud", "import httpx", both, 1.10)
    # What that import leaves out comes with the first client.
    first = process_ratio(
        ["-c", "from comfy_cloud import ComfyCloud; ComfyCloud(api_key='comfyui-bench').close()"],
        ["-c", "import httpx; httpx.Client().close()"],
    )
    yield Row("  and the first client", "httpx and its first client", first, 1.60)
    program = "import sys; sys.argv = ['comfy-cloud', {!r}]; from comfy_cloud.cli import main; main()"
    for option, target in (("--version", 1.20), ("--help", 1.30)):
        found = process_ratio(["-c", program.format(option)], ["-c", "import click"])
        yield Row(f"comfy-cloud {option}", "import click", found, target)
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
