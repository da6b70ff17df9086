"""Allowed imports, import cycles, modules without I/O, and the length and names of files."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.project.imports import ROOT, circles, files, import_graph, imports, name_of, tree_of

LONGEST = 450
MADE = ("generated", "wrapper/comfy_cloud/_sync", "tests/_sync", "tests/typing/made_")
CATCH_ALLS = {"utils", "util", "helpers", "helper", "misc", "common"}
LARGEST_CIRCLE = 2

# The wrapper's packages below the clients. They may import each other, and no client.
ROOMS = [
    f"comfy_cloud.{name}"
    for name in (
        "_collector", "_errors", "_files", "_late_names", "_lenient", "_http", "_jobs", "_notebook",
        "_settings", "_submission", "_workflows", "asset_filters", "errors", "graph_builder", "hashing",
        "hooks", "mirror", "notices", "pages", "retry", "tasks", "times", "tracing",
    )
]  # fmt: skip

# Folder or file -> the parts of this project that it may import, including itself. The first match
# counts.
ALLOWED = {
    "generated/comfy_cloud_api": ["comfy_cloud_api"],
    "generated/comfy_cloud_api_v2": ["comfy_cloud_api_v2"],
    # What node classes declare: pure, and read by both the client and the emulator.
    "catalogue/comfy_cloud_catalogue": ["comfy_cloud_catalogue"],
    # Makes the client of the fixture `comfy_cloud`; imported when a test uses the fixture.
    "emulator/comfy_cloud_emulator/pytest_plugin.py": [
        "comfy_cloud_emulator", "comfy_cloud.ComfyCloud", "comfy_cloud.AsyncComfyCloud", "comfy_cloud.Retry"
    ],
    "emulator/comfy_cloud_emulator/pytest_async.py": [
        "comfy_cloud_emulator", "comfy_cloud.AsyncComfyCloud", "comfy_cloud.Retry"
    ],
    # Sends to a real server as the client does: with its settings, connections and redaction.
    "emulator/comfy_cloud_emulator/recording": [
        "comfy_cloud_emulator", "comfy_cloud._errors.key_forms", "comfy_cloud._errors.redaction",
        "comfy_cloud._http.address_guard", "comfy_cloud._http.clients", "comfy_cloud._http.websocket",
        "comfy_cloud._settings.config", "comfy_cloud._settings.origins", "comfy_cloud._version",
    ],
    "emulator/comfy_cloud_emulator": ["comfy_cloud_emulator", "comfy_cloud_catalogue"],
    "wrapper/comfy_cloud/__main__.py": ["comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/emulate.py": ["comfy_cloud_emulator", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/_record": ["comfy_cloud_emulator", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/record.py": ["comfy_cloud_emulator", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/replay.py": ["comfy_cloud_emulator", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/demo.py": ["comfy_cloud_emulator", "comfy_cloud.cli", "comfy_cloud.ComfyCloud"],
    "wrapper/comfy_cloud/cli/_emulate": [
        "comfy_cloud_emulator", "comfy_cloud.cli", "comfy_cloud._settings.private_files"
    ],
    "wrapper/comfy_cloud/cli/spec.py": ["comfy_cloud.contract", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/contract.py": ["comfy_cloud.contract", "comfy_cloud.cli"],
    "wrapper/comfy_cloud/cli/auth.py": ["comfy_cloud.cli", "comfy_cloud._settings"],
    "wrapper/comfy_cloud/cli/config.py": [
        "comfy_cloud.cli", "comfy_cloud._settings", "comfy_cloud._workflows.catalogue_file",
        "comfy_cloud._workflows.near_names",
    ],
    # Which input an option means, and what a workflow's file is, are the library's rules.
    "wrapper/comfy_cloud/cli/_workflows": [
        "comfy_cloud.cli", "comfy_cloud._workflows", "comfy_cloud._files.fsspec_urls",
        "comfy_cloud._files.file_types", "comfy_cloud_catalogue",
    ],
    "wrapper/comfy_cloud/cli/workflow.py": ["comfy_cloud.cli", "comfy_cloud._workflows"],
    # Looks at each step of a connection on its own.
    "wrapper/comfy_cloud/cli/_doctor": [
        "comfy_cloud.cli", "comfy_cloud._http.clients", "comfy_cloud._http.websocket",
        "comfy_cloud._settings", "comfy_cloud._version", "comfy_cloud._workflows.catalogue_file",
        "comfy_cloud_api.api.job", "comfy_cloud._http.api_v2",
    ],
    "wrapper/comfy_cloud/cli/api.py": ["comfy_cloud.cli", "comfy_cloud._errors.key_forms"],
    # Writes the files of --output-file.
    "wrapper/comfy_cloud/cli/_console": [
        "comfy_cloud.cli._console", "comfy_cloud._settings", "comfy_cloud.times",
        "comfy_cloud._files.whole_file", "comfy_cloud._files.spreadsheet_cells",
    ],
    # The identity of a graph is the library's rule, and so are names that are safe for files.
    # Keys must not reach an agent: what is removed from texts is the library's rule.
    "wrapper/comfy_cloud/cli/_mcp": [
        "comfy_cloud.cli", "comfy_cloud._errors.redaction", "comfy_cloud._version"
    ],
    "wrapper/comfy_cloud/cli/_runs/sweep_run.py": [
        "comfy_cloud.cli", "comfy_cloud._files.whole_file", "comfy_cloud._submission.graph_identity"
    ],
    "wrapper/comfy_cloud/cli/_runs/sweep_cells.py": ["comfy_cloud.cli", "comfy_cloud._files.names"],
    "wrapper/comfy_cloud/cli/_runs/sweep_results.py": ["comfy_cloud.cli", "comfy_cloud._files.whole_file"],
    "wrapper/comfy_cloud/cli": [
        "comfy_cloud.cli", "comfy_cloud.mirror", "comfy_cloud._version", "comfy_cloud._files.names",
        "comfy_cloud._files.progress", "comfy_cloud._files.progress_display",
        "comfy_cloud._files.download_options", "comfy_cloud_api.models", "comfy_cloud_catalogue",
    ],
    # Sends its own requests: it must not read responses as tolerantly as the client does.
    "wrapper/comfy_cloud/contract": [
        "comfy_cloud.contract", "comfy_cloud._http", "comfy_cloud._settings", "comfy_cloud._jobs.outputs",
        "comfy_cloud._jobs.states", "comfy_cloud._errors", "comfy_cloud.errors", "comfy_cloud.hashing",
        "comfy_cloud.retry", "comfy_cloud.times", "comfy_cloud_api.types",
    ],
    "wrapper/comfy_cloud/_async": [*ROOMS, "comfy_cloud._async", "comfy_cloud_api", "comfy_cloud_api_v2"],
    "wrapper/comfy_cloud/_sync": [*ROOMS, "comfy_cloud._sync", "comfy_cloud_api", "comfy_cloud_api_v2"],
    "wrapper/comfy_cloud/__init__.py": [
        *ROOMS, "comfy_cloud._version", "comfy_cloud._exports", "comfy_cloud._async", "comfy_cloud._sync"
    ],
    "wrapper/comfy_cloud/integrations": [*ROOMS, "comfy_cloud._version"],
    "wrapper/comfy_cloud/_workflows": [*ROOMS, "comfy_cloud_api", "comfy_cloud_catalogue"],
    "wrapper/comfy_cloud": [
        *ROOMS, "comfy_cloud_api.responses", "comfy_cloud_api.models", "comfy_cloud_api.types",
        "comfy_cloud_api_v2.models", "comfy_cloud_api_v2.responses", "comfy_cloud_api_v2.types"
    ],
}  # fmt: skip

# The modules below the clients that open files, sockets or a keyring, start threads, or wait. All
# others are pure.
DOES_IO = {
    "_files/background_writer.py": "writes a download, in a thread",
    "_files/fsspec_destination.py": "writes files over fsspec",
    "_files/fsspec_urls.py": "opens files over fsspec",
    "_files/folder_checks.py": "creates folders",
    "_files/local_copy.py": "copies files",
    "_files/local_destination.py": "writes files",
    "_files/range_record.py": "reads and writes the record of a download in parts",
    "_files/upload_sources.py": "opens the file to upload",
    "_http/address_guard.py": "checks the requests of httpx",
    "_http/guarded_backends.py": "resolves names and opens connections",
    "_files/whole_file.py": "writes whole files",
    "_http/aiohttp_client.py": "sends requests over aiohttp",
    "_http/aiohttp_transport.py": "makes transports",
    "_http/deadlines.py": "cancels requests that take too long",
    "_http/address_hint.py": "reads which proxy the environment names",
    "_http/clients.py": "makes HTTP clients and the TLS context",
    "_http/closing_sockets.py": "closes websockets in threads and tasks",
    "_http/concurrency.py": "threads and tasks",
    "_http/forks.py": "replaces the sockets of a forked child",
    "_http/shared_properties.py": "locks what threads compute",
    "_http/interrupted_pools.py": "replaces the locks of connection pools",
    "_http/large_reads.py": "patches transports",
    "_http/limited_streams.py": "waits for connections",
    "_http/runtime.py": "clock and sleep",
    "_http/stream_readers.py": "reads streams in threads and tasks",
    "_http/thread_steps.py": "runs calls in threads",
    "_http/wakeups.py": "waits in threads and tasks",
    "_http/websocket.py": "opens websockets",
    "_http/websocket_frames.py": "reads what a websocket has received",
    "integrations/dlt.py": "opens a mirror",
    "mirror/downloads.py": "looks at downloaded files",
    "mirror/export/formats.py": "writes files of other programs by way of a temporary folder",
    "mirror/location.py": "finds the file of a mirror",
    "mirror/locks.py": "locks a mirror",
    "mirror/mirror.py": "opens a mirror",
    "mirror/query_process.py": "has another process run a query",
    "mirror/query_program.py": "is that process",
    "mirror/reading_process.py": "has another process read a mirror",
    "mirror/sqlite_file.py": "creates and checks files of SQLite",
    "mirror/report/browse_routes.py": "sees whether the file of a mirror has changed",
    "mirror/report/browse_server.py": "serves on loopback",
    "mirror/report/document.py": "reads the page's files",
    "mirror/report/thumbnails.py": "reads images",
    "_settings/key_stores.py": "reads and writes key files and the keyring",
    "_settings/private_files.py": "writes files that only their owner may read",
    "_settings/profiles.py": "reads and writes the profile file",
    "_submission/journal.py": "writes the journal",
    "_submission/redis_store.py": "talks to a Redis",
    "_submission/sqlite_store.py": "keeps records in a file of SQLite",
    "_submission/variant_digests.py": "reads local files to hash them",
    "_workflows/catalogue_file.py": "keeps a copy on disk",
    "_workflows/loading.py": "reads workflow files",
    "_workflows/local_files.py": "checks whether local files exist",
    "hashing.py": "reads the file to hash",
}
# Pure modules do not import these ...
IO_LIBRARIES = {
    "_thread", "aiohttp", "anyio", "asyncio", "fcntl", "fsspec", "httpcore", "keyring", "mmap", "queue",
    "redis", "requests", "shutil", "socket", "socketserver", "ssl", "subprocess", "tempfile", "threading",
    "websockets",
}  # fmt: skip
# ... and do not call these.
IO_CALLS = {
    "exists", "fsync", "glob", "iterdir", "is_dir", "is_file", "is_symlink", "mkdir", "open", "read_bytes",
    "read_text", "rename", "rmdir", "sleep", "stat", "touch", "unlink", "write_bytes", "write_text",
}  # fmt: skip
# Reads the responses and exceptions of httpx, but opens nothing.
KNOWS_HTTPX = {
    "_http/bounded_bodies.py",
    "_http/http_requests.py",
    "_http/library_errors.py",
    "_http/network_failures.py",
    "_http/responses.py",
}
WRAPPER = ROOT / "wrapper/comfy_cloud"
BELOW_THE_CLIENTS = [
    path
    for path in sorted(WRAPPER.rglob("*.py"))
    if path.relative_to(WRAPPER).parts[0] not in ("_async", "_sync", "cli", "contract", "__init__.py")
]


def is_within(name: str, part: str) -> bool:
    return f"{name}.".startswith(f"{part}.")


def is_public(name: str) -> bool:
    import comfy_cloud

    return name == "comfy_cloud" or (
        name.startswith("comfy_cloud.") and name[len("comfy_cloud.") :] in comfy_cloud.__all__
    )


@cache
def part_of(path: Path) -> str:
    name = name_of(path).replace("/", ".")
    return next(part for part in ALLOWED if is_within(name, part.replace("/", ".")))


@pytest.mark.parametrize("part", ALLOWED)
def test_a_part_imports_only_what_it_may(part: str) -> None:
    strangers = {}
    for path in files("generated", "catalogue", "emulator", "wrapper"):
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


@pytest.mark.parametrize("folder", ["wrapper", "catalogue", "emulator", "scripts"])
def test_there_are_no_large_import_cycles(folder: str) -> None:
    """Imports under TYPE_CHECKING count: types that need each other are a cycle as well."""
    graph = import_graph(folder)
    assert len(graph) > 3
    assert [circle for circle in circles(graph) if len(circle) > LARGEST_CIRCLE] == []


def io_in(path: Path) -> set[str]:
    """The I/O libraries and calls in a module, as far as its source shows."""
    libraries = {found.split(".")[0] for found in imports(path)} & IO_LIBRARIES
    calls = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            calls |= {name} & IO_CALLS
    return libraries | calls


@pytest.mark.parametrize("path", BELOW_THE_CLIENTS, ids=lambda path: path.relative_to(WRAPPER).as_posix())
def test_pure_modules_do_no_io(path: Path) -> None:
    name = path.relative_to(WRAPPER).as_posix()
    libraries = {found.split(".")[0] for found in imports(path)}
    if name in DOES_IO:
        assert io_in(path) or "httpx" in libraries, "it does no I/O any more: take it out of DOES_IO"
    else:
        assert io_in(path) == set()
        assert "httpx" not in libraries or name in KNOWS_HTTPX


@pytest.mark.parametrize("path", files("catalogue"), ids=lambda path: path.name)
def test_the_catalogue_does_no_io_and_needs_no_other_package(path: Path) -> None:
    assert io_in(path) == set()
    others = {name.split(".")[0] for name in imports(path)} - {"comfy_cloud_catalogue"}
    assert others <= sys.stdlib_module_names


def test_the_client_loads_the_catalogue_only_when_a_graph_is_checked() -> None:
    code = (
        "import sys; from comfy_cloud import ComfyCloud; "
        "import comfy_cloud._sync._submission.submission; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "comfy_cloud._sync.client" in loaded
    assert not [name for name in loaded if name.startswith("comfy_cloud_catalogue")]


def test_no_module_uses_private_fields_of_another() -> None:
    """`thing._field` only if the same module defines it, or it is of a foreign library."""
    foreign = {"_getframe", "_network_backend", "_optional_thread_lock", "_strip_protocol"}
    foreign |= {"_assign_requests_to_connections", "_cookies", "_content", "_num_bytes_downloaded", "_start"}
    foreign |= {"_asdict", "_fields", "_replace"}  # public methods of named tuples
    found = set()
    for path in files("wrapper"):
        nodes = list(ast.walk(tree_of(path)))
        own = {
            node.name
            for node in nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        }
        own |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and is_self(node.value)}
        found |= {
            f"{name_of(path)}:{node.lineno} {ast.unparse(node)}"
            for node in nodes
            if isinstance(node, ast.Attribute) and is_private(node.attr) and not is_self(node.value)
            if node.attr not in own | foreign
        }
    assert found == set()


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def test_a_file_has_one_concern_and_a_length_to_match() -> None:
    by_hand = {
        name_of(path): path.read_text(encoding="utf-8")
        for path in files("wrapper", "catalogue", "emulator", "scripts", "tests", "examples", "benchmarks")
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
    modules = files("wrapper/comfy_cloud", "catalogue", "emulator", "scripts")
    assert not [name_of(path) for path in modules if not ast.get_docstring(tree_of(path))]


def test_the_import_reader_and_cycle_search_work() -> None:
    """Imports that are relative, aliased or inside a function; and the search for cycles."""
    client = set(imports(WRAPPER / "_async/client.py"))
    assert {
        "httpx",
        "comfy_cloud._settings.config",
        "comfy_cloud._async._http.session.AsyncSession",
        "comfy_cloud._async.history.AsyncHistory",
    } <= client
    assert is_within("comfy_cloud_api.types.Request", "comfy_cloud_api.types")
    assert not is_within("comfy_cloud_api.types", "comfy_cloud")
    assert is_public("comfy_cloud.ComfyCloud")
    assert not is_public("comfy_cloud._http")
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == [{"b", "c"}]
