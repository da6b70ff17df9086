"""docs/command.md: its sessions, and how they are recorded."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from scripts.recorded_sessions import PAGE, _recorded

_SESSIONS = re.findall(r"```console\n(.*?)```\n", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    "words",
    [
        "run workflow.json -s",
        "run workflow.json --detach",
        "run workflow.json --dry-run",
        "run workflow.json --json",
        "run upscale.json -i",
        "jobs watch",
        "jobs wait",
        "jobs explain",
        "jobs rerun",
        "jobs download",
        "history download --since",
        "workflow show",
        "workflow set",
        "workflow diff",
        "workflow validate",
        "files upload",
        "sweep workflow.json --set",
        "emulate --detach",
        "emulate stop",
        "auth status",
        "doctor",
    ],
)
def test_each_workflow_has_a_session(words: str) -> None:
    pattern = re.compile(rf"^\$ .*comfy-cloud {re.escape(words)}.*\n(?!\$ ).+", re.MULTILINE)
    assert any(pattern.search(session) for session in _SESSIONS)


def test_what_eval_exports_counts_for_the_rest_of_its_block(tmp_path: Path) -> None:
    block = (
        "$ eval \"$(echo 'export COMFY_CLOUD_BASE_URL=http://a.example OTHER=b')\"\n"
        'an older line\n$ echo "$COMFY_CLOUD_BASE_URL,$OTHER"\n'
    )
    recorded = _recorded(block, str(tmp_path), {"PATH": os.environ["PATH"]})
    assert recorded.splitlines()[2:] == ['$ echo "$COMFY_CLOUD_BASE_URL,$OTHER"', "http://a.example,", "```"]
