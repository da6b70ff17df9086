"""The journal of a map: what it records and refuses, and a program that dies in a line."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError
from comfy_cloud._submission.journal import Journal
from comfy_cloud._submission.journal_records import Attempt, End, VariantKey
from tests.owners import owned_by

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def opened(path: Path, workflow: str = "w", server: str = "https://s") -> Journal:
    return Journal.open(path, workflow=workflow, server=server, now=NOW)


def written(path: Path) -> Path:
    """A journal of four variants: completed, submitted, about to be sent, and tried twice."""
    path.parent.mkdir(exist_ok=True)
    journal = opened(path)
    for index, (nonce, variant) in enumerate([("n0", "a"), ("n1", "b"), ("n2", "b"), ("n3", "c")]):
        key, known = journal.take(variant)
        assert known is None
        journal.begin(
            key, index, Attempt(nonce, NOW + timedelta(seconds=index), f"g{index}", {"3.seed": index})
        )
    journal.accepted("n0", "job-0")
    journal.ended("n0", "completed")
    journal.accepted("n1", "job-1")
    journal.accepted("n3", "job-3")
    journal.ended("n3", "failed")
    journal.begin(VariantKey("c", 0), 3, Attempt("n4", NOW, "g4"))
    journal.close()
    return path


def test_what_was_recorded_is_read_again(tmp_path: Path) -> None:
    journal = opened(written(tmp_path / "map.jsonl"))
    assert journal.known_jobs() == [("job-0", "n0"), ("job-1", "n1")]
    found = {variant: [journal.take(variant) for _ in range(2)] for variant in "abcd"}
    journal.close()
    assert found["a"] == [
        (VariantKey("a", 0), Attempt("n0", NOW, "g0", {"3.seed": 0}, "job-0", "completed")),
        (VariantKey("a", 1), None),
    ]
    assert [attempt and (attempt.nonce, attempt.job_id, attempt.end) for _, attempt in found["b"]] == [
        ("n1", "job-1", None),
        ("n2", None, None),
    ]
    assert found["c"][0][1] == Attempt("n4", NOW, "g4")
    assert found["d"] == [(VariantKey("d", 0), None), (VariantKey("d", 1), None)]
    assert journal.removed_bytes == 0


def test_one_sent_again_is_as_old_as_its_first_attempt(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j")
    journal.begin(VariantKey("a", 0), 0, Attempt("n", NOW, "old"))
    journal.begin(VariantKey("a", 0), 0, Attempt("n", NOW + timedelta(hours=3), "new"))
    journal.accepted("n", "job")
    journal.close()
    _, attempt = opened(tmp_path / "j").take("a")
    assert attempt == Attempt("n", NOW, "new", {}, "job")


def test_the_time_of_the_server_before_the_first_attempt_is_kept(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j")
    server = NOW - timedelta(hours=5)
    journal.begin(VariantKey("a", 0), 0, Attempt("n", NOW, "g", server_at=server))
    journal.begin(VariantKey("a", 0), 0, Attempt("n", NOW, "g", server_at=NOW))
    journal.begin(VariantKey("b", 0), 1, Attempt("m", NOW, "g"))
    journal.begin(VariantKey("b", 0), 1, Attempt("m", NOW, "g", server_at=NOW))
    journal.close()
    journal = opened(tmp_path / "j")
    times = [attempt and attempt.server_at for _, attempt in (journal.take("a"), journal.take("b"))]
    journal.close()
    assert times == [server, None]


def test_the_lines_of_a_journal(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in written(tmp_path / "j").read_bytes().splitlines()]
    assert lines[0] == {"comfy_cloud_map": 1, "workflow": "w", "server": "https://s", "at": NOW.isoformat()}
    assert lines[2] == {
        "begin": "n1",
        "variant": "b",
        "occurrence": 0,
        "index": 1,
        "graph": "g1",
        "seeds": {"3.seed": 1},
        "at": "2026-11-23T12:00:01+00:00",
    }
    assert lines[5:7] == [{"job": "job-0", "of": "n0"}, {"end": "completed", "of": "n0"}]


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled", "gone", "refused", "left"])
def test_every_end_is_read_again(tmp_path: Path, end: End) -> None:
    journal = opened(tmp_path / "j")
    journal.begin(journal.take("a")[0], 0, Attempt("n", NOW, "g"))
    journal.ended("n", end)
    journal.close()
    assert opened(tmp_path / "j").take("a")[1] == Attempt("n", NOW, "g", end=end)


def test_only_the_last_thousand_jobs_are_known(tmp_path: Path) -> None:
    begin = {"occurrence": 0, "index": 0, "graph": "g", "seeds": {}, "at": NOW.isoformat()}
    lines = [{"comfy_cloud_map": 1, "workflow": "w", "server": "https://s", "at": NOW.isoformat()}]
    for number in range(1002):
        lines.append({"begin": f"n{number}", "variant": f"v{number}", **begin})
        lines.append({"job": f"job-{number}", "of": f"n{number}"})
    (tmp_path / "j").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (tmp_path / "j").write_bytes((tmp_path / "j").read_bytes().replace(b'": ', b'":'))
    known = opened(tmp_path / "j").known_jobs()
    assert (len(known), known[0], known[-1]) == (1000, ("job-2", "n2"), ("job-1001", "n1001"))


def test_a_journal_is_private_and_synced_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: (synced.append(os.fstat(descriptor).st_size), sync(descriptor))
    )
    journal = opened(tmp_path / "j")
    journal.begin(VariantKey("a", 0), 0, Attempt("n", NOW, "g"))
    assert synced[-1] == (tmp_path / "j").stat().st_size
    assert len(synced) == 3  # the first line, the folder, the variant
    assert (tmp_path / "j").stat().st_mode & 0o077 == 0
    journal.close()


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")
def test_a_journal_that_another_user_could_have_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "shared" / "j")
    content = path.read_bytes()
    path.parent.chmod(0o1777)
    opened(path).close()
    path.parent.chmod(0o777)
    for name in ("j", "new"):
        with pytest.raises(ConfigurationError, match=r"All users can write to the folder .*chmod o-w"):
            opened(path.parent / name)
    assert [each.name for each in path.parent.iterdir()] == ["j"]
    path.parent.chmod(0o755)
    with monkeypatch.context() as patch:
        owned_by(patch, path, 4711)
        with pytest.raises(ConfigurationError, match=r"belongs to another user \(id 4711\).*chown \d+ "):
            opened(path)
    assert path.read_bytes() == content
    opened(path).close()


@given(cut=st.integers(0, 10_000))
@settings(max_examples=60)
def test_dying_at_any_byte_loses_only_that_line(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("j") / "map.jsonl"
    content = written(path).read_bytes()
    cut %= len(content) + 1
    path.write_bytes(content[:cut])
    whole = content[: content.rfind(b"\n", 0, cut) + 1]
    journal = opened(path)
    assert journal.removed_bytes == cut - len(whole)
    journal.begin(VariantKey("z", 0), 9, Attempt("last", NOW, "g"))
    journal.close()
    assert path.read_bytes().startswith(whole)
    again = opened(path)
    assert again.take("z")[1] is not None
    lines = whole.splitlines()[1:]
    for variant, count in {"a": 1, "b": 2, "c": 1}.items():
        begun = sum(json.loads(line).get("variant") == variant for line in lines)
        assert sum(again.take(variant)[1] is not None for _ in range(count)) == min(begun, count)
    again.close()


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"\n",
        b"{",
        b'{"comfy_cloud_map"x',
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b'{"comfy_cloud": 1}\n',
        b"[]\n",
        bytes(20),
    ],
)
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "precious"
    path.write_bytes(content)
    if content == b"{":  # may be the first byte of a journal
        opened(path).close()
        return
    with pytest.raises(
        ConfigurationError, match=r"not the journal of a map.*or of a file that does not exist yet"
    ):
        opened(path)
    assert path.read_bytes() == content


def damaged(content: bytes, number: int, line: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    lines[number - 1] = line + b"\n"
    return b"".join(lines)


BEGIN = {
    "begin": "n",
    "variant": "v",
    "occurrence": 0,
    "index": 0,
    "graph": "g",
    "seeds": {},
    "at": NOW.isoformat(),
}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"garbage",
        b"[]",
        bytes(30),
        b'{"of":"n0"}',
        b'{"job":"x","of":"nobody"}',
        b'{"job":7,"of":"n0"}',
        b'{"end":"levitated","of":"n0"}',
        b'{"job":"x"}',
        *(
            json.dumps({**BEGIN, **wrong}).encode()
            for wrong in (
                {"begin": 1},
                {"variant": ""},
                {"occurrence": "0"},
                {"occurrence": True},
                {"graph": None},
                {"seeds": []},
                {"seeds": {"3.seed": "x"}},
                {"at": "some day"},
                {"server_at": "some day"},
                {"server_at": 7},
            )
        ),
    ],
)
def test_a_damaged_line_in_the_middle_is_refused(tmp_path: Path, line: bytes) -> None:
    path = written(tmp_path / "j")
    content = damaged(path.read_bytes(), 3, line)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"Line 3 of the journal .* is damaged.*new path"):
        opened(path)
    assert path.read_bytes() == content


def test_another_workflow_server_or_version_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "j")
    with pytest.raises(ConfigurationError, match=r"another workflow.*new path"):
        opened(path, workflow="other")
    with pytest.raises(ConfigurationError, match=r"belongs to https://s, and this client to https://t"):
        opened(path, server="https://t")
    path.write_bytes(path.read_bytes().replace(b'{"comfy_cloud_map":1', b'{"comfy_cloud_map":2'))
    with pytest.raises(ConfigurationError, match=r"version 2.*reads version 1"):
        opened(path)


def test_paths_that_cannot_be_used(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "j"):
        with pytest.raises(ConfigurationError, match="Cannot open the journal"):
            opened(path)
    assert not (tmp_path / "nowhere").exists()


# One process at a time

HOLD = """
import sys
from datetime import UTC, datetime
from comfy_cloud._submission.journal import Journal
journal = Journal.open(sys.argv[1], workflow="w", server="https://s", now=datetime.now(UTC))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConfigurationError, match=r"in use.*another path"):
            opened(path)
        holder.kill()
    opened(path).close()


def test_a_second_map_of_the_same_process_is_refused(tmp_path: Path) -> None:
    first = opened(tmp_path / "j")
    with pytest.raises(ConfigurationError, match="in use"):
        opened(tmp_path / "j")
    first.close()
    first.close()
    opened(tmp_path / "j").close()


def test_a_refused_journal_is_not_held(tmp_path: Path) -> None:
    path = written(tmp_path / "j")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="another workflow"):
            opened(path, workflow="other")


def test_a_file_that_cannot_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(
        ConfigurationError, match=r"Cannot lock the journal .*: No locks available.*local disk"
    ):
        opened(tmp_path / "j")


# A disk that fails


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_full_disk_leaves_no_incomplete_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "j"
    journal = opened(path)
    before = path.read_bytes()
    write = os.write
    parts = iter([5])

    def full(descriptor: int, data: bytes = b"") -> int:
        part = next(parts, None) if failing == "write" else None
        if part is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[:part])

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, full)
        with pytest.raises(
            ConfigurationError,
            match=r"Cannot write to the journal .*: No space left.*Nothing more is submitted",
        ):
            journal.begin(VariantKey("a", 0), 0, Attempt("n", NOW, "g"))
    assert path.read_bytes() == before
    journal.begin(VariantKey("a", 0), 0, Attempt("n", NOW, "g"))
    journal.close()
    assert opened(path).take("a")[1] == Attempt("n", NOW, "g")


def test_a_disk_on_which_nothing_can_be_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j"
    journal = opened(path)

    def fail(*arguments: Any) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        patch.setattr(os, "ftruncate", fail)
        with pytest.raises(ConfigurationError, match="Cannot write to the journal"):
            journal.accepted("n", "job")
    journal.close()


@pytest.mark.parametrize("step", ["write", "fsync"])
@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_a_line_that_ctrl_c_interrupts_damages_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    journal = opened(written(tmp_path / "map.jsonl"))
    complete = (tmp_path / "map.jsonl").read_bytes()
    real = getattr(os, step)

    def interrupted(descriptor: int, *content: Any) -> int:
        if when == "within":
            real(descriptor, *[each[:9] for each in content])
        elif when == "after":
            real(descriptor, *content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.accepted("n2", "job-2")
    journal.ended("n1", "cancelled")  # what a map does after Ctrl-C
    journal.close()
    content = (tmp_path / "map.jsonl").read_bytes()
    assert content.startswith(complete)
    assert content[len(complete) :].count(b"\n") == 1
    again = opened(tmp_path / "map.jsonl")
    assert again.removed_bytes == 0
    attempt = again.take("b")[1]
    assert attempt is not None
    assert attempt.end == "cancelled"
    again.close()
