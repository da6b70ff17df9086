"""Small documents that would fill the memory or the stack of whoever reads them.

Each is read in a process of its own, which reports the seconds, and the most memory that reading
took beyond what the process had before.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

MOST_MEGABYTES = 150.0
MOST_SECONDS = 30.0


def _chain(first: str, link: str, length: int) -> bytes:
    links = (link.replace("THIS", f"a{n}").replace("LAST", f"a{n - 1}") for n in range(1, length))
    return "\n".join([f"a0: &a0 {first}", *(f"{name}" for name in links), ""]).encode()


def _directives() -> bytes:
    return b"".join(b"%%TAG !a%d! x:\n" % n for n in range(200_000)) + b"---\na: 1\n"


_NINE = ",".join(["*LAST"] * 9)
_JOURNAL = b'{"comfy_cloud_map":'
# By kind: the reader, what makes the document, and what the error contains.
BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "aliases of aliases": ("contract", lambda: _chain("[x,x,x,x]", f"THIS: &THIS [{_NINE}]", 11), "200,000"),
    "merges of merges": (
        "contract", lambda: _chain("{a: 1}", f"THIS: &THIS {{<<: [{_NINE}], THIS: 1}}", 10), "200,000"
    ),
    "a chain of aliases": ("contract", lambda: _chain("[x]", "THIS: &THIS [*LAST]", 3_000), "100 levels"),
    "an alias in itself": ("contract", lambda: b"a: &a [*a]\n", "stands for nothing"),
    "60,000 brackets": ("contract", lambda: b"a: " + b"[" * 60_000, "100 levels"),
    "JSON of 60,000 levels": ("contract", lambda: b'{"a":' * 60_000 + b"1" + b"}" * 60_000, "100 levels"),
    "60,000 dashes": ("contract", lambda: b"- " * 60_000, "100 levels"),
    "60,000 question marks": ("contract", lambda: b"? " * 60_000, "100 levels"),
    "9,000,000 items": ("contract", lambda: b"[" + b"1," * 9_000_000 + b"]", "200,000"),
    "1,000,000 keys": ("contract", lambda: b"".join(b"k%d: 1\n" % n for n in range(1_000_000)), "200,000"),
    "a number of 5,000,000 digits": ("contract", lambda: b"a: " + b"9" * 5_000_000, "400 digits"),
    "a number to base 60": ("contract", lambda: b"a: " + b"1:" * 9_000_000 + b"1", "400 digits"),
    "a tagged number": ("contract", lambda: b'a: !!int "' + b"1:" * 1_000_000 + b'1"', "400 digits"),
    "200,000 directives": ("contract", _directives, "begin with %"),
    "a tag of Python": ("contract", lambda: b"a: !!python/object/apply:os.getcwd []\n", "the tag"),
    "21 MB": ("contract", lambda: b'a: "' + b"x" * 21_000_000 + b'"', "larger than 20 MiB"),
    "TOML of 60,000 levels": ("profile", lambda: b"a = " + b"[" * 60_000, "100 levels"),
    "a key of 200,000 parts": ("profile", lambda: b"a." * 200_000 + b"a = 1\n", "100 levels"),
    "2 MB of profiles": ("profile", lambda: b"# x\n" * 500_000, "larger than 1 MiB"),
    "a journal of 60,000 levels": ("journal", lambda: _JOURNAL + b"[" * 60_000 + b"\n", "damaged"),
    "a line of 8 MB in a journal": ("journal", lambda: _JOURNAL + b" " * 8_000_000 + b"1}\n", "damaged"),
}  # fmt: skip


class Measured(NamedTuple):
    """What reading one document did: its size, the time and the memory, and the message."""

    size: int
    seconds: float
    megabytes: float
    message: str


def measure(kind: str) -> Measured:
    """Read one bomb in a process of its own. Raises RuntimeError when that dies."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(BOMBS[kind][1]())
        file.flush()
        command = [sys.executable, "-m", "tests.attacks.document_bombs", BOMBS[kind][0], file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=4 * MOST_SECONDS)
    if done.returncode:
        raise RuntimeError(f"{kind}: exit code {done.returncode}: {done.stderr[-300:]}")
    size, seconds, megabytes, message = done.stdout.strip().split("\t")
    return Measured(int(size), float(seconds), float(megabytes), message)


def has_held(kind: str, found: Measured) -> bool:
    """Whether the document was refused by the bound it is about, in little time and memory."""
    is_small = found.seconds < MOST_SECONDS and found.megabytes < MOST_MEGABYTES
    return is_small and BOMBS[kind][2] in found.message


def read(reader: str, content: bytes) -> None:
    """Read a document as the package does."""
    with tempfile.TemporaryDirectory() as folder:
        if reader == "contract":
            from comfy_cloud.contract._documents.reader import read_contract

            read_contract(content, "a contract")
        elif reader == "profile":
            from comfy_cloud._settings.profiles import read_profile

            Path(folder, "config.toml").write_bytes(content)
            read_profile(environment={"COMFY_CLOUD_CONFIG_DIR": folder})
        else:
            from comfy_cloud._submission.journal import Journal

            Path(folder, "journal").write_bytes(content)
            now = datetime(2026, 1, 1, tzinfo=UTC)
            Journal.open(Path(folder, "journal"), workflow="w", server="s", now=now).close()


def _report(reader: str, path: str) -> None:
    import resource
    import time

    content, message = Path(path).read_bytes(), "it was read"
    for empty in ("contract", "profile"):  # imports count as what was there before
        with suppress(Exception):
            read(empty, b"")
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        read(reader, content)
    except Exception as error:  # noqa: BLE001 - it is what this measures
        message = " ".join(str(error).split())
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit
    print(f"{len(content)}\t{time.monotonic() - start:.2f}\t{memory:.1f}\t{message[:200]}")


def main() -> None:
    """Every bomb; print the row, and a line per bomb."""
    held, lines = 0, []
    for kind in BOMBS:
        found = measure(kind)
        held += has_held(kind, found)
        lines.append(f"  {kind}: {found.size:,} bytes, {found.seconds:.2f} s, {found.megabytes:.0f} MB")
    print(f"documents that are bombs | {len(BOMBS)} | {held}")
    print("\n".join(lines))


if __name__ == "__main__":
    _report(*sys.argv[1:]) if len(sys.argv) > 1 else main()
