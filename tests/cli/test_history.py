from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from itertools import islice

import pytest

from comfy_cloud import ComfyCloud, HistoryEntry, JobStatus
from comfy_cloud.cli._console.times import age_text, wall_time
from comfy_cloud.cli._jobs.columns import TABLE_COLUMNS
from comfy_cloud_emulator import Emulator, Fault

from .conftest import Run, run_for_terminal, run_on_terminal, run_program

CREATED = 1_795_000_000_000  # 2026-11-18T11:06:40Z
COLUMNS = [
    "id", "status", "created", "started", "finished", "duration", "workflow", "outputs", "files", "texts",
    "error",
]  # fmt: skip
ERROR = {
    "node_id": "7",
    "node_type": "KSam\x1bpler",
    "exception_type": "ValueError",
    "exception_message": "bad\x1b[2J seed\nsecond line",
    "traceback": ['  File "nodes.py", line 1\n', "ValueError\n"],
    "current_inputs": {},
}


def entries_of(emulator: Emulator, count: int | None = None) -> list[HistoryEntry]:
    with ComfyCloud(base_url=emulator.url, api_key=emulator.key) as cloud:
        return list(islice(cloud.history, count))


# list


def test_list_in_a_pipe_is_json(run: Run, cloud: Emulator) -> None:
    expected = entries_of(cloud)
    shown = run("history", "list")
    assert (shown.code, shown.err) == (0, "")
    records = json.loads(shown.out)
    assert [record["id"] for record in records] == [entry.id for entry in expected]
    for record, entry in zip(records, expected, strict=True):
        assert record["status"] == entry.status
        assert entry.created_at is not None
        assert datetime.fromisoformat(record["created"]) == entry.created_at
        assert record["created"].endswith("Z")
        assert record["duration"] == (entry.duration.total_seconds() if entry.duration else None)
        assert [output["filename"] for output in record["outputs"]] == [
            output.filename for output in entry.outputs
        ]
        assert record["texts"] == entry.texts
        assert (record["error"] or {}).get("message") == (entry.error.message if entry.error else None)


@pytest.mark.parametrize("output", ["json", "jsonl", "csv"])
def test_limit_0_lists_all_in_each_format(output: str, run: Run, cloud: Emulator) -> None:
    shown = run("history", "list", "--limit", "0", "--output", output, "--columns", "id,status")
    if output == "json":
        found = [(record["id"], record["status"]) for record in json.loads(shown.out)]
    elif output == "jsonl":
        found = [(record["id"], record["status"]) for record in map(json.loads, shown.out.splitlines())]
    else:
        found = [(row["id"], row["status"]) for row in csv.DictReader(io.StringIO(shown.out))]
    assert found == [(entry.id, entry.status.value) for entry in entries_of(cloud)]


def test_no_more_is_requested_than_is_shown(run: Run, cloud: Emulator) -> None:
    assert run("history", "list", "--limit", "5").code == 0
    (request,) = cloud.requests
    # One more tells whether rows are left out.
    assert dict(request.query)["max_items"] == "6"


def test_filters(run: Run, cloud: Emulator) -> None:
    entries = entries_of(cloud)
    shown = run(
        "history", "list", "--status", "failed", "--status", "cancelled", "--limit", "0", "-o", "jsonl"
    )
    ids = [json.loads(line)["id"] for line in shown.out.splitlines()]
    assert ids == [e.id for e in entries if e.status in (JobStatus.FAILED, JobStatus.CANCELLED)]
    assert ids
    shown = run(
        "history",
        "list",
        "--since",
        "2026-11-01",
        "--until",
        "2026-11-10 12:00",
        "--utc",
        "--limit",
        "0",
        "-o",
        "jsonl",
    )
    ids = [json.loads(line)["id"] for line in shown.out.splitlines()]
    first, last = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 10, 12, tzinfo=UTC)
    assert ids == [e.id for e in entries if e.created_at is not None and first <= e.created_at < last]
    assert ids


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_time_that_is_not_valid(option: str, run: Run, cloud: Emulator) -> None:
    shown = run("history", "list", option, "the day before")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith(f"error: {option}: cannot read 'the day before' as a time; use an ISO date")
    assert cloud.requests == []


def test_unknown_columns(run: Run, cloud: Emulator) -> None:
    shown = run("history", "list", "--columns", "id,size")
    assert shown.code == 2
    assert f"there is no column 'size'; choose from {', '.join(COLUMNS)}" in shown.err
    assert run("history", "list", "--columns", " , ").code == 2
    assert cloud.requests == []


def test_every_column_in_every_format(run: Run, cloud: Emulator) -> None:
    names = ",".join(COLUMNS)
    for output in ("table", "csv", "json", "jsonl"):
        shown = run("history", "list", "--limit", "0", "--columns", names, "-o", output)
        assert shown.code == 0, shown.err
    assert list(json.loads(shown.out.splitlines()[0])) == COLUMNS


def test_json_is_complete_or_absent(run: Run, cloud: Emulator) -> None:
    cloud.faults.add(Fault("status", status=500, times=None, after=1))
    shown = run("history", "list", "--limit", "0", "-o", "json", "--retries", "0")
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith("error: 500")


def test_csv_and_tables_of_a_hostile_server(run: Run, empty_cloud: Emulator) -> None:
    empty_cloud.store.add_job("failed", error={**ERROR, "node_id": None, "exception_type": ""})
    error = {**ERROR, "exception_message": "=HYPERLINK(1)", "exception_type": "", "node_id": None}
    empty_cloud.store.add_job("failed", error=error)
    shown = run("history", "list", "-o", "csv", "--columns", "error")
    assert shown.out.splitlines()[1].startswith("'=HYPERLINK(1)")
    for output in ("table", "csv", "json"):
        text = run("history", "list", "-o", output).out
        assert "seed" in text
        assert "\x1b" not in text


def test_an_empty_history(run: Run, empty_cloud: Emulator) -> None:
    assert run("history", "list").out == "[]\n"
    assert run("history", "list", "-o", "jsonl").out == ""
    assert run("history", "list", "-o", "csv", "--columns", "id").out == "id\n"
    shown = run("history", "list", "-o", "table")
    assert (shown.code, shown.out, shown.err) == (0, "", "no finished jobs\n")


def test_a_terminal_gets_a_table(cloud: Emulator) -> None:
    newest = entries_of(cloud, 1)[0]
    assert newest.created_at is not None
    shown = run_for_terminal("history", "list", "--limit", "3", "--color", "never")
    assert shown.code == 0
    header, first, *rest = shown.out.splitlines()
    assert header.split() == ["id", "status", "created", "duration", "outputs", "error"]
    assert first.split()[:3] == [newest.id[:8], "\N{CHECK MARK}", newest.status.value]
    assert age_text(newest.created_at) in first
    assert len(rest) == 2
    assert shown.err == "3 rows shown; --all for the rest\n"
    in_utc = run_for_terminal("history", "list", "--limit", "1", "--utc", "--color", "never")
    assert "created (UTC)" in in_utc.out
    assert wall_time(newest.created_at, utc=True) in in_utc.out


def test_without_a_limit_a_terminal_gets_20_rows_and_a_pipe_all(run: Run, cloud: Emulator) -> None:
    shown = run_for_terminal("history", "list", "--color", "never")
    assert len(shown.out.splitlines()) == 1 + 20
    assert shown.err == "20 rows shown; --all for the rest\n"
    everything = run_for_terminal("history", "list", "--all", "--color", "never")
    count = len(entries_of(cloud))
    assert (len(everything.out.splitlines()), everything.err) == (1 + count, "")
    for form, heading in (("csv", 1), ("jsonl", 0), ("table", 1)):
        piped = run("history", "list", "-o", form)
        assert (len(piped.out.splitlines()), piped.err) == (heading + count, "")
    assert run("history", "list", "--limit", "5", "-o", "csv").err == "5 rows shown; --all for the rest\n"


@pytest.mark.parametrize("width", [40, 60, 80, 120, 250])
def test_each_job_is_one_line_whatever_the_width(width: int, cloud: Emulator) -> None:
    shown = run_for_terminal("history", "list", "--all", "--color", "never", columns=width)
    lines = shown.out.splitlines()
    ids = [entry.id for entry in entries_of(cloud)]
    assert [line.split()[0] for line in lines[1:]] == [job_id[:8] for job_id in ids]
    assert max(map(len, lines)) <= width
    missing = [name for name in TABLE_COLUMNS if name not in lines[0].split()]
    assert shown.err == (f"no room for {', '.join(missing)}\n" if missing else "")


def test_whole_ids_stand_in_a_table_in_a_pipe(run: Run, cloud: Emulator) -> None:
    shown = run("history", "list", "-o", "table")
    assert [line.split()[0] for line in shown.out.splitlines()[1:]] == [e.id for e in entries_of(cloud)]


def test_without_a_key_nothing_is_sent(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    monkeypatch.delenv("COMFY_CLOUD_BASE_URL")
    shown = run("history", "list")
    assert (shown.code, shown.out) == (4, "")
    assert shown.err == (
        "error: no API key: run `comfy-cloud auth login`, or set COMFY_CLOUD_API_KEY. "
        "Create a key at https://platform.comfy.org/profile/api-keys\n"
    )
    assert run("--base-url", cloud.url, "history", "list").code == 4  # the server's own response


def test_a_fallback_warns_once(run: Run, cloud: Emulator) -> None:
    cloud.faults.add(Fault.retired("/api/history_v2"))
    shown = run("history", "list", "--limit", "2")
    assert len(json.loads(shown.out)) == 2
    assert shown.err.startswith("warning: ")
    assert shown.err.splitlines()[1:] == ["2 rows shown; --all for the rest"]


# show


def test_show_in_a_pipe_and_raw(run: Run, cloud: Emulator) -> None:
    entry = entries_of(cloud, 1)[0]
    record = json.loads(run("history", "show", entry.id).out)
    assert record["id"] == entry.id
    assert len(record["outputs"]) == len(entry.outputs)
    raw = json.loads(run("history", "show", entry.id, "--raw").out)
    assert raw["prompt"]["prompt_id"] == entry.id


def test_show_has_the_time_of_creation_that_only_other_responses_have(run: Run, cloud: Emulator) -> None:
    entry = entries_of(cloud, 1)[0]
    before = len(cloud.requests)
    record = json.loads(run("history", "show", entry.id).out)
    assert record["created"] == entry.created_at.isoformat().replace("+00:00", "Z")
    assert record["workflow"] == entry.workflow_id
    paths = [request.path for request in cloud.requests[before:]]
    assert paths == [f"/api/history_v2/{entry.id}", f"/api/jobs/{entry.id}"]
    shown = run("history", "show", entry.id, "-o", "table", "--utc")
    assert f"created   {wall_time(entry.created_at, utc=True)} UTC" in shown.out


def test_show_without_the_time_of_creation(run: Run, cloud: Emulator) -> None:
    entry = entries_of(cloud, 1)[0]
    cloud.faults.add(Fault("status", status=404, path="/api/jobs/*", times=None))
    shown = run("history", "show", entry.id)
    assert (shown.code, shown.err) == (0, "")
    assert json.loads(shown.out)["created"] is None


def test_show_has_the_reason_why_a_job_failed(run: Run, empty_cloud: Emulator) -> None:
    job = empty_cloud.store.add_job(
        "failed", create_time=CREATED, start_time=CREATED + 1_000, end_time=CREATED + 76_000, error=ERROR
    )
    shown = run("history", "show", job.id, "-o", "table", "--utc")
    assert shown.code == 0
    lines = [line.split(maxsplit=1) for line in shown.out.splitlines()]
    assert ["status", "failed"] in lines
    assert ["started", "2026-11-18 11:06:41 UTC"] in lines
    assert ["duration", "1m 15s"] in lines
    assert ["node", "7 (KSam\\x1bpler)"] in lines
    assert "error      ValueError: bad\\x1b[2J seed\n           second line\n" in shown.out
    assert 'traceback    File "nodes.py", line 1\n' in shown.out


def test_show_lists_outputs_and_texts(run: Run, empty_cloud: Emulator) -> None:
    file = {"filename": "abc.png", "subfolder": "deep", "type": "output", "display_name": "pretty\x1b.png"}
    job = empty_cloud.store.add_job(
        "completed",
        create_time=CREATED,
        outputs={"9": {"images": [file]}, "10": {"text": ["a paper boat\x07"]}},
    )
    shown = run("history", "show", job.id, "-o", "table")
    table, _, texts = shown.out.partition("kind ")[2].partition("\n\n")
    assert table.splitlines()[1].split() == ["image", "9", "pretty\\x1b.png", "deep/abc.png"]
    assert texts == "a paper boat\\x07\n"


def test_show_of_the_beginning_of_an_id(run: Run, empty_cloud: Emulator) -> None:
    ids = [f"aaaaaa{n}0-0000-4000-8000-00000000000{n}" for n in range(3)]
    for number, job_id in enumerate(ids):
        empty_cloud.store.add_job(id=job_id, create_time=CREATED + number)
    assert json.loads(run("history", "show", "aaaaaa1").out)["id"] == ids[1]
    shown = run("history", "show", "aaaaaa")
    assert (shown.code, shown.out) == (2, "")
    assert all(job_id in shown.err for job_id in ids)
    shown = run("history", "show", "bbbbbb")
    assert shown.code == 5
    assert "none of the newest 1000 jobs has an id that begins with 'bbbbbb'" in shown.err
    shown = run("history", "show", "aaaaa")
    assert shown.code == 2
    assert "too short: give at least 6 characters" in shown.err


def test_the_beginning_of_an_id_is_searched_in_the_newest_1000(run: Run, empty_cloud: Emulator) -> None:
    old = empty_cloud.store.add_job(id="cccccc00-0000-4000-8000-000000000000", create_time=CREATED)
    for number in range(1, 1_000):
        empty_cloud.store.add_job(create_time=CREATED + number)
    assert json.loads(run("history", "show", "cccccc").out)["id"] == old.id
    empty_cloud.store.add_job(create_time=CREATED + 1_000)
    assert run("history", "show", "cccccc").code == 5


def test_show_of_an_unknown_id_ends_with_5(run: Run, empty_cloud: Emulator) -> None:
    shown = run("history", "show", "00000000-0000-4000-8000-000000000000")
    assert (shown.code, shown.out) == (5, "")
    assert shown.err.startswith("error: 404")


# delete and clear


def test_delete(run: Run, cloud: Emulator) -> None:
    first, second, third = (entry.id for entry in entries_of(cloud, 3))
    shown = run("history", "delete", first, second[:12], first, "--yes")
    assert (shown.code, shown.out, shown.err) == (0, "", "deleted 2 jobs\n")
    assert entries_of(cloud, 1)[0].id == third


def test_nothing_is_deleted_when_one_id_is_wrong(run: Run, cloud: Emulator) -> None:
    count = len(entries_of(cloud))
    shown = run("history", "delete", entries_of(cloud, 1)[0].id, "ffffffffffff", "--yes")
    assert shown.code == 5
    assert len(entries_of(cloud)) == count


@pytest.mark.parametrize("verb", [["clear"], ["delete", "00000000-0000-4000-8000-000000000000"]])
def test_without_a_terminal_deleting_needs_yes(verb: list[str], run: Run, cloud: Emulator) -> None:
    shown = run("history", *verb, stdin=b"y\n")
    assert shown.code == 2
    assert "--yes" in shown.err
    assert cloud.requests == []


def test_clear(run: Run, cloud: Emulator) -> None:
    shown = run("history", "clear", "--yes")
    assert (shown.code, shown.err) == (0, "deleted the whole history\n")
    assert entries_of(cloud) == []


def test_clear_asks_on_a_terminal(cloud: Emulator) -> None:
    shown = run_on_terminal("history", "clear", typed=[("[y/N]", "n\n")])
    assert shown.code == 2
    assert f"Delete the whole history at {cloud.url}?" in shown.err
    assert "nothing was deleted" in shown.err
    assert entries_of(cloud, 1)
    shown = run_on_terminal("history", "clear", typed=[("[y/N]", "y\n")])
    assert shown.code == 0
    assert entries_of(cloud) == []


@pytest.mark.parametrize("attempt", range(3))
def test_ctrl_c_at_the_question_ends_with_130(attempt: int, cloud: Emulator) -> None:
    """It is typed as soon as the question is seen, so mostly before the program begins to read."""
    shown = run_on_terminal("history", "clear", typed=[("[y/N]", "\x03")])
    assert shown.code == 130
    assert shown.err.endswith("interrupted\n")
    assert entries_of(cloud, 1)


@pytest.mark.parametrize(("answers", "code"), [("maybe\ny\n", 0), ("YES\n", 0), ("\n", 2), ("\x04", 130)])
def test_answers_to_the_question(answers: str, code: int, cloud: Emulator) -> None:
    shown = run_on_terminal("history", "clear", typed=[("[y/N]", answers)])
    assert shown.code == code
    assert ("please answer y or n" in shown.err) == ("maybe" in answers)
    assert (entries_of(cloud, 1) == []) == (code == 0)


def test_the_key_is_never_shown(cloud: Emulator) -> None:
    cloud.faults.add(Fault("status", status=403, body={"message": f"key {cloud.key} may not"}))
    shown = run_program("-v", "history", "list")
    assert shown.code == 4
    assert cloud.key not in shown.out + shown.err
