"""Who may import whom, how long a file may be, and what it may not be called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 450
MADE = ("generated", "wrapper/comfy_cloud/_sync", "tests/_sync")
CATCH_ALLS = {"utils", "util", "helpers", "helper", "misc", "common"}
# Beside the package itself, the wrapper's modules are pure, but for these.
NOT_PURE = {"__init__", "_version", "_runtime", "_websocket", "_writing", "_wide_reads", "_over_aiohttp"}
PURE = sorted({path.stem for path in (ROOT / "wrapper/comfy_cloud").glob("*.py")} - NOT_PURE)
SHARED = [f"comfy_cloud.{name}" for name in PURE]

# Folder (or file) -> the parts of this project that it may import, itself included. The first that fits counts.
ALLOWED = {
    "generated/comfy_cloud_api": ["comfy_cloud_api"],
    # Makes the client of the fixture `comfy_cloud`, where both are installed; imported when a test asks for it.
    "emulator/comfy_cloud_emulator/pytest_plugin.py": [
        "comfy_cloud_emulator", "comfy_cloud.ComfyCloud", "comfy_cloud.Retry"
    ],
    "emulator/comfy_cloud_emulator": ["comfy_cloud_emulator"],
    "wrapper/comfy_cloud/cli/emulate.py": ["comfy_cloud_emulator", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/spec.py": ["comfy_cloud.contract", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/contract.py": ["comfy_cloud.contract", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli": [
        "comfy_cloud.cli", "comfy_cloud._version", "comfy_cloud._settings.profiles", "comfy_cloud._settings.config", "comfy_cloud.times"
    ],
    # Asks servers by itself, as strictly as the contract goes: it must not read answers as tolerantly as the client does.
    "wrapper/comfy_cloud/contract": [
        "comfy_cloud.contract", "comfy_cloud._http.runtime", "comfy_cloud._http.response_shapes", "comfy_cloud._settings.config",
        "comfy_cloud._http.deviations", "comfy_cloud.errors", "comfy_cloud._jobs.outputs", "comfy_cloud._errors.redaction", "comfy_cloud.times"
    ],
    "wrapper/comfy_cloud/_async": [
        *SHARED, "comfy_cloud._http.runtime", "comfy_cloud._http.websocket", "comfy_cloud._files.writer", "comfy_cloud._async",
        "comfy_cloud_api",
    ],
    "wrapper/comfy_cloud/_sync": [
        *SHARED, "comfy_cloud._http.runtime", "comfy_cloud._http.websocket", "comfy_cloud._files.writer", "comfy_cloud._sync",
        "comfy_cloud_api",
    ],
    "wrapper/comfy_cloud/__init__.py": [*SHARED, "comfy_cloud._version", "comfy_cloud._async", "comfy_cloud._sync"],
    "wrapper/comfy_cloud/_http/runtime.py": [
        "comfy_cloud._settings.config", "comfy_cloud._http.websocket", "comfy_cloud._http.wide_reads", "comfy_cloud._http.aiohttp_transport"
    ],
    "wrapper/comfy_cloud/_http/wide_reads.py": [],
    "wrapper/comfy_cloud/_http/aiohttp_transport.py": ["comfy_cloud._http.wide_reads"],
    "wrapper/comfy_cloud/_http/websocket.py": ["comfy_cloud._settings.config"],
    "wrapper/comfy_cloud/_files/writer.py": ["comfy_cloud._files.destinations"],
    "wrapper/comfy_cloud": [*SHARED, "comfy_cloud_api.responses", "comfy_cloud_api.models", "comfy_cloud_api.types"],
}  # fmt: skip
# What the pure modules leave to others: sockets, event loops, and HTTP clients.
OUTSIDE = {
    "httpx",
    "httpcore",
    "aiohttp",
    "anyio",
    "asyncio",
    "socket",
    "ssl",
    "threading",
    "websockets",
    "requests",
}
# One reads httpx's values, the other counts for threads that share a client.
EXCEPTIONS = {"calls": {"httpx"}, "deviations": {"threading"}}


def files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The dotted name of everything that a file imports, wherever in it."""
    package = path.relative_to(ROOT).parts[1:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_within(name: str, part: str) -> bool:
    return f"{name}.".startswith(f"{part}.")


def is_public(name: str) -> bool:
    import comfy_cloud

    return name == "comfy_cloud" or (
        name.startswith("comfy_cloud.") and name[len("comfy_cloud.") :] in comfy_cloud.__all__
    )


def part_of(path: Path) -> str:
    name = name_of(path).replace("/", ".")
    return next(part for part in ALLOWED if is_within(name, part.replace("/", ".")))


@pytest.mark.parametrize("part", ALLOWED)
def test_a_part_knows_only_whom_it_may(part: str) -> None:
    strangers = {}
    for path in files("generated", "emulator", "wrapper"):
        if part_of(path) == part:
            ours = {
                name
                for name in imports(path)
                if name.split(".")[0].startswith(("comfy_cloud", "scripts", "tests"))
            }
            unknown = {
                name for name in ours if not any(is_within(name, allowed) for allowed in ALLOWED[part])
            }
            if part.startswith("wrapper/comfy_cloud/cli"):
                unknown = {name for name in unknown if not is_public(name)}
            if unknown:
                strangers[name_of(path)] = unknown
    assert not strangers


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_touch_no_socket_and_no_event_loop(name: str) -> None:
    used = {found.split(".")[0] for found in imports(ROOT / f"wrapper/comfy_cloud/{name}.py")}
    assert used & OUTSIDE <= EXCEPTIONS.get(name, set())


def test_a_file_has_one_concern_and_a_length_to_match() -> None:
    by_hand = {
        name_of(path): path.read_text(encoding="utf-8")
        for path in files("wrapper", "emulator", "scripts", "tests", "examples", "benchmarks")
        if not name_of(path).startswith(MADE)
    }
    too_long = {
        name: len(text.splitlines()) for name, text in by_hand.items() if len(text.splitlines()) > LONGEST
    }
    assert not too_long, "split them where their concerns part"
    assert not [name for name in by_hand if Path(name).stem.strip("_") in CATCH_ALLS]
    eager = {
        name
        for name, text in by_hand.items()
        if text.strip() and "from __future__ import annotations" not in text
    }
    assert all("import" not in by_hand[name].partition('"""\n')[2] for name in eager)


def test_a_module_says_what_it_does() -> None:
    modules = files("wrapper/comfy_cloud", "emulator", "scripts")
    assert not [
        name_of(path)
        for path in modules
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]


def test_the_rules_see_what_they_should() -> None:
    """The reading of imports itself: relative, aliased, hidden in a function."""
    client = set(imports(ROOT / "wrapper/comfy_cloud/_async/client.py"))
    assert {
        "httpx",
        "comfy_cloud._settings.config",
        "comfy_cloud._async._submission.launcher.AsyncLauncher",
        "comfy_cloud._async.history.AsyncHistory",
    } <= client
    assert is_within("comfy_cloud_api.types.Request", "comfy_cloud_api.types")
    assert not is_within("comfy_cloud_api.types", "comfy_cloud")
    assert is_public("comfy_cloud.ComfyCloud")
    assert not is_public("comfy_cloud._http.calls")
