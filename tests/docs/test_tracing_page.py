"""docs/tracing.md: its program runs, and it names what spans have."""

from __future__ import annotations

import re
import subprocess
import sys

from scripts.project.checkout import ROOT

PAGE = (ROOT / "docs/tracing.md").read_text(encoding="utf-8")
SOURCE = (ROOT / "wrapper/comfy_cloud/integrations/otel.py").read_text(encoding="utf-8")


def test_the_program_runs() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(program.replace("ComfyCloud(", "ComfyCloud(api_key='k', "), "page", "exec"), {})


def test_each_attribute_is_on_the_page() -> None:
    names = set(re.findall(r"\"((?:http|url|server|error|comfy_cloud)\.[a-z_.]+)\"", SOURCE))
    names -= {"comfy_cloud.job", "comfy_cloud.retry.delay_seconds"}  # a span; of an event
    assert len(names) > 12
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def test_nothing_is_imported_unless_it_is_used() -> None:
    code = (
        "import sys; from comfy_cloud import ComfyCloud; ComfyCloud(api_key='k').close(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "comfy_cloud._sync.client" in loaded
    assert not [name for name in loaded if name.startswith(("opentelemetry", "comfy_cloud.tracing"))]
