"""httpx is imported without its own command by ours, and by nothing else. It still works."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = "[name for name in ('click', 'rich', 'pygments') if name in sys.modules]"
SPARE = "from comfy_cloud.cli._console import httpx_command; httpx_command.without_the_command_of_httpx()"


def printed(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_command_imports_httpx_without_its_own() -> None:
    used = "from comfy_cloud.cli import main; main(['config', 'show', '-o', 'json'])"
    assert printed(f"import sys; {used}; import httpx; print('rich' in sys.modules)").endswith("False\n")


def test_the_library_changes_no_other_module() -> None:
    """As in a program that imports httpx alone."""
    module = "getattr(sys.modules.get('httpx._main'), '__file__', None)"
    alone = printed(f"import sys, httpx; print({module})")
    assert printed(f"import sys; from comfy_cloud import ComfyCloud; import httpx; print({module})") == alone


@pytest.mark.parametrize("first", [f"{SPARE}; import httpx", f"import httpx; {SPARE}"])
def test_its_command_works(first: str) -> None:
    code = f"import sys; {first}; sys.argv = ['httpx', '--help']; httpx.main()"
    assert "--http2" in printed(code)
    assert printed(f"{first}; from httpx._main import print_help; print(print_help.__module__)") == (
        "httpx._main\n"
    )
