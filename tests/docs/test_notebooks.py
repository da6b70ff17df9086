"""The notebooks in `examples/` run from top to bottom in a real kernel, and show what they say."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def executed(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The notebook after a run with the Python of these tests; raises if a cell fails."""
    with warnings.catch_warnings():
        # Of the packages that run notebooks, which are not what is tested here.
        warnings.simplefilter("ignore")
        import nbformat
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient

        class Manager(AsyncKernelManager):
            """Starts the Python of these tests, whatever kernels are registered on the machine."""

            @property
            def kernel_spec(self) -> KernelSpec:
                argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
                return KernelSpec(argv=argv, display_name="Python", language="python")

        for name in ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "TMPDIR"):
            monkeypatch.setenv(name, str(folder))
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook, timeout=60, kernel_manager_class=Manager, resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
    return notebook


def shown(notebook: Any, cell: str) -> dict[str, Any]:
    """What a cell shows, by media type: the last of each."""
    found: dict[str, Any] = {}
    for each in notebook.cells:
        if each.id == cell:
            for output in each.outputs:
                found |= dict(output.get("data", {}))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_images_tables_and_bars(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = executed(path, tmp_path, monkeypatch)
    assert "Status" in shown(notebook, "entry")["text/html"]
    images = {kind for kind in shown(notebook, "output") if kind.startswith("image/")}
    assert images & {"image/png", "image/jpeg"}
    assert "completed" in shown(notebook, "job")["text/html"]
    assert "<table>" in shown(notebook, "search")["text/html"]
    assert shown(notebook, "write")["text/plain"] == "('report.html', True)"
    bars = [
        output.data["text/html"]
        for cell in notebook.cells
        if cell.id in ("job", "download")
        for output in cell.outputs
        if output.output_type == "display_data"
    ]
    assert len(bars) >= 2
    assert all("<progress" in bar for bar in bars)


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
