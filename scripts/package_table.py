"""`make packages`: the wheel alone, with each extra, in an environment that has nothing else.

Builds the wheel, and for no extra, each extra and `all` makes a new environment, installs it from
the package index, and measures size and seconds. Then it uses the extra in a Python program. With
the extra `cli` beside it, it runs a command, which must succeed or say what to install. Writes
packaging/extras.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.project.checkout import ROOT

PAGE: Final = ROOT / "packaging/extras.md"
NONE: Final = "(none)"
HINT: Final = "pip install 'comfy-cloud["
"""What a command says that needs another extra."""
_LONGEST: Final = 300
_GRAPH: Final = (
    "{'1': {'class_type': 'EmptyImage', 'inputs': {'width': 8, 'height': 8, 'batch_size': 1, 'color': 0}},"
    " '2': {'class_type': 'SaveImage', 'inputs': {'images': ['1', 0], 'filename_prefix': 'a'}}}"
)
_CLIENT: Final = "from comfy_cloud import ComfyCloud; cloud = ComfyCloud(api_key='comfyui-any-key')"
_MIRROR: Final = "from comfy_cloud.mirror import Mirror; Mirror.open('h.sqlite', account='a').close()"

_QUERY: Final = "history query SELECT(1) --database h.sqlite --engine duckdb"
_EXPORT: Final = "history export --to h.xlsx --database h.sqlite"


@dataclass(frozen=True)
class First:
    """What is tried first with an extra: a Python program, and a command."""

    program: str
    command: str = "config show"


FIRST: Final = {
    NONE: First(f"{_CLIENT}; cloud.close()"),
    "cli": First("import comfy_cloud.cli.app", "workflow show graph.json"),
    "jq": First("import jq; jq.compile('.a').input_value({'a': 1}).first()", "config show -o json --jq ."),
    "preview": First("import PIL.Image, textual_image.renderable"),
    "layout": First(
        f"from comfy_cloud import layout_workflow; layout_workflow({_GRAPH}, {{}})",
        "workflow show graph.json --svg graph.svg",
    ),
    "parquet": First("import pyarrow.parquet, adbc_driver_sqlite.dbapi", _EXPORT.replace("xlsx", "parquet")),
    "mirror": First(_MIRROR, "history stats --database h.sqlite"),
    "duckdb": First("import duckdb; duckdb.sql('select 1').fetchall()", _QUERY),
    "xlsx": First("import xlsxwriter", _EXPORT),
    "postgres": First("import psycopg; psycopg.pq.version()"),
    "delta": First("import deltalake, pyarrow"),
    "dlt": First("import comfy_cloud.integrations.dlt, dlt"),
    "redis": First(
        "from comfy_cloud import RedisIdempotencyStore; RedisIdempotencyStore('redis://127.0.0.1:1')"
    ),
    "contract": First("from comfy_cloud.contract import run_contract", "spec diff contract.yaml"),
    "emulator": First(
        "from comfy_cloud import ComfyCloud; from comfy_cloud_emulator import Emulator\n"
        "with Emulator(seed_data=None, speed=100) as e, ComfyCloud(base_url=e.url, api_key=e.key) as cloud:\n"
        f"    assert len(cloud.run({_GRAPH}).outputs[0].read()) > 100",
        "demo",
    ),
    "fast": First("from comfy_cloud import AsyncComfyCloud; AsyncComfyCloud(api_key='comfyui-any-key')"),
    "keyring": First("import keyring", "auth list"),
    "otel": First("from comfy_cloud.integrations.otel import OpenTelemetry; OpenTelemetry()"),
    "fsspec": First("import fsspec; fsspec.filesystem('memory')"),
    "mcp": First("import mcp", "mcp"),
    "all": First(_MIRROR, "demo"),
}


@dataclass(frozen=True)
class Row:
    """What came out for one extra."""

    extra: str
    megabytes: float
    seconds: float
    packages: int
    program: str
    command: str

    @property
    def is_good(self) -> bool:
        """Whether both work, or say what to install."""
        return self.program == "works" and self.command.startswith("`")


def main() -> int:
    """Try the extras that are named, or all, and write their rows into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extras", nargs="*", help="default: all of them")
    names = parser.parse_args().extras or list(FIRST)
    with tempfile.TemporaryDirectory() as folder:
        wheel = _wheel(Path(folder))
        rows = []
        for name in names:
            rows.append(_try(wheel, name, Path(folder, "try")))
            print(_line(rows[-1]), flush=True)
    PAGE.write_text(_page([_line(row) for row in rows]), encoding="utf-8")
    return 0 if all(row.is_good for row in rows) else 1


def _wheel(folder: Path) -> Path:
    """The wheel, built from a copy, so that no build of before is in it."""
    _done([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _try(wheel: Path, name: str, folder: Path) -> Row:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    work = folder / "work"
    _done([sys.executable, "-c", f"import json; json.dump({_GRAPH}, open('graph.json', 'w'))"], work)
    shutil.copy(ROOT / "openapi-cloud.yaml", work / "contract.yaml")
    # This environment's pip installs into the other: that has really nothing else.
    _done([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], folder)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    begun = time.monotonic()
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-compile", "--only-binary=:all:"]
    _done([*install, f"{wheel}" if name == NONE else f"{wheel}[{name}]"], folder)
    seconds = time.monotonic() - begun
    _done([*pip, "check"], folder)
    size, packages = _size(folder / "venv")
    first = FIRST[name]
    result = _outcome([str(scripts / "python"), "-W", "error", "-c", first.program], work)
    if name not in (NONE, "cli", "all"):
        _done([*install, f"{wheel}[cli,{name}]"], folder)
    command = _of_command([str(scripts / "comfy-cloud"), *first.command.split()], work)
    return Row(name, size / 1e6, seconds, packages, result, command)


def _size(environment: Path) -> tuple[int, int]:
    """Bytes and packages that were installed."""
    (site,) = environment.glob("lib/python3*/site-packages" if os.name != "nt" else "Lib/site-packages")
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    return size, len(list(site.glob("*.dist-info")))


def _outcome(words: list[str], folder: Path) -> str:
    code, text = _run(words, folder)
    return "works" if code == 0 else f"fails: {text}"


def _of_command(words: list[str], folder: Path) -> str:
    """The command and what it did: a success, or a line that says what to install."""
    code, text = _run(words, folder)
    shown = f"`comfy-cloud {' '.join(words[1:])}`"
    if code == 0:
        return f"{shown}: works"
    if code == 2 and HINT in text:
        return f"{shown}: says `pip install {text.partition('pip install ')[2]}`"
    return f"fails ({code}): {shown}: {text}"


def _run(words: list[str], folder: Path) -> tuple[int, str]:
    """The exit code, and the last line on stderr. No settings of this machine are seen."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMFY_")}
    for name in ("CONFIG", "CACHE", "STATE", "DATA"):
        environment[f"COMFY_CLOUD_{name}_DIR"] = str(folder / name.lower())
    environment.pop("PYTHONPATH", None)
    environment["COMFY_CLOUD_API_KEY"] = "comfyui-any-key"
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return done.returncode, lines[-1] if lines else ""


def _done(words: list[str], folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")


def _line(row: Row) -> str:
    return (
        f"| `{row.extra}` | {row.packages} | {row.megabytes:.0f} | {row.seconds:.0f} | {row.program} | "
        f"{row.command} |"
    )


def _page(made: list[str]) -> str:
    """The page with these rows in place of the former ones."""
    rows = {line.split("`")[1]: line for line in _former() + made}
    lines = "".join(f"{rows[name]}\n" for name in FIRST if name in rows)
    python = ".".join(map(str, sys.version_info[:2]))
    head = f"""# The wheel with each extra

Made by `make packages` with Python {python}: a new environment for each row, into which only the wheel is
installed. MB and packages are those of the extra alone, without compiled files; seconds are those of pip. The
command has the extra `cli` beside it. What it needs beyond that, it says.

| extra | packages | MB | seconds | a program | a command |
|---|---|---|---|---|---|
"""
    return head + lines


def _former() -> list[str]:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return [line for line in text.splitlines() if line.startswith("| `")]


def extras_of_project() -> set[str]:
    """The extras that pyproject.toml has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(project["project"]["optional-dependencies"])


if __name__ == "__main__":
    sys.exit(main())
