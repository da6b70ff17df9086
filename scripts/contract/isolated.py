"""What runs in the process for new code: `isolated.py import FOLDER`, `tests PATH...` or
`exchange FOLDER PROGRAM PACKAGE SOURCE TARGET`.

It gives up the network first: on Linux, where the kernel allows it, by a network namespace with
nothing but loopback; everywhere by an audit hook, which cannot be removed. `import` may neither
connect nor start a process. `exchange` imports likewise, then runs the program that builds requests
and reads responses. `tests` may use loopback, and runs in parallel: as a plugin of pytest this
module guards the processes of pytest-xdist. It imports nothing of the project itself.
"""

from __future__ import annotations

import errno
import importlib
import os
import runpy
import socket
import struct
import sys
from pathlib import Path
from typing import Any

_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_ADDRESSES = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})
_NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_PROCESSES = frozenset(
    {
        "subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile",
        "os.system", "pty.spawn", "ctypes.dlopen", "socket.__new__",
    }
)  # fmt: skip


def main(kind: str, paths: list[str]) -> int:
    """Give up the network, then import every module of the folder, or run the tests."""
    has_namespace = _leave_network()
    sys.addaudithook(_Guard(strict=kind != "tests"))
    print(f"no network: {'a network namespace and ' if has_namespace else ''}an audit hook", flush=True)
    if kind != "tests":
        failed = _import_everything(Path(paths[0]))
        if kind == "exchange" and not failed:
            program, package, source, target = paths[1:]
            runpy.run_path(program)["main"](package, Path(source), Path(target))
        return failed
    import pytest

    options = ["-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", Path(__file__).stem]
    return int(pytest.main([*options, "-n", str(_workers(paths)), *paths]))


def _workers(paths: list[str]) -> int:
    """How many processes run these files or folders; 0 for this process alone."""
    if len(paths) == 1 and Path(paths[0]).is_file():
        return 0
    # Tests wait for sockets, so three workers keep two cores busy.
    return max(2, (os.cpu_count() or 1) * 3 // 2)


def pytest_configure(config: Any) -> None:
    """Guard a process of pytest-xdist, which inherits the namespace but not the audit hook."""
    if hasattr(config, "workerinput"):
        sys.addaudithook(_Guard(strict=False))


class _Guard:
    """An audit hook that refuses what leaves this machine and, when strict, this process."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._strict and event in _PROCESSES:
            raise PermissionError(errno.EPERM, f"generated code may not use {event}")
        if event in _ADDRESSES and not _is_local(arguments[1]):
            raise OSError(errno.ENETUNREACH, f"there is no network here: {arguments[1]!r}")
        if event in _NAMES and not _is_loopback(arguments[0]):
            raise socket.gaierror(socket.EAI_NONAME, f"there is no network here: {arguments[0]!r}")


def _is_local(address: object) -> bool:
    return not isinstance(address, tuple) or _is_loopback(address[0])


def _is_loopback(host: object) -> bool:
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return text is None or (
        isinstance(text, str) and (text in ("", "localhost", "::1") or text.startswith("127."))
    )


def _leave_network() -> bool:
    """Enter a namespace whose only network is loopback; False where that is impossible."""
    if sys.platform != "linux":
        return False
    probe = os.fork()
    if probe == 0:  # a process that fails halfway would be nobody: find out in another one
        try:
            _enter_namespace()
        except BaseException:  # noqa: BLE001 - the copy of this process must never go on
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(probe, 0)[1]):
        return False
    _enter_namespace()
    return True


def _enter_namespace() -> None:
    import ctypes
    import fcntl

    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER_AND_NETWORK):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = fcntl.ioctl(control, _GET_FLAGS, struct.pack("16sH14x", b"lo", 0))
        (flags,) = struct.unpack_from("H", request, 16)
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


def _import_everything(folder: Path) -> int:
    """Import every module below the folder, and make each model once."""
    sys.path.insert(0, str(folder))
    count = 0
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
        if not Path(str(module.__file__)).is_relative_to(folder):
            raise ImportError(f"{module.__name__} was imported from somewhere else")
        count += 1
        if "models" in parts:
            for value in list(vars(module).values()):
                if getattr(value, "__module__", None) == module.__name__ and hasattr(value, "from_dict"):
                    value.from_dict({})
    print(f"{count} modules are imported")
    return 0 if count else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
