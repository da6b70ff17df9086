"""A graph of several megabytes in the mirror: `tests/_async/test_mirror.py` has one of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

# Five is more than the client's bounds for lines of journals and for bodies of errors.
WORDS = 5 * 150_000


@pytest.mark.slow
def test_a_graph_of_five_megabytes(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
        "3": {"class_type": "PreviewAny", "inputs": {"source": "wörds\n" * WORDS}},
    }
    with ComfyCloud(api_key=empty_emulator.key, base_url=empty_emulator.url, runtime=time.runtime()) as cloud:
        job = cloud.run(graph)
        with cloud.mirror(tmp_path / "m.sqlite") as mirror:
            assert mirror.sync().details == 1
            assert mirror.graph(job.id) == graph
            with mirror.connect() as connection:
                lengths = "SELECT length(value) FROM inputs WHERE name = 'source'"
                assert connection.exec_driver_sql(lengths).scalars().all() == [6 * WORDS]
