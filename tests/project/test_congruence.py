"""The check against a real ComfyUI: what counts as explained. No server is needed here."""

from __future__ import annotations

from tests.live import explained


def test_only_unexplained_differences_count() -> None:
    lines = [
        "GET /api/extensions: .body: ours [], theirs ['text']",
        "GET /api/users: .body.migrated: ours True, theirs False",
        "GET /api/users: .body.migrated: ours True, theirs None",
        "GET /api/queue: .status: ours 200, theirs 500",
    ]
    unexplained, known, unused = explained.sorted_out(lines)
    assert unexplained == lines[2:]
    assert [line.partition("): ")[2] for line in known] == lines[:2]
    assert all(line.startswith("environment (") for line in known)
    assert not any("extensions" in line for line in unused)


def test_explanations_that_did_not_occur_are_reported() -> None:
    unexplained, known, unused = explained.sorted_out([])
    assert (unexplained, known) == ([], [])
    expected = [each for each in explained.EXPLAINED if not each.is_occasional]
    assert expected
    assert len(unused) == len(expected)
    assert all(each.pattern in line for each, line in zip(expected, unused, strict=True))
