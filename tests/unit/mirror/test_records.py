"""Usual entries of the history: the quick way gives the same as the thorough one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud.mirror.records import JobRecord, record_of
from comfy_cloud.mirror.usual_entries import UsualJob, usual_jobs
from comfy_cloud_api.models.history_entry import HistoryEntry as RawEntry

MOMENT = st.integers(1_790_000_000_000, 1_799_000_000_000) | st.just(5) | st.just("soon")
FILE = st.fixed_dictionaries(
    {
        "filename": st.sampled_from(
            [
                "a.png",
                "b/c.webp",
                "x",
                ".png",
                "f" * 64 + ".mp4",
                "a.glb [temp]",
                "",
                "\x1a.png",
                "\ud800.png",
            ]
        )
    },
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


USUAL: dict[str, Any] = {
    "prompt_id": "a",
    "create_time": 1_795_000_000_000,
    "prompt": {"priority": 1.0, "extra_data": {}},
    "outputs": {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}},
    "status": {
        "status_str": "success",
        "messages": [["execution_start", {"timestamp": 1_795_000_000_900}], ["execution_cached", {}]],
    },
}


def usual_job(sent: dict[str, Any]) -> UsualJob | None:
    (found,) = usual_jobs([json.dumps(sent).encode()])
    return found


def thorough_record(sent: dict[str, Any]) -> JobRecord:
    return record_of(HistoryEntry(RawEntry.from_dict(sent)))


@given(ENTRY)
def test_a_usual_entry_gets_the_same_record(sent: dict[str, Any]) -> None:
    usual = usual_job(sent)
    if usual is not None:
        assert thorough_record(sent) == usual.record()


@pytest.mark.parametrize("ends", [False, True])
def test_the_entries_of_comfy_cloud_are_usual(ends: bool) -> None:
    end = ["execution_success", {"timestamp": 1_795_000_019_000}]
    status = {**USUAL["status"], "messages": [*USUAL["status"]["messages"], *([end] if ends else [])]}
    usual = usual_job({**USUAL, "status": status})
    assert usual is not None
    record = usual.record()
    assert (record.started_ms, record.finished_ms) == (
        1_795_000_000_900,
        1_795_000_019_000 if ends else None,
    )


PICTURE = {"filename": "a.png", "subfolder": "", "type": "output"}


@pytest.mark.parametrize(
    "files",
    [
        [PICTURE, PICTURE],
        [PICTURE, {"filename": "a.png"}],
        [PICTURE, {**PICTURE, "type": "temp"}],
        [PICTURE, {**PICTURE, "subfolder": "s"}],
        [{**PICTURE, "subfolder": "s"}, {"filename": "s/a.png"}],
        [{**PICTURE, "filename": "a.glb [temp]"}],
        [{**PICTURE, "filename": "f" * 64 + ".mp4 [temp]", "display_name": "A"}],
    ],
)
def test_files_of_a_usual_entry_are_those_of_the_thorough_record(files: list[Any]) -> None:
    for outputs in ({"9": {"images": files}}, {"9": {"images": files[:1], "gifs": files[1:]}}):
        sent = {**USUAL, "outputs": outputs}
        usual = usual_job(sent)
        assert usual is None or thorough_record(sent) == usual.record()


@given(st.sampled_from([*USUAL, "credits"]), ENTRY)
def test_an_entry_that_deviates_in_one_part_gets_the_same_record(part: str, other: dict[str, Any]) -> None:
    sent = {**USUAL, **({part: other[part]} if part in other else {})}
    usual = usual_job(sent)
    assert usual is None or thorough_record(sent) == usual.record()
    if part == "prompt" and "prompt" in other.get("prompt", ()):
        assert usual is None
