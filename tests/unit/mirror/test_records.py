"""Records of entries: the quick way gives the same as the thorough one."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud.mirror import records
from comfy_cloud.mirror.records import record_of
from comfy_cloud.mirror.usual_entries import usual_record
from comfy_cloud_api.models.history_entry import HistoryEntry as RawEntry

MOMENT = st.integers(1_790_000_000_000, 1_799_000_000_000) | st.just(5) | st.just("soon")
FILE = st.fixed_dictionaries(
    {"filename": st.sampled_from(["a.png", "b/c.webp", "x", ".png", "f" * 64 + ".mp4", "a.glb [temp]", ""])},
    optional={
        "subfolder": st.sampled_from(["", "s", "s/t", "s\\"]),
        "type": st.sampled_from(["output", "temp", "", 3]),
        "display_name": st.sampled_from(["A.png", "", None, 4]),
        "format": st.just("video/webp"),
    },
)
OUTPUTS = st.dictionaries(
    st.sampled_from(["9", "10", ""]),
    st.dictionaries(
        st.sampled_from(["images", "gifs", "text", "odd"]), st.lists(FILE | st.text(max_size=3), max_size=3)
    )
    | st.none(),
    max_size=2,
)
MESSAGE = st.tuples(
    st.sampled_from(
        [
            "execution_start",
            "execution_cached",
            "execution_success",
            "execution_error",
            "execution_interrupted",
        ]
    ),
    st.fixed_dictionaries({"timestamp": MOMENT}) | st.none(),
).map(list)
ENTRY = st.fixed_dictionaries(
    {"prompt_id": st.sampled_from(["a", "b" * 200])},
    optional={
        "create_time": MOMENT,
        "workflow_id": st.sampled_from(["w", "", None, 4]),
        "outputs": OUTPUTS,
        "status": st.fixed_dictionaries(
            {"status_str": st.sampled_from(["success", "error"]), "messages": st.lists(MESSAGE, max_size=4)}
        ),
        "credits": st.floats(0, 9),
        "prompt": st.fixed_dictionaries({}, optional={"prompt": st.just({"1": {"class_type": "A"}})}),
    },
)


@given(ENTRY)
def test_a_usual_entry_gets_the_same_record(sent: dict[str, Any]) -> None:
    usual = usual_record(HistoryEntry(RawEntry.from_dict(sent)))
    if usual is not None:
        known, records.usual_record = records.usual_record, lambda entry: None
        try:
            assert record_of(HistoryEntry(RawEntry.from_dict(sent))) == records.JobRecord(**usual)
        finally:
            records.usual_record = known


def test_the_entries_of_comfy_cloud_are_usual() -> None:
    sent = {
        "prompt_id": "a",
        "create_time": 1_795_000_000_000,
        "outputs": {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}},
        "status": {
            "status_str": "success",
            "messages": [["execution_start", {"timestamp": 1_795_000_000_900}], ["execution_cached", {}]],
        },
    }
    usual = usual_record(HistoryEntry(RawEntry.from_dict(sent)))
    assert usual is not None
    assert (usual["started_ms"], usual["finished_ms"]) == (1_795_000_000_900, None)
