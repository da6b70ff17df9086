"""What responses mean for a download that may be a continuation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._files.byte_ranges import (
    EXPIRED_URL_STATUSES,
    ContentInfo,
    PassedOn,
    content_info,
    range_headers,
)

OLD_DATE = "Mon, 23 Nov 2026 12:00:00 GMT"
NEW_DATE = "Mon, 23 Nov 2026 13:00:00 GMT"


def test_a_whole_file() -> None:
    headers = {"content-length": "10", "etag": '"a"', "content-type": "Image/PNG; charset=x"}
    assert content_info(200, headers, 4) == ContentInfo(0, 10, '"a"', "image/png")
    assert content_info(200, {}, 0) == ContentInfo(0, None, None, None)


def test_a_part_of_unknown_length_is_not_the_whole_file() -> None:
    assert content_info(206, {"content-range": "bytes 0-99/*"}, 0) is None
    assert content_info(206, {"content-range": "bytes 0-99/200"}, 0) is not None


def test_a_part_begins_where_it_was_asked_to() -> None:
    headers = {"content-range": "bytes 4-9/10", "etag": '"a"'}
    assert content_info(206, headers, 4) == ContentInfo(4, 10, '"a"', None)
    assert content_info(206, {"content-range": "bytes 4-9/*"}, 4) == ContentInfo(4, None, None, None)
    assert content_info(206, headers, 5) is None


@pytest.mark.parametrize("text", ["", "bytes */10", "bytes 4-3/10", "items 4-9/10", "bytes 4-9", "4-9/10"])
def test_parts_that_cannot_be_placed(text: str) -> None:
    assert content_info(206, {"content-range": text}, 4) is None


def test_an_encoded_body_cannot_be_measured() -> None:
    headers = {"content-encoding": "gzip", "content-length": "10", "etag": '"a"'}
    assert content_info(200, headers, 0) == ContentInfo(0, None, None, None, is_encoded=True)
    assert content_info(206, {**headers, "content-range": "bytes 0-9/10"}, 0) is None


@pytest.mark.parametrize("etag", ['W/"a"', 'w/"a"', "a", '"a', 'a"', '"a b"', '"a"b"', '"ā"', '"a", "b"'])
def test_an_etag_that_is_weak_or_malformed_is_no_strong_validator(etag: str) -> None:
    headers = {"etag": etag, "last-modified": OLD_DATE, "date": NEW_DATE}  # the date does not stand in
    found = content_info(200, headers, 0)
    assert found == ContentInfo(0, None, None, None)
    assert range_headers(5, found) == []


@pytest.mark.parametrize(
    ("modified", "date", "is_strong"),
    [
        ("Mon, 23 Nov 2026 12:00:00 GMT", "Mon, 23 Nov 2026 12:01:00 GMT", True),
        ("Mon, 23 Nov 2026 12:00:00 GMT", "Mon, 23 Nov 2026 12:00:59 GMT", False),
        ("Mon, 23 Nov 2026 12:00:00 GMT", "Mon, 23 Nov 2026 11:00:00 GMT", False),
        ("Mon, 23 Nov 2026 12:00:00 GMT", "", False),
        ("", "Mon, 23 Nov 2026 12:01:00 GMT", False),
        ("yesterday", "Mon, 23 Nov 2026 12:01:00 GMT", False),
        ("Mon, 23 Nov 2026 12:00:00 -0000", "Mon, 23 Nov 2026 12:01:00 GMT", False),
        ("Mon, 99 Nov 2026 12:00:00 GMT", "Mon, 23 Nov 2026 12:01:00 GMT", False),
    ],
)
def test_a_date_is_strong_if_the_response_is_a_minute_younger(
    modified: str, date: str, is_strong: bool
) -> None:
    found = content_info(200, {"last-modified": modified, "date": date}, 0)
    assert found == ContentInfo(0, None, modified if is_strong else None, None)


def test_other_statuses_carry_nothing() -> None:
    assert content_info(204, {}, 0) is None
    assert content_info(304, {}, 0) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 410, 416, 429, 500])
def test_which_statuses_mean_that_a_signed_url_has_expired(status: int) -> None:
    assert (status in EXPIRED_URL_STATUSES) == (status in (400, 401, 403, 410))


def test_the_same_file() -> None:
    one = ContentInfo(0, 10, '"a"', None)
    assert one.continues(ContentInfo(4, 10, '"a"', None))
    assert not one.continues(ContentInfo(4, 10, '"b"', None))
    assert not one.continues(ContentInfo(4, 11, '"a"', None))
    assert not ContentInfo(0, None, '"a"', None).continues(ContentInfo(0, None, '"a"', None))
    assert ContentInfo(4, 10, '"a"', None).continues(ContentInfo(0, None, '"a"', None))
    nameless = ContentInfo(0, 10, None, None)
    assert not nameless.continues(nameless)


def test_what_a_hash_may_prove_to_be_the_same_file() -> None:
    one = ContentInfo(0, 10, None, None, etag='W/"1"', modified=OLD_DATE)
    for same in (one, ContentInfo(4, None, None, None), ContentInfo(4, 10, None, None, etag='W/"1"')):
        assert same.may_continue(one)
        assert one.may_continue(same)
    for other in (
        ContentInfo(4, 11, None, None),
        ContentInfo(4, 10, None, None, etag='W/"2"'),
        ContentInfo(4, 10, None, None, modified=NEW_DATE),
    ):
        assert not other.may_continue(one)


def test_ranges() -> None:
    assert range_headers(0, None) == []
    assert range_headers(5, None) == []
    strong = [(b"Range", b"bytes=5-"), (b"If-Range", b'"a"')]
    assert range_headers(5, ContentInfo(0, 10, '"a"', None)) == strong
    assert range_headers(5, ContentInfo(0, 10, '"a"', None), is_proved=True) == strong
    assert range_headers(5, ContentInfo(0, 10, None, None)) == []
    assert range_headers(5, ContentInfo(0, 10, None, None), is_proved=True) == strong[:1]


@given(
    st.binary(max_size=40), st.binary(max_size=40), st.lists(st.integers(1, 40)), st.lists(st.integers(1, 40))
)
def test_what_is_passed_on_is_compared_with_the_next_response(
    one: bytes, other: bytes, cuts: list[int], cuts_of_other: list[int]
) -> None:
    passed_on = PassedOn()
    for offset, chunk in chunks(one, cuts):
        assert passed_on.feed(offset, chunk)
    for content in (one, other):
        is_same = all(passed_on.feed(*each) for each in chunks(content, cuts_of_other))
        if len(content) >= len(one):  # a shorter one never gets to the point where it is compared
            assert is_same == content.startswith(one)


def chunks(content: bytes, cuts: list[int]) -> list[tuple[int, bytes]]:
    bounds = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    return [(start, content[start:end]) for start, end in pairwise(bounds)]


@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(
            ["content-range", "content-length", "content-encoding", "etag", "content-type", "last-modified"]
        ),
        st.text(),
    ),
    st.integers(0, 100),
)
def test_no_header_raises(status: int, headers: dict[str, str], position: int) -> None:
    found = content_info(status, headers, position)
    assert found is None or found.offset in (0, position)
    range_headers(position, found)
