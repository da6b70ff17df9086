"""httpx is imported without its own command, which still works."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = "[name for name in ('click', 'rich', 'pygments') if name in sys.modules]"


def printed(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_what_only_its_command_needs_is_not_imported() -> None:
    assert printed(f"import sys; from comfy_cloud import ComfyCloud; import httpx; print({HEAVY})") == "[]\n"


@pytest.mark.parametrize("first", ["import comfy_cloud, httpx", "import httpx, comfy_cloud"])
def test_its_command_works(first: str) -> None:
    code = f"import sys; {first}; sys.argv = ['httpx', '--help']; httpx.main()"
    assert "--http2" in printed(code)
    assert printed(f"{first}; from httpx._main import print_help; print(print_help.__module__)") == (
        "httpx._main\n"
    )
