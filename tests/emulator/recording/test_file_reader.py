"""Files that are not recordings, or that somebody made to do harm, are refused with a reason."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from comfy_cloud_emulator import RecordingRefused, Replay
from comfy_cloud_emulator.recording import file_reading
from comfy_cloud_emulator.recording.file_reading import RecordingFile

HEAD = {"format": "comfy-cloud recording", "version": 1}
GOOD = {"after": 0, "method": "GET", "path": "/api/features", "status": 200, "response": {"json": {}}}
BODY = b"x" * 5000
DIGEST = sha256(BODY).hexdigest()


def write(path: Path, head: object = HEAD, lines: object = (GOOD,), **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if lines is not None:
            text = lines if isinstance(lines, str) else "\n".join(map(json.dumps, lines))  # type: ignore[call-overload]
            archive.writestr("records.jsonl", text)
        if head is not None:
            archive.writestr("recording.json", head if isinstance(head, str) else json.dumps(head))
    return path


def test_a_good_one_is_read(path: Path) -> None:
    line = {**GOOD, "response": {"file": DIGEST, "size": len(BODY)}}
    with RecordingFile(write(path, lines=[line], **{f"bodies/{DIGEST}": BODY})) as found:
        assert found.content(found.records[0].response) == BODY  # type: ignore[union-attr]
        assert b"".join(found.chunks(found.records[0].response, 4990, 5)) == b"xxxxx"  # type: ignore[union-attr]


def encrypted(path: Path) -> Path:
    """The file with the mark of encrypted members, in their heads and in the directory."""
    content = bytearray(write(path).read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(signature, at + 1)
    path.write_bytes(content)
    return path


def member(name: str) -> Callable[[Path], Path]:
    return lambda path: write(path, **{name: b"x"})


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"not a zip") and path, "is not a ZIP file"),
        (lambda path: path.write_bytes(b"") or path, "is not a ZIP file"),
        (lambda path: write(path, head=None), "it has no recording.json"),
        (lambda path: write(path, lines=None), "it has no records.jsonl"),
        (lambda path: write(path, head={**HEAD, "version": 2}), "of version 2.*reads version 1"),
        (lambda path: write(path, head={**HEAD, "version": "1"}), "of version unknown"),
        (lambda path: write(path, head={**HEAD, "version": True}), "of version unknown"),
        (lambda path: write(path, head={"version": 1}), "does not say that it is one"),
        (lambda path: write(path, head="[" * 100_000), "recording.json has more than"),
        (lambda path: write(path, head="[" * 1000 + "]" * 1000), "nested too deeply"),
        (encrypted, "is encrypted, or compressed in an unusual way"),
        (member("../../etc/passwd"), "which no recording has"),
        (member("/etc/passwd"), "which no recording has"),
        (member("bodies/..%2fx"), "which no recording has"),
        (member("bodies/" + "A" * 64), "which no recording has"),
        (lambda path: write(path, lines="no json"), "line 1 of records.jsonl is not JSON"),
        (lambda path: write(path, lines='{"a":' * 300 + "1" + "}" * 300), "nested too deeply"),
        (lambda path: write(path, lines=" " * (2 << 20)), "longer than"),
        (lambda path: write(path, lines=[GOOD, []]), "line 2 of records.jsonl is not a JSON object"),
        (lambda path: write(path, lines=[{**GOOD, "method": "G E T"}]), "not one of HTTP"),
        (lambda path: write(path, lines=[{**GOOD, "status": 42}]), "status"),
        (lambda path: write(path, lines=[{**GOOD, "status": True}]), "status"),
        (lambda path: write(path, lines=[{**GOOD, "after": -1}]), 'no number "after"'),
        (lambda path: write(path, lines=[{**GOOD, "headers": [["a", "b\r\nx: y"]]}]), "header"),
        (lambda path: write(path, lines=[{**GOOD, "headers": [["a b", "c"]]}]), "header"),
        (lambda path: write(path, lines=[{**GOOD, "response": {"file": "../../etc/passwd"}}]), "SHA-256"),
        (lambda path: write(path, lines=[{**GOOD, "response": {"file": DIGEST}}]), "is missing"),
        (lambda path: write(path, lines=[{**GOOD, "query": [["a"]]}]), "pairs of texts"),
        (lambda path: write(path, lines=[{"after": 0, "socket": 1, "by": "nobody"}]), '"by"'),
        (lambda path: write(path, lines=[{"after": 0, "socket": 1, "by": "server"}]), "neither"),
        (
            lambda path: write(path, lines=[{"after": 0, "socket": 1, "by": "server", "closed": 7}]),
            "code of a websocket",
        ),
    ],
)
def test_anything_else_is_refused(make: Callable[[Path], Path], reason: str, path: Path) -> None:
    with pytest.raises(RecordingRefused, match=reason) as refused:
        Replay(make(path))
    assert str(path) in str(refused.value)


def test_a_body_with_another_size_than_its_line_says(path: Path) -> None:
    line = {**GOOD, "response": {"file": DIGEST, "size": 7}}
    with pytest.raises(RecordingRefused, match="does not have the size"):
        RecordingFile(write(path, lines=[line], **{f"bodies/{DIGEST}": BODY}))


def test_a_name_that_is_there_twice(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("recording.json", json.dumps(HEAD))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("recording.json", json.dumps(HEAD))
    with pytest.raises(RecordingRefused, match="twice"):
        RecordingFile(path)


def test_bounds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {**GOOD, "response": {"file": DIGEST, "size": len(BODY), "addresses": True}}
    write(path, lines=[line], **{f"bodies/{DIGEST}": BODY})
    with RecordingFile(path) as found:
        monkeypatch.setattr(file_reading, "LARGEST_LOADED", 100)
        with pytest.raises(RecordingRefused, match="too large"):
            found.content(found.records[0].response)  # type: ignore[union-attr]
    monkeypatch.setattr(file_reading, "LARGEST_RECORDS", 10)
    with pytest.raises(RecordingRefused, match=r"records\.jsonl has more than 10 bytes"):
        RecordingFile(path)
    monkeypatch.setattr(file_reading, "MOST_MEMBERS", 2)
    with pytest.raises(RecordingRefused, match="more than 2 files"):
        RecordingFile(path)


@pytest.mark.parametrize(
    "more",
    [
        {"query": [["", ""]] * 10},
        {"parts": [[0, 0]] * 10},
        {"request": {"json": [[]] * 10}},
        {"request": {"file": DIGEST, "size": len(BODY)}},
    ],
)
def test_values_are_counted(more: dict[str, object], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of a few bytes takes much memory when it is repeated."""
    monkeypatch.setattr(file_reading, "MOST_VALUES", 50)
    write(path, lines=[GOOD] * 10, **{f"bodies/{DIGEST}": b"[" * len(BODY)})
    Replay(path).stop()
    write(path, lines=[{**GOOD, **more}] * 10, **{f"bodies/{DIGEST}": b"[" * len(BODY)})
    with pytest.raises(RecordingRefused, match="more than 50 arrays and objects"):
        Replay(path)


def test_the_bytes_of_requests_are_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many requests may have the same body."""
    line = {**GOOD, "method": "POST", "request": {"file": DIGEST, "size": len(BODY)}}
    write(path, lines=[line] * 10, **{f"bodies/{DIGEST}": BODY})
    Replay(path).stop()
    monkeypatch.setattr(file_reading, "LARGEST_RECORDS", 9 * len(BODY))
    with pytest.raises(RecordingRefused, match="its requests have more than"):
        Replay(path)


def test_a_bomb_is_not_unpacked(path: Path) -> None:
    """It is only read where it is asked for, and as a whole only up to a bound."""
    size = (1 << 26) + (1 << 22)
    line = {**GOOD, "response": {"file": DIGEST, "size": size}}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(f"bodies/{DIGEST}", "w") as bomb:
            for _ in range(size >> 22):
                bomb.write(bytes(1 << 22))
        archive.writestr("records.jsonl", json.dumps(line))
        archive.writestr("recording.json", json.dumps(HEAD))
    with RecordingFile(path) as found:
        first = next(found.chunks(found.records[0].response, 0, size))  # type: ignore[union-attr]
        assert len(first) <= 1 << 18
        with pytest.raises(RecordingRefused, match="too large"):
            found.content(found.records[0].response)  # type: ignore[union-attr]


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_damage_is_refused_or_harmless(place: float, path: Path) -> None:
    line = {**GOOD, "response": {"file": DIGEST, "size": len(BODY)}}
    content = bytearray(write(path, lines=[line], **{f"bodies/{DIGEST}": BODY}).read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    path.write_bytes(content)
    try:
        with RecordingFile(path) as found:
            for record in found.records:
                found.content(record.response)  # type: ignore[union-attr]
    except RecordingRefused:
        return


def test_a_missing_file_is_a_missing_file(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Replay(path)
